"""Uploads whose bytes were changed, cut, wrapped or written anew, and uploads that are made to be slow."""

import os
import re
import zlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import ArrayObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec
from pypdf import PdfWriter

from deploy.local.people.pki import Credential
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.file import LARGEST
from services.signing.pades.uploaded.sealability import check_sealable
from tests.services.signing.pades.uploaded.conftest import Reason, Verify
from tests.services.signing.paper import issued, with_fields
from tests.services.signing.signer import prepared, resigned, signed_elsewhere, updated, with_value

BOMB = zlib.compress(zlib.compress(bytes(50_000_000), 9), 9)
"""50 MB in some hundred bytes, by two filters."""


@pytest.fixture(scope="module")
async def pdf(school: Credential) -> bytes:
    """A correctly signed upload."""
    return await signed_elsewhere(issued(), school)


async def test_larger_than_allowed(reason: Reason) -> None:
    """60 MB are refused before anything reads them."""
    assert await reason(issued() + bytes(60 * 1024**2)) is InvalidityReason.FILE_TOO_LARGE
    assert await reason(bytes(LARGEST + 1)) is InvalidityReason.FILE_TOO_LARGE


async def test_written_anew(reason: Reason, pdf: bytes) -> None:
    """Another program saved the file: the office's own text is in it, but not our bytes."""
    for each in (issued(), pdf):
        out = BytesIO()
        PdfWriter(clone_from=BytesIO(each)).write(out)
        assert await reason(out.getvalue()) is InvalidityReason.FILE_RESAVED


async def test_another_form(reason: Reason, school: Credential) -> None:
    """One with the same text gets the same advice as one that was saved: download again, sign that."""
    form = issued("office", "vendor")
    out = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(out)
    assert await reason(out.getvalue()) is InvalidityReason.FILE_NOT_ISSUED
    assert await reason(await signed_elsewhere(form, school)) is InvalidityReason.FILE_RESAVED


@pytest.mark.parametrize("junk", [b"\r\n", b"From: a@b.vn\r\n\r\n", b"\xef\xbb\xbf"])
async def test_junk_before_the_file(reason: Reason, pdf: bytes, junk: bytes) -> None:
    assert await reason(junk + pdf) is InvalidityReason.FILE_PREFIXED


@pytest.mark.parametrize("other", [b"", b"%PDF-1.7\n", b"<html>", b"\0" * 100, os.urandom(3000)])
async def test_no_pdf(reason: Reason, other: bytes) -> None:
    assert await reason(other) in {InvalidityReason.FILE_UNREADABLE, InvalidityReason.FILE_NOT_ISSUED}


async def test_encrypted(reason: Reason) -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(issued())))
    writer.encrypt(owner_pass="owner", user_pass="")  # type: ignore[no-untyped-call]
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    assert await reason(out.getvalue()) is InvalidityReason.FILE_ENCRYPTED


@pytest.mark.parametrize("tail", [b"x", b"\n\n\n", b" " * 3000, b"\n", b"x\n%%EOF\n"])
async def test_bytes_after_the_end(reason: Reason, pdf: bytes, tail: bytes) -> None:
    assert await reason(pdf + tail) in {
        InvalidityReason.FILE_CHANGED,
        InvalidityReason.SIGNATURE_COVERAGE,
        InvalidityReason.FILE_UNREADABLE,
    }


async def test_nothing_added(reason: Reason) -> None:
    assert await reason(issued()) is InvalidityReason.SIGNATURE_COUNT


async def test_garbage_in_the_padding(reason: Reason, office: Credential, school: Credential) -> None:
    """Also in that of a signature that others follow."""
    ready = await prepared(issued(), office)
    pdf = await with_value(ready, office, os.urandom(256))
    place = pdf.rindex(b"00>")
    touched = pdf[:place] + b"41>" + pdf[place + 3 :]
    assert await reason(touched) is InvalidityReason.SIGNATURE_PADDING
    both = await signed_elsewhere(touched, school, "Signature1", place=SigFieldSpec("Signature1"))
    assert await reason(both) is InvalidityReason.SIGNATURE_PADDING


async def test_byte_range_leaves_a_gap(reason: Reason, office: Credential, school: Credential) -> None:
    pdf = await resigned(await prepared(issued(), office), office, skipped=16)
    assert await reason(pdf) is InvalidityReason.SIGNATURE_COVERAGE
    both = await signed_elsewhere(pdf, school, "Signature1", place=SigFieldSpec("Signature1"))
    assert await reason(both) is InvalidityReason.SIGNATURE_COVERAGE


async def test_issued_revision_skipped(reason: Reason, office: Credential) -> None:
    start = re.findall(rb"startxref\s+(\d+)", issued())[0]
    around = issued() + b"\nstartxref\n" + start + b"\n%%EOF\n"
    pdf = await signed_elsewhere(with_fields(around, ["office"]), office)
    assert await reason(pdf) is InvalidityReason.FILE_NOT_ISSUED


async def test_the_vendors_field_signed(reason: Reason, school: Credential) -> None:
    form = issued("office", "vendor")
    pdf = await signed_elsewhere(form, school, "vendor")
    assert await reason(pdf, form) is InvalidityReason.SIGNATURE_COUNT


async def test_too_many_revisions(reason: Reason, pdf: bytes) -> None:
    for _ in range(21):
        pdf = updated(pdf, lambda writer: writer.update_root())  # type: ignore[no-untyped-call]
    assert await reason(pdf) is InvalidityReason.FILE_TOO_COMPLEX


def bomb(entries: dict[str, str]) -> StreamObject:
    filters = ArrayObject([pdf_name("/FlateDecode"), pdf_name("/FlateDecode")])
    known = {pdf_name(key): pdf_name(value) for key, value in entries.items()}
    return StreamObject({pdf_name("/Filter"): filters, **known}, encoded_data=BOMB)


def grown_metadata(writer: IncrementalPdfFileWriter) -> None:
    writer._update_meta = lambda: None  # type: ignore[method-assign]  # it would write its own
    writer.root["/Metadata"] = writer.add_object(bomb({"/Type": "/Metadata", "/Subtype": "/XML"}))
    writer.update_root()  # type: ignore[no-untyped-call]


def grown_stamp(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/AP"][pdf_name("/N")] = writer.add_object(bomb({"/Type": "/XObject", "/Subtype": "/Form"}))
    writer.update_container(field)


async def test_streams_that_grow(reason: Reason, school: Credential) -> None:
    pdf = await signed_elsewhere(issued(), school, late=grown_stamp)
    assert await reason(pdf) is InvalidityReason.FILE_TOO_COMPLEX
    assert await reason(updated(pdf, grown_metadata)) is InvalidityReason.FILE_CHANGED


async def test_hybrid_cross_references(verified: Verify, school: Credential) -> None:
    """Office programs add a table and a stream at once, so that old viewers can read the file."""
    pdf = await signed_elsewhere(hybrid(issued()), school)
    assert len((await verified(pdf)).signatures) == 1


async def test_contract_that_only_lenient_readers_read_can_not_be_sealed(school: Credential) -> None:
    """The vendor's seal comes after, by a strict reader."""
    check_sealable(await signed_elsewhere(issued("office", "vendor"), school))
    with pytest.raises(Rejected) as refused:
        check_sealable(await signed_elsewhere(hybrid(issued("office", "vendor")), school))
    assert refused.value.reason is InvalidityReason.FILE_NOT_SEALABLE


def hybrid(pdf: bytes) -> bytes:
    """`pdf` with a revision that changes nothing: a table, and beside it a stream."""
    reader = PdfFileReader(BytesIO(pdf))
    number = reader.trailer["/Size"]
    (start,) = re.findall(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", pdf)
    root = b"/Root %d 0 R /Info %d 0 R" % (
        reader.trailer.raw_get("/Root").idnum,
        reader.trailer.raw_get("/Info").idnum,
    )
    stream = len(pdf)
    pdf += b"%d 0 obj\n<</Type /XRef /Size %d /W [1 4 2] /Index [%d 1] /Length 7 %s>>\nstream\n" % (
        number, number + 1, number, root,
    )  # fmt: skip
    pdf += b"\1" + stream.to_bytes(4, "big") + b"\0\0" + b"\nendstream\nendobj\n"
    table = len(pdf)
    pdf += b"xref\n0 0\ntrailer\n<</Size %d /Prev %s /XRefStm %d %s>>\n" % (
        number + 1, start, stream, root,
    )  # fmt: skip
    return pdf + b"startxref\n%d\n%%%%EOF\n" % table


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_touched(pdf: bytes, verified: Verify, data: st.DataObject) -> None:
    """Any change to the added part is rejected with a reason, or changes nothing that is signed."""
    place = data.draw(st.integers(len(issued()), len(pdf) - 1))
    cut = data.draw(st.integers(0, 40))
    touched = pdf[:place] + data.draw(st.binary(max_size=40)) + pdf[place + cut :]
    try:
        await verified(touched)
    except Rejected:
        return
    assert list(_covered(touched)) == list(_covered(pdf))


def _covered(pdf: bytes) -> Iterator[bytes]:
    """All bytes except the signature's digits."""
    yield from re.split(rb"<[0-9A-Fa-f]{1000,}>", pdf)
