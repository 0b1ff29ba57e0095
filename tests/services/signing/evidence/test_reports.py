"""The verdict of a report, with authorities that answer or don't."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core, crl, ocsp, tsp, x509
from fastapi import Request, Response
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from deploy.local.people.pki import UNTIL, Credential, Pki
from services.signing.domain.report.verdict import judge
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.inspection import Inspection, inspect
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.long_term.time_stamp import insert_time_stamp
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.worker_tasks import SignedPdf
from tests.services.signing.changes import Change
from tests.services.signing.evidence.conftest import AT, MakeSigner, sign, with_own_lists
from tests.services.signing.evidence.responders import STAMPING, Answer, Responders, saying
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed_elsewhere, updated

LATER = AT + timedelta(hours=1)
NEXT_DAY = AT + timedelta(days=1)


def inspector(signer: DeferredSigner) -> Inspector:
    return Inspector(signer.workers, signer.current_policy, signer.evidence)


def said(found: Inspection) -> str:
    (facts,) = found.signatures
    return f"{judge(facts)} {facts.level}"


async def test_signature_with_its_proof_asks_nobody(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    signed = await sign(make_signer(), office_with_responder)
    responders.asked.clear()
    found = await inspector(make_signer()).inspect(signed.pdf, LATER)
    assert said(found) == "TOTAL_PASSED PAdES-BASELINE-LT"
    assert not responders.asked
    source = found.signatures[0].revocation.source
    assert source is not None
    assert (source.kind, source.place) == ("ocsp", "file")


async def test_own_file_is_judged_as_of_its_newest_signature(
    make_signer: MakeSigner, office_with_responder: Credential
) -> None:
    signed = await sign(make_signer(), office_with_responder)
    found = await inspector(make_signer()).inspect(signed.pdf, None)
    assert (found.moment, said(found)) == (AT, "TOTAL_PASSED PAdES-BASELINE-LT")


async def test_time_stamp_counts_until_its_maker_is_known_to_be_revoked(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, office_with_responder: Credential
) -> None:
    signed = await sign(make_signer(), office_with_responder)
    assert responders.stamping is not None
    trust = make_signer().current_policy().trust
    maker = responders.stamping.certificate.serial_number
    listed = RevocationAnswer("crl", "http://ca", own_pki.issuing.revocations({maker}, (AT, UNTIL)))
    for answers, valid in (((), True), ((listed,), False)):
        (facts,) = (await inspect(signed.pdf, replace(trust, answers=answers), LATER)).signatures
        assert facts.time_stamp is not None
        assert facts.time_stamp.valid is valid


@pytest.mark.parametrize(
    ("revoked", "silent", "verdict"),
    [
        (False, False, "TOTAL_PASSED"),
        (True, False, "INDETERMINATE REVOKED_NO_POE"),
        (False, True, "INDETERMINATE TRY_LATER"),
    ],
)
async def test_signature_without_proof_asks(
    make_signer: MakeSigner,
    responders: Responders,
    office_with_responder: Credential,
    revoked: bool,
    silent: bool,
    verdict: str,
) -> None:
    signed = await sign(make_signer(stamps=False), office_with_responder)
    if revoked:
        responders.revoked.add(office_with_responder.certificate.serial_number)
    if silent:
        responders.ocsp = responders.crl = saying(b"", 500)
    responders.asked.clear()
    responders.moment = LATER
    found = await inspector(make_signer(stamps=False)).inspect(signed.pdf, LATER)
    assert said(found) == f"{verdict} PAdES-BASELINE-B"
    assert responders.asked["ocsp"] == 1
    if not silent:
        source = found.signatures[0].revocation.source
        assert source is not None
        assert (source.kind, source.place) == ("ocsp", "authority")


def time_stamped(signed: SignedPdf, responders: Responders) -> bytes:
    """The file with a time stamp of the responders' present on its signature, and no other proof."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": signed.digest}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    response = tsp.TimeStampResp.load(responders.time_stamp(request.dump()))
    return insert_time_stamp(signed.pdf, "office", response["time_stamp_token"].dump())


@pytest.mark.parametrize(("stamped", "judged_at", "level"), [(False, AT, "B"), (True, NEXT_DAY, "T")])
@pytest.mark.parametrize(
    ("revoked_at", "genuine", "verdict"),
    [
        (AT - timedelta(hours=1), True, "INDETERMINATE REVOKED_NO_POE"),
        (LATER, True, "TOTAL_PASSED"),
        (LATER, False, "INDETERMINATE TRY_LATER"),
    ],
)
async def test_responder_says_since_when_it_is_revoked(
    make_signer: MakeSigner,
    responders: Responders,
    stamped: bool,
    judged_at: datetime,
    level: str,
    revoked_at: datetime,
    genuine: bool,
    verdict: str,
) -> None:
    """One that was revoked after the signature was good for it, as on a list, if its authority says so."""
    who = responders.issue("revoked-later", lists=False)
    signed = await sign(make_signer(stamps=False), who)
    pdf = time_stamped(signed, responders) if stamped else signed.pdf
    responders.revoked.add(who.certificate.serial_number)
    responders.revoked_at, responders.moment = revoked_at, NEXT_DAY
    if not genuine:
        responders.ocsp = spoiling(responders, who)
    found = await inspector(make_signer()).inspect(pdf, judged_at)
    assert said(found) == f"{verdict} PAdES-BASELINE-{level}"
    source = found.signatures[0].revocation.source
    assert (source.place if source else None) == ("authority" if genuine else None)


def spoiling(responders: Responders, about: Credential) -> Answer:
    """Spoils the signature of what the responder says of this certificate."""

    async def answer(request: Request, body: bytes) -> Response:
        honest = responders.ocsp_response(body)
        (asked,) = ocsp.OCSPRequest.load(body)["tbs_request"]["request_list"]
        is_about = asked["req_cert"]["serial_number"].native == about.certificate.serial_number
        return Response(honest[:-1] + b"\0" if is_about else honest)

    return answer


@pytest.mark.parametrize(("stamped", "level"), [(False, "B"), (True, "T")])
async def test_forged_response_in_the_file_proves_nothing(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, tmp_path: Path, stamped: bool, level: str
) -> None:
    """Guards against: whoever puts a response into the file keeps the report from asking the authority, while
    our own lists don't know yet that the certificate is revoked."""
    who = responders.issue("forged-in-file", lists=False)
    maker = responders.issue("maker-of-stamps", kind="rsa2048", purposes=STAMPING) if stamped else None
    honest, forged = responders.ocsp_response, list[bytes]()

    async def note(request: Request, body: bytes) -> Response:
        forged.append(honest(body)[:-1] + b"\0")
        return Response(honest(body))

    responders.ocsp = note
    await make_signer(stamps=False).check(who.chain, AT)

    def add(writer: IncrementalPdfFileWriter) -> None:
        DocumentSecurityStore.supply_dss_in_writer(writer, None, ocsps=map(ocsp.OCSPResponse.load, forged))

    pdf = updated(await signed_elsewhere(issued(), who, authority=maker), add)
    responders.revoked.add(who.certificate.serial_number)
    signer = with_own_lists(make_signer(stamps=False), own_pki, tmp_path)
    found = await inspector(signer).inspect(pdf, AT)
    assert said(found) == f"INDETERMINATE REVOKED_NO_POE PAdES-BASELINE-{level}"
    source = found.signatures[0].revocation.source
    assert source is not None
    assert source.place == "authority"


@pytest.mark.parametrize(("stamped", "level"), [(False, "B"), (True, "LT")])
@pytest.mark.parametrize(
    ("knows", "verdict"),
    [
        ("ocsp authority", "INDETERMINATE REVOKED_NO_POE"),
        ("crl authority", "INDETERMINATE REVOKED_NO_POE"),
        ("crl service", "INDETERMINATE REVOKED_NO_POE"),
        ("ocsp file", "TOTAL_PASSED"),
    ],
)
async def test_earlier_response_in_the_file_hides_no_revocation(
    make_signer: MakeSigner,
    responders: Responders,
    own_pki: Pki,
    tmp_path: Path,
    stamped: bool,
    level: str,
    knows: str,
    verdict: str,
) -> None:
    """Guards against: the holder keeps a genuine response of before the revocation, and puts it into the file
    that is signed, or stamped, after it. If nobody tells, that response counts."""
    who, at, kept = responders.issue("kept-earlier"), AT + timedelta(minutes=8), noting(responders)
    signed = await sign(make_signer(stamps=False), who)
    responders.moment = at
    pdf = time_stamped(signed, responders) if stamped else signed.pdf
    if stamped and responders.stamping:
        await make_signer().ask((responders.stamping.chain,), at)
    pdf = updated(pdf, keeping(kept, own_pki))
    responders.revoked.add(who.certificate.serial_number)
    responders.revoked_at = AT + timedelta(minutes=1)
    listed, signer = own_pki.issuing.revocations(responders.revoked, (at, UNTIL)), make_signer()
    if knows != "ocsp authority":
        responders.ocsp = saying(b"", 500)
        responders.crl = saying(listed) if knows == "crl authority" else saying(b"", 500)
    if knows == "crl service":
        signer = with_own_lists(signer, own_pki, tmp_path)
        (tmp_path / "issuing.crl").write_bytes(listed)
    responders.asked.clear()
    found = await inspector(signer).inspect(pdf, at)
    assert said(found) == f"{verdict} PAdES-BASELINE-{level}"
    assert responders.asked["ocsp"] == 1 + stamped
    source = found.signatures[0].revocation.source
    assert source is not None
    assert f"{source.kind} {source.place}" == knows


async def test_answer_that_cannot_be_read_is_none(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    """Guards against: anybody on the way adds a certificate to an honest response, whose signature doesn't
    cover it, and the report says for good that the signature can't be read."""
    signed = await sign(make_signer(stamps=False), office_with_responder)
    odd = x509.Certificate.load(office_with_responder.chain[0])
    kind = {"type": "1.2.3.4", "value": core.Any(core.Integer(1))}
    odd["tbs_certificate"]["subject"].chosen[0][0] = x509.NameTypeAndValue(kind)

    async def answer(request: Request, body: bytes) -> Response:
        said = ocsp.OCSPResponse.load(responders.ocsp_response(body))
        basic = said["response_bytes"]["response"].parsed
        basic["certs"].append(x509.Certificate.load(odd.dump(force=True)))
        return Response(said.dump(force=True))

    responders.ocsp, responders.moment = answer, LATER
    found = await inspector(make_signer()).inspect(signed.pdf, LATER)
    assert said(found) == "INDETERMINATE TRY_LATER PAdES-BASELINE-B"


def noting(responders: Responders) -> list[bytes]:
    """What the responder will say, honestly."""
    said: list[bytes] = []

    async def note(request: Request, body: bytes) -> Response:
        said.append(responders.ocsp_response(body))
        return Response(said[-1])

    responders.ocsp = note
    return said


def keeping(responses: list[bytes], pki: Pki) -> Change:
    """Keeps responses in the file, and the root's list."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            ocsps=map(ocsp.OCSPResponse.load, responses),
            crls=[crl.CertificateList.load((pki.crls / "root.crl").read_bytes())],
        )

    return add


async def test_nobody_is_asked_on_the_word_of_a_stranger(
    make_signer: MakeSigner, responders: Responders
) -> None:
    stranger = responders.issue("report-stranger", by=responders.pki.stranger)
    responders.asked.clear()
    found = await inspector(make_signer()).inspect(await signed_elsewhere(issued(), stranger), LATER)
    assert said(found) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND PAdES-BASELINE-B"
    assert not responders.asked
