"""On top of the signed revision there may be some that prove the signature, and nothing else."""

from datetime import datetime

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.validation.dss import DocumentSecurityStore

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing import changes
from tests.services.signing.changes import Change
from tests.services.signing.evidence.responders import STAMPING
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere, time_stamped, updated

_REASONS = {
    InvalidityReason.FILE_CHANGED,
    InvalidityReason.FILE_UNREADABLE,
    InvalidityReason.FIELDS_CHANGED,
    InvalidityReason.METADATA_CHANGED,
    InvalidityReason.SIGNATURE_COUNT,
    InvalidityReason.SIGNATURE_COVERAGE,
    InvalidityReason.SIGNATURE_INVALID,
}


@pytest.fixture(scope="module")
async def pdf(office: Credential) -> bytes:
    return await signed(issued(), office)


@pytest.fixture(scope="module")
def stamper(pki: Pki) -> Credential:
    return pki.credential("stamper", Holder("Dấu thời gian"), purposes=STAMPING)


@pytest.fixture
def store(office: Credential) -> Change:
    """Adds the certificates of the office."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        certificates = [x509.Certificate.load(der) for der in office.chain]
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=certificates)

    return add


def title(writer: IncrementalPdfFileWriter) -> None:
    info = {pdf_name("/Title"): TextStringObject("Giá 0 đ")}
    writer.set_info(DictionaryObject(info))  # type: ignore[no-untyped-call]


def script(writer: IncrementalPdfFileWriter) -> None:
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): TextStringObject("1")}
    writer.root[pdf_name("/OpenAction")] = DictionaryObject(action)  # type: ignore[no-untyped-call]
    writer.update_root()  # type: ignore[no-untyped-call]


def foreign_key(writer: IncrementalPdfFileWriter) -> None:
    """Something in the store that is no part of one."""
    writer.root["/DSS"][pdf_name("/Notes")] = writer.add_object(StreamObject(stream_data=b"0"))
    writer.update_root()  # type: ignore[no-untyped-call]


async def test_store_on_top_is_accepted(
    pdf: bytes, store: Change, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    found = await verify(updated(pdf, store), issued(), "office", trust, moment, old_padding=False)
    assert found.certificate.fingerprint == office.fingerprint


async def test_time_stamps_on_top_are_accepted(
    pdf: bytes, store: Change, stamper: Credential, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    """As many as there are, each with a store of its own or not."""
    once = await time_stamped(updated(pdf, store), stamper)
    for proved in (once, await time_stamped(updated(once, more_of(trust)), stamper)):
        found = await verify(proved, issued(), "office", trust, moment, old_padding=False)
        assert found.certificate.fingerprint == office.fingerprint


async def test_time_stamp_with_something_else(
    pdf: bytes, store: Change, stamper: Credential, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    proved = await time_stamped(updated(pdf, store), stamper)
    for bad in (
        await signed_elsewhere(updated(pdf, store), office, "more", place=SigFieldSpec("more")),
        await time_stamped(updated(pdf, changes.overlay), stamper),
        await time_stamped(updated(updated(pdf, store), changes.second_stamp), stamper, "more"),
        updated(proved, changes.overlay),
        updated(proved, changes.hidden_widget),
        _altered(proved),
    ):
        await _refused(bad, trust, moment)


@pytest.mark.parametrize(
    "change",
    [
        changes.overlay,
        changes.free_text,
        changes.text_field,
        changes.second_stamp,
        changes.nameless_field,
        title,
        script,
        foreign_key,
    ],
)
async def test_store_with_something_else(
    pdf: bytes, store: Change, change: Change, trust: TrustSettings, moment: datetime
) -> None:
    def both(writer: IncrementalPdfFileWriter) -> None:
        store(writer)
        change(writer)

    await _refused(updated(pdf, both), trust, moment)


async def test_what_is_no_store(
    pdf: bytes, store: Change, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    for bad in (
        updated(pdf, changes.overlay),
        updated(updated(pdf, store), title),
        await time_stamped(pdf, office),
        updated(pdf, store) + b"x",
    ):
        await _refused(bad, trust, moment)


async def test_store_on_a_form_that_nobody_signed(
    store: Change, trust: TrustSettings, moment: datetime
) -> None:
    await _refused(updated(updated(issued(), title), store), trust, moment)


def more_of(trust: TrustSettings) -> Change:
    """Adds the root to the store."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        root = x509.Certificate.load(trust.roots[0])
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=[root])

    return add


def _altered(proved: bytes) -> bytes:
    """Another file identifier in the revision of the time stamp, which covers it."""
    place = proved.rindex(b"/ID")
    digit = proved.index(b"<", proved.index(b"<", place) + 1) + 1
    return proved[:digit] + (b"0" if proved[digit : digit + 1] != b"0" else b"1") + proved[digit + 1 :]


async def _refused(pdf: bytes, trust: TrustSettings, moment: datetime) -> None:
    with pytest.raises(Rejected) as refused:
        await verify(pdf, issued(), "office", trust, moment, old_padding=False)
    assert refused.value.reason in _REASONS
