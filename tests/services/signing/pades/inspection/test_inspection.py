"""What is found in files of all kinds, and the verdicts that follow from it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms, crl, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from deploy.local.people.pki import FROM, UNTIL, Credential, Holder, Pki
from services.signing.domain.report.facts import SignatureFacts
from services.signing.domain.report.verdict import judge
from services.signing.pades.inspection.inspection import Inspection, inspect
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.trust import TrustSettings
from tests.services.signing import changes
from tests.services.signing.evidence.responders import STAMPING
from tests.services.signing.paper import issued
from tests.services.signing.signer import AT, signed, signed_elsewhere, time_stamped, updated, with_content

NOW = AT + timedelta(days=1)
OLD = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
_EARLIER = datetime(2026, 1, 1, tzinfo=UTC)

Inspect = Callable[..., Awaitable[Inspection]]


@pytest.fixture
def look(trust: TrustSettings) -> Inspect:
    async def run(pdf: bytes, moment: datetime | None = NOW, **changed: Any) -> Inspection:
        return await inspect(pdf, replace(trust, **changed), moment)

    return run


@pytest.fixture(scope="module")
async def form(office: Credential) -> bytes:
    return await signed(issued(), office)


@pytest.fixture(scope="module")
def authority(pki: Pki) -> Credential:
    return pki.credential("inspection-tsa", Holder("TSA"), purposes=STAMPING)


@pytest.fixture(scope="module")
def expired(pki: Pki) -> Credential:
    return pki.credential("inspection-expired", Holder("Sở Cũ"), kind="p256", period=(FROM, _EARLIER))


def only(found: Inspection) -> SignatureFacts:
    (signature,) = found.signatures
    return signature


def said(found: Inspection) -> str:
    """The verdict and the level of the only signature."""
    return f"{judge(only(found))} {only(found).level}".strip()


def keep(pdf: bytes, pki: Pki, who: Credential) -> bytes:
    """`pdf` with the certificates and lists that prove the signature of `who`."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        lists = [crl.CertificateList.load(each.read_bytes()) for each in sorted(pki.crls.glob("*.crl"))]
        own = [x509.Certificate.load(der) for der in who.chain]
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=own, crls=lists)

    return updated(pdf, add)


async def test_signature_of_an_office(look: Inspect, form: bytes, office: Credential) -> None:
    found = await look(form)
    facts = only(found)
    assert said(found) == "TOTAL_PASSED PAdES-BASELINE-B"
    assert facts.certificate is not None
    assert facts.certificate.fingerprint == office.fingerprint
    assert facts.certificate.holder == "Sở Tài chính tỉnh Hà Giang"
    assert facts.certificate.authority == "Gia Han Local Issuing CA"
    assert facts.certificate.tax_codes == ("0101243150-001",)
    assert facts.certificate.scheme == "national"
    assert (facts.stated_at, facts.time_stamp, facts.changes, facts.coverage) == (AT, None, "none", "file")
    assert facts.revocation.source is not None
    assert (facts.revocation.source.kind, facts.revocation.source.place) == ("crl", "service")
    assert (found.pages, found.time_stamps) == (1, ())


async def test_file_without_a_signature(look: Inspect) -> None:
    assert (await look(issued())).signatures == ()


async def test_two_signers_in_their_order(look: Inspect, pki: Pki, form: bytes) -> None:
    person = pki.credential("inspection-person", Holder("Giám đốc", ("CCCD:001082000001",)), kind="p256")
    both = await signed_elsewhere(form, person, "more", place=SigFieldSpec("more"))
    first, second = (await look(both)).signatures
    assert (first.field, first.coverage, first.changes) == ("office", "revision", "signatures")
    assert (second.field, second.coverage, second.changes) == ("more", "file", "none")
    assert second.certificate is not None
    assert second.certificate.personal_codes == ("001082000001",)
    assert {str(judge(each)) for each in (first, second)} == {"TOTAL_PASSED"}


async def test_time_of_our_own_file_is_its_newest_signature_s(
    look: Inspect, office: Credential, pki: Pki
) -> None:
    """Whatever time the one before states."""
    vendor = pki.credential("inspection-vendor", Holder("Vendor"), kind="p256")
    first = await signed_elsewhere(issued("office", "vendor"), office, stated=AT + timedelta(days=900))
    assert (await look(await signed(first, vendor, "vendor"), None)).moment == AT


async def test_levels_grow_with_what_the_file_holds(
    look: Inspect, pki: Pki, office: Credential, authority: Credential
) -> None:
    stamped = await signed_elsewhere(issued(), office, authority=authority)
    assert said(await look(stamped)) == "TOTAL_PASSED PAdES-BASELINE-T"
    kept = keep(stamped, pki, office)
    found = await look(kept, crls=None)
    assert said(found) == "TOTAL_PASSED PAdES-BASELINE-LT"
    assert only(found).changes == "evidence"
    assert only(found).revocation.source is not None
    assert only(found).revocation.source.place == "file"  # type: ignore[union-attr]
    sealed = await look(await time_stamped(kept, authority), crls=None)
    assert said(sealed) == "TOTAL_PASSED PAdES-BASELINE-LTA"
    assert [(each.document, each.valid, each.authority) for each in sealed.time_stamps] == [
        (True, True, "TSA")
    ]


@pytest.mark.parametrize("key", ["/Certs", "/OCSPs", "/CRLs"])
async def test_damaged_evidence_proves_nothing_and_hides_nothing(
    look: Inspect, form: bytes, key: str
) -> None:
    assert said(await look(updated(form, changes.damaged_store(key)))) == "TOTAL_PASSED PAdES-BASELINE-B"


async def test_older_form_of_signature(look: Inspect, office: Credential) -> None:
    file = await signed_elsewhere(issued(), office, meta={"subfilter": OLD})
    assert said(await look(file)) == "TOTAL_PASSED PKCS7-B"


async def test_revoked(look: Inspect, pki: Pki, form: bytes, office: Credential) -> None:
    listed = pki.issuing.revocations({office.certificate.serial_number}, (FROM, UNTIL))
    found = await look(form, crls=None, answers=(*_root(pki), RevocationAnswer("crl", "http://ca", listed)))
    assert said(found) == "INDETERMINATE REVOKED_NO_POE PAdES-BASELINE-B"
    source = only(found).revocation.source
    assert source is not None
    assert (source.kind, source.place) == ("crl", "authority")


def _root(pki: Pki) -> tuple[RevocationAnswer, ...]:
    return (RevocationAnswer("crl", "http://root", (pki.crls / "root.crl").read_bytes()),)


async def test_nobody_tells_whether_it_is_revoked(look: Inspect, form: bytes) -> None:
    assert said(await look(form, crls=None)) == "INDETERMINATE TRY_LATER PAdES-BASELINE-B"


async def test_expired(look: Inspect, expired: Credential) -> None:
    found = await look(await signed_elsewhere(issued(), expired))
    assert said(found) == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED PAdES-BASELINE-B"


async def test_time_stamp_proves_that_it_was_not_expired(
    look: Inspect, pki: Pki, authority: Credential
) -> None:
    """The stamp is of the day on which the test runs, so the certificate ends a day later."""
    day = timedelta(days=1)
    now = datetime.now(UTC)  # noqa: TID251  (the tests' time stamper knows no other clock)
    ends = pki.credential("inspection-ends", Holder("Sở"), kind="p256", period=(FROM, now + day))
    file = await signed_elsewhere(issued(), ends, authority=authority)
    assert said(await look(file, now + 2 * day)) == "TOTAL_PASSED PAdES-BASELINE-T"


async def test_time_stamp_of_a_stranger_proves_nothing(look: Inspect, pki: Pki, expired: Credential) -> None:
    stranger = pki.credential("inspection-foreign-tsa", Holder("TSA"), purposes=STAMPING, trusted=False)
    found = await look(await signed_elsewhere(issued(), expired, authority=stranger))
    assert said(found) == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED PAdES-BASELINE-T"
    assert only(found).time_stamp is not None
    assert not only(found).time_stamp.valid  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ({"trusted": False}, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"),
        ({"kind": "rsa1024"}, "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ({"usages": ("key_encipherment",)}, "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE"),
        ({"purposes": STAMPING}, "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE"),
        ({"period": (NOW + timedelta(days=9), UNTIL)}, "TOTAL_FAILED NOT_YET_VALID"),
    ],
)
async def test_certificate_that_proves_nothing(
    look: Inspect, pki: Pki, kind: dict[str, Any], verdict: str
) -> None:
    who = pki.credential("inspection-odd", Holder("Sở"), **{"kind": "p256", **kind})
    assert said(await look(await signed_elsewhere(issued(), who))) == f"{verdict} PAdES-BASELINE-B"


async def test_content_was_altered(look: Inspect, form: bytes) -> None:
    altered = form.replace(b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 395", 1)
    assert altered != form
    assert said(await look(altered)) == "TOTAL_FAILED HASH_FAILURE PAdES-BASELINE-B"


async def test_value_was_altered(look: Inspect, form: bytes) -> None:
    def turn(signer: cms.SignerInfo, content: cms.SignedData) -> None:
        *value, last = signer["signature"].native
        signer["signature"] = bytes([*value, last ^ 1])

    assert said(await look(with_content(form, turn))) == "TOTAL_FAILED SIG_CRYPTO_FAILURE PAdES-BASELINE-B"


@pytest.mark.parametrize("change", [changes.overlay, changes.free_text, changes.open_action])
async def test_changed_after_signing(look: Inspect, form: bytes, change: changes.Change) -> None:
    found = await look(updated(form, change))
    assert (only(found).changes, str(judge(only(found)))) == ("forbidden", "TOTAL_FAILED FORMAT_FAILURE")


async def test_bytes_after_the_end(look: Inspect, form: bytes) -> None:
    found = await look(form + b"\n% and more\n")
    assert (only(found).changes, str(judge(only(found)))) == ("forbidden", "TOTAL_FAILED FORMAT_FAILURE")


async def test_signature_that_cannot_be_read_hides_no_other(look: Inspect, pki: Pki, form: bytes) -> None:
    person = pki.credential("inspection-second", Holder("Giám đốc"), kind="p256")
    both = await signed_elsewhere(form, person, "more", place=SigFieldSpec("more"))
    place = both.index(b"/Contents <") + len(b"/Contents <")
    broken = both[:place] + b"ff" * 40 + both[place + 80 :]
    found = (await look(broken)).signatures
    assert {each.field: each.readable for each in found} == {"office": False, "more": True}
    assert str(judge(next(each for each in found if not each.readable))) == "TOTAL_FAILED FORMAT_FAILURE"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", InvalidityReason.FILE_UNREADABLE),
        (b"<html>", InvalidityReason.FILE_UNREADABLE),
        (issued()[:300], InvalidityReason.FILE_UNREADABLE),
    ],
)
async def test_no_pdf(look: Inspect, file: bytes, reason: InvalidityReason) -> None:
    with pytest.raises(Rejected) as refused:
        await look(file)
    assert refused.value.reason is reason
