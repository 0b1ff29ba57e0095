"""Files whose bytes were changed, cut or made up: read or refused, and never passed by mistake."""

import asyncio
import zlib
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from deploy.local.people.pki import Credential
from services.signing.domain.report.verdict import Indication, judge
from services.signing.pades.inspection.inspection import inspect
from services.signing.pades.inspection.origin import hash_revisions, read_numbers
from services.signing.pades.rejection import Rejected
from services.signing.pades.trust import TrustSettings
from tests.services.signing.paper import issued
from tests.services.signing.signer import AT, signed, updated

SLOW = [HealthCheck.too_slow]


@pytest.fixture(scope="module")
async def pdf(office: Credential) -> bytes:
    return await signed(issued(), office)


def passes(pdf: bytes, trust: TrustSettings) -> bool:
    """Whether a signature in it is passed; a file that can't be read has none."""
    try:
        found = asyncio.run(inspect(pdf, trust, AT))
    except Rejected:
        return False
    return any(judge(each).indication is Indication.TOTAL_PASSED for each in found.signatures)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(place=st.floats(0, 1, exclude_max=True), turned=st.integers(1, 255))
def test_no_byte_that_was_signed_can_be_changed(
    pdf: bytes, trust: TrustSettings, place: float, turned: int
) -> None:
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    _, before, after, _ = map(int, signature.byte_range)
    covered = len(pdf) - (after - before)
    at = int(place * covered)
    at += (after - before) if at >= before else 0
    changed = bytearray(pdf)
    changed[at] ^= turned
    assert not passes(bytes(changed), trust)


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(kept=st.floats(0, 1, exclude_max=True))
def test_cut_file_does_not_pass(pdf: bytes, trust: TrustSettings, kept: float) -> None:
    assert not passes(pdf[: int(len(pdf) * kept)], trust)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(data=st.binary(max_size=2000))
def test_anything_is_read_or_refused(trust: TrustSettings, data: bytes) -> None:
    assert not passes(b"%PDF-1.7\n" + data, trust)
    assert read_numbers(data) == ()


def test_bomb_is_refused(pdf: bytes, trust: TrustSettings) -> None:
    """50 MB in some hundred bytes, where the reader looks for what proves signatures."""
    bomb = zlib.compress(zlib.compress(bytes(50_000_000), 9), 9)

    def add(writer: IncrementalPdfFileWriter) -> None:
        filters = ArrayObject([pdf_name("/FlateDecode"), pdf_name("/FlateDecode")])
        stream = StreamObject({pdf_name("/Filter"): filters}, encoded_data=bomb)
        store = DictionaryObject({pdf_name("/CRLs"): ArrayObject([writer.add_object(stream)])})  # type: ignore[no-untyped-call]
        writer.root["/DSS"] = writer.add_object(store)
        writer.update_root()  # type: ignore[no-untyped-call]

    with pytest.raises(Rejected):
        asyncio.run(inspect(updated(pdf, add), trust, AT))


@given(
    parts=st.lists(st.binary(max_size=20), max_size=5), break_=st.sampled_from([b"", b"\n", b"\r\n", b"\r"])
)
@example(parts=[b"", b"\n"], break_=b"\r")
def test_each_revision_has_its_hash(parts: list[bytes], break_: bytes) -> None:
    pdf = b""
    ends = []
    for part in parts:
        pdf += part + b"%%EOF" + break_
        ends.append(sha256(pdf).hexdigest())
    found = hash_revisions(pdf)
    assert set(ends) <= set(found)
    assert found[-1] == sha256(pdf).hexdigest()
