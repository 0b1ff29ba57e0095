"""The verdict of a report, with authorities that answer or don't."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.local.people.pki import UNTIL, Credential, Pki
from services.signing.domain.report.verdict import judge
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.inspection import Inspection, inspect
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.revocation.answers import RevocationAnswer
from tests.services.signing.evidence.conftest import AT, MakeSigner, sign
from tests.services.signing.evidence.responders import Responders, saying
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed_elsewhere

LATER = AT + timedelta(hours=1)


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


async def test_nobody_is_asked_on_the_word_of_a_stranger(
    make_signer: MakeSigner, responders: Responders
) -> None:
    stranger = responders.issue("report-stranger", by=responders.pki.stranger)
    responders.asked.clear()
    found = await inspector(make_signer()).inspect(await signed_elsewhere(issued(), stranger), LATER)
    assert said(found) == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND PAdES-BASELINE-B"
    assert not responders.asked
