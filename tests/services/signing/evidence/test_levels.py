"""Signatures are B-LT where everything answers, and claim to be only then."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import tsp
from fastapi import Request, Response
from pyhanko.pdf_utils.reader import PdfFileReader

from deploy.local.people.pki import Credential, Pki
from services.signing.domain.level import SignatureLevel
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.verification import verify
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
from tests.services.signing.signer import signed

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
BAD_RESPONDERS: dict[str, Bend] = {
    "dies": lambda _: die,
    "hangs": lambda _: hang,
    "sends without end": lambda _: drip,
    "500": lambda _: saying(b"", 500),
    "html": lambda _: saying(b"<html>Sign in</html>"),
    "nothing": lambda _: saying(b""),
    "an error": lambda _: saying(bytes.fromhex("30030a0103")),
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
