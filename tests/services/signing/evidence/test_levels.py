"""Signatures are B-LT where everything answers, and claim to be only then."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ExtendedKeyUsage, Extension, ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID
from fastapi import Request, Response
from pyhanko.pdf_utils.reader import PdfFileReader

from deploy.local.people.pki import Credential, Pki
from services.signing.domain.level import SignatureLevel
from services.signing.domain.report.verdict import judge
from services.signing.pades.inspection.inspection import inspect
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.verification import verify
from tests.services.signing import changes, forgeries
from tests.services.signing.evidence.conftest import AT, MakeSigner, sign
from tests.services.signing.evidence.judge import is_long_term
from tests.services.signing.evidence.responders import (
    STAMPING,
    Answer,
    Responders,
    die,
    drip,
    hang,
    leading_to,
    saying,
)
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere, updated

Bend = Callable[[Responders], Answer]


def other_nonce(responders: Responders) -> Answer:
    async def answer(request: Request, body: bytes) -> Response:
        asked = tsp.TimeStampReq.load(body)
        asked["nonce"] = 7
        return Response(responders.time_stamp(asked.dump(force=True)))

    return answer


def other_digest(responders: Responders) -> Answer:
    async def answer(request: Request, body: bytes) -> Response:
        asked = tsp.TimeStampReq.load(body)
        asked["message_imprint"]["hashed_message"] = bytes(32)
        return Response(responders.time_stamp(asked.dump(force=True)))

    return answer


def other_time(responders: Responders) -> Answer:
    async def answer(request: Request, body: bytes) -> Response:
        return Response(responders.time_stamp(body, AT - timedelta(hours=1)))

    return answer


def stranger(responders: Responders) -> Answer:
    responders.stamping = responders.issue("stranger-tsa", by=responders.pki.stranger, purposes=STAMPING)
    return responders.honest_tsa


def another_purpose(responders: Responders) -> Answer:
    responders.stamping = responders.issue("no-tsa")
    return responders.honest_tsa


def revoked_stamper(responders: Responders) -> Answer:
    responders.stamping = responders.issue("revoked-tsa", purposes=STAMPING)
    responders.revoked.add(responders.stamping.certificate.serial_number)
    return responders.honest_tsa


def unheard_stamper(responders: Responders) -> Answer:
    responders.stamping = responders.issue("unheard-tsa", purposes=STAMPING, responds=False, lists=False)
    return responders.honest_tsa


def old_stamp(responders: Responders) -> Answer:
    """The answer to an earlier request."""
    first: list[bytes] = [responders.time_stamp(tsp.TimeStampReq(_REQUEST).dump())]
    return saying(first[0])


_REQUEST = {
    "version": "v1",
    "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)},
    "cert_req": True,
}
BAD_STAMPERS: dict[str, Bend] = {
    "dies": lambda _: die,
    "hangs": lambda _: hang,
    "sends without end": lambda _: drip,
    "500": lambda _: saying(b"", 500),
    "html": lambda _: saying(b"<html>Sign in</html>"),
    "nothing": lambda _: saying(b""),
    "leads elsewhere": lambda r: leading_to(f"{r.url}/elsewhere"),
    "another nonce": other_nonce,
    "another digest": other_digest,
    "another time": other_time,
    "an old answer": old_stamp,
    "a stranger's": stranger,
    "for another purpose": another_purpose,
    "revoked": revoked_stamper,
    "nobody knows of it": unheard_stamper,
}


def odd_certificate_beside(responders: Responders) -> Answer:
    """The honest answer; somebody on the way has added a certificate."""

    async def answer(request: Request, body: bytes) -> Response:
        honest = responders.ocsp_response(body)
        return Response(forgeries.with_certificate(honest, forgeries.odd_certificate(_issuing(responders))))

    return answer


def _issuing(responders: Responders) -> bytes:
    return responders.pki.issuing.certificate.public_bytes(Encoding.DER)


BAD_RESPONDERS: dict[str, Bend] = {
    "dies": lambda _: die,
    "hangs": lambda _: hang,
    "sends without end": lambda _: drip,
    "500": lambda _: saying(b"", 500),
    "html": lambda _: saying(b"<html>Sign in</html>"),
    "nothing": lambda _: saying(b""),
    "an error": lambda _: saying(bytes.fromhex("30030a0103")),
    "with an odd certificate": odd_certificate_beside,
    "leads elsewhere": lambda r: leading_to(f"{r.url}/elsewhere"),
}


async def test_signature_is_long_term(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential, tmp_path: Path
) -> None:
    signer = make_signer()
    made = await sign(signer, office_with_responder)
    assert made.level is SignatureLevel.LONG_TERM
    assert made.verified.certificate.revocation == "good"
    assert await is_long_term(made.pdf, "office", responders.pki, AT)
    again = await verify(made.pdf, issued(), "office", signer.current_policy().trust, AT, old_padding=False)
    assert again.certificate.fingerprint == office_with_responder.fingerprint
    assert "Signature is Valid" in poppler_says(made.pdf, tmp_path / "signed.pdf")


def poppler_says(pdf: bytes, path: Path) -> str:
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=True, text=True).stdout


async def test_lists_are_asked_for_where_no_responder_answers(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    responders.ocsp = saying(b"", 503)
    made = await sign(make_signer(), office_with_responder)
    assert made.level is SignatureLevel.LONG_TERM
    assert await is_long_term(made.pdf, "office", responders.pki, AT)


async def test_without_an_authority_it_is_basic(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    made = await sign(make_signer(stamps=False), office_with_responder)
    assert (made.level, made.verified.certificate.revocation) == (SignatureLevel.BASIC, "good")
    assert not await is_long_term(made.pdf, "office", responders.pki, AT)
    assert responders.asked["tsa"] == 0


@pytest.mark.parametrize("bend", BAD_STAMPERS.values(), ids=BAD_STAMPERS)
async def test_time_stamps_that_prove_nothing(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential, bend: Bend
) -> None:
    """Signing goes on as B-B; where B-LT is demanded, it is refused with words."""
    responders.tsa = bend(responders)
    seconds = 2.0 if responders.tsa is hang else 20.0
    signer = make_signer(seconds=seconds)
    made = await sign(signer, office_with_responder)
    assert (made.level, made.verified.certificate.revocation) == (SignatureLevel.BASIC, "good")
    assert PdfFileReader(BytesIO(made.pdf)).xrefs.total_revisions == _issued_revisions() + 1
    assert responders.asked["elsewhere"] == 0
    with pytest.raises(Rejected) as refused:
        await sign(make_signer(seconds=seconds, require_long_term=True), office_with_responder)
    assert refused.value.reason is InvalidityReason.EVIDENCE_UNAVAILABLE


def _issued_revisions() -> int:
    return int(PdfFileReader(BytesIO(issued())).xrefs.total_revisions)


@pytest.mark.parametrize("bend", BAD_RESPONDERS.values(), ids=BAD_RESPONDERS)
async def test_responders_that_say_nothing(
    make_signer: MakeSigner, responders: Responders, bend: Bend
) -> None:
    """The signature is accepted with the warning that revocation is unknown; where the setting demands to
    know, it is refused."""
    responders.ocsp = responders.crl = bend(responders)
    who = responders.issue("unheard")
    made = await sign(make_signer(seconds=0.3), who)
    assert (made.level, made.verified.certificate.revocation) == (SignatureLevel.BASIC, "unknown")
    assert responders.asked["elsewhere"] == 0
    with pytest.raises(Rejected) as refused:
        await sign(make_signer(seconds=0.3, require_revocation=True), who)
    assert refused.value.reason is InvalidityReason.CERTIFICATE_UNCHECKED


@pytest.mark.parametrize("forge", [forgeries.double, forgeries.strange_double])
async def test_forged_authority_beside_an_answer_hides_nothing(
    make_signer: MakeSigner,
    responders: Responders,
    office_with_responder: Credential,
    forge: Callable[[bytes], bytes],
) -> None:
    """Guards against: whoever adds a certificate to an answer on the way keeps the office from signing."""

    async def answer(request: Request, body: bytes) -> Response:
        return Response(
            forgeries.with_certificate(responders.ocsp_response(body), forge(_issuing(responders)))
        )

    responders.ocsp = answer
    signer = make_signer()
    bare = replace(signer.current_policy(), trust=replace(signer.current_policy().trust, intermediates=()))
    made = await sign(replace(signer, current_policy=lambda: bare), office_with_responder)
    assert made.verified.certificate.fingerprint == office_with_responder.fingerprint


async def test_responder_of_a_stranger_counts_as_none(
    make_signer: MakeSigner, responders: Responders
) -> None:
    """Nobody but its authority can say that a certificate is good, or revoked."""
    who = responders.issue("lied-about", lists=False)
    responders.signing = responders.pki.stranger
    for revoked in (set(), {who.certificate.serial_number}):
        responders.revoked = revoked
        assert (await sign(make_signer(), who)).verified.certificate.revocation == "unknown"


@pytest.mark.parametrize("silent", [False, True], ids=["by the responder", "by the list"])
async def test_revoked_certificate_signs_nothing(
    make_signer: MakeSigner, responders: Responders, silent: bool
) -> None:
    who = responders.issue("revoked")
    responders.revoked.add(who.certificate.serial_number)
    responders.ocsp = saying(b"", 503) if silent else responders.honest_ocsp
    with pytest.raises(Rejected) as refused:
        await sign(make_signer(), who)
    assert refused.value.reason is InvalidityReason.CERTIFICATE_REVOKED


async def test_uploaded_signature_is_asked_about(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    uploaded = await signed(issued(), office_with_responder)
    signer = make_signer()
    (party,) = (await signer.judge_upload(uploaded, issued(), "office", AT)).signatures
    assert party.certificate.revocation == "good"
    responders.revoked.add(office_with_responder.certificate.serial_number)
    with pytest.raises(Rejected) as refused:
        await signer.judge_upload(uploaded, issued(), "office", AT)
    assert refused.value.reason is InvalidityReason.CERTIFICATE_REVOKED


def strays(responders: Responders) -> dict[str, list[bytes]]:
    """Certificates that a signer may put beside the own chain, and that prove nothing."""
    stranger = responders.pki.stranger
    ders = [responders.issue(f"stray-{n}", by=stranger).chain[0] for n in range(9)]
    names = [ObjectIdentifier(f"1.3.6.1.4.1.99999.{n}") for n in range(2000)]
    purposes = Extension(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, False, ExtendedKeyUsage(names))
    return {
        "many": ders,
        "a large one": [responders.issue("large", by=stranger, purposes=purposes).chain[0]],
        "a damaged one": [ders[0].replace(b"\x17\x0d", b"\x17\x0c", 1)],
    }


@pytest.mark.parametrize("kind", ["many", "a large one", "a damaged one"])
async def test_stray_certificates_keep_no_question_back(
    make_signer: MakeSigner, responders: Responders, kind: str
) -> None:
    """Guards against: the holder of a revoked certificate adds others, so that nobody is asked about it."""
    who = responders.issue("hides-among-others")
    responders.revoked.add(who.certificate.serial_number)
    crowd = replace(who, chain=(*who.chain, *strays(responders)[kind]))
    with pytest.raises(Rejected) as refused:
        await make_signer().judge_upload(await signed_elsewhere(issued(), crowd), issued(), "office", AT)
    assert refused.value.reason is InvalidityReason.CERTIFICATE_REVOKED
    assert responders.asked["ocsp"] == 1


async def test_second_signature_keeps_the_first_one_s_proof(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    """The office signs its contract, then the vendor seals it: both are B-LT."""
    signer, contract = make_signer(), issued("office", "vendor")
    first = await sign(signer, office_with_responder, contract)
    vendor = responders.issue("vendor-with-responder")
    both = await sign(signer, vendor, first.pdf, "vendor")
    assert (first.level, both.level) == (SignatureLevel.LONG_TERM, SignatureLevel.LONG_TERM)
    for field in ("office", "vendor"):
        assert await is_long_term(both.pdf, field, own_pki, AT)


HARMLESS: dict[str, tuple[str, forgeries.Forge]] = {
    "strange response": ("/OCSPs", forgeries.strange_response),
    "double": ("/Certs", lambda real: (forgeries.double(real),)),
    "strange double": ("/Certs", lambda real: (forgeries.strange_double(real),)),
}
SPOILERS = {**forgeries.UNUSABLE, **HARMLESS}


@pytest.mark.parametrize("kind", SPOILERS)
async def test_store_of_another_signer_spoils_nothing(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential, kind: str
) -> None:
    """Guards against: whoever signs first keeps the vendor's seal from being B-LT, or a report from seeing
    that it is."""
    (key, forge), office = SPOILERS[kind], office_with_responder
    vendor = responders.issue("vendor-after-spoiler")
    real = office.chain[1] if kind in ("double", "strange double") else vendor.chain[0]
    first = await signed_elsewhere(issued("office", "vendor"), office)
    spoilt = updated(first, changes.store_of(key, forge(real)))
    signer = make_signer()
    made = await sign(signer, vendor, spoilt, "vendor")
    assert made.level is SignatureLevel.LONG_TERM
    responders.asked.clear()
    trust = replace(signer.current_policy().trust, crls=None, intermediates=())
    seal = (await inspect(made.pdf, trust, AT)).signatures[-1]
    assert (str(judge(seal)), seal.level) == ("TOTAL_PASSED", "PAdES-BASELINE-LT")
    found = (await inspect(spoilt, replace(trust, crls=responders.pki.crls), AT)).signatures[-1]
    assert (found.readable, found.chain) == (True, "trusted")


async def test_many_entries_of_another_signer_hide_nothing(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    """Guards against: whoever signs first keeps a report from seeing that the vendor's seal is B-LT."""
    vendor = responders.issue("vendor-after-many", lists=False)
    first = await signed_elsewhere(issued("office", "vendor"), office_with_responder)
    crowded = updated(first, changes.store_of("/OCSPs", forgeries.strange_response(vendor.chain[0]), 200))
    made = await sign(make_signer(), vendor, crowded, "vendor")
    trust = replace(make_signer().current_policy().trust, crls=None)
    seal = (await inspect(made.pdf, trust, AT)).signatures[-1]
    assert (str(judge(seal)), seal.level) == ("TOTAL_PASSED", "PAdES-BASELINE-LT")
