"""Files changed byte by byte: outside the signature, in its padding, or before the file."""

import os
import re
from datetime import datetime
from io import BytesIO

import pytest
from asn1crypto.cms import CMSAttributes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import MDPPerm

from deploy.local.people.pki import Credential
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing.paper import issued, with_fields
from tests.services.signing.signer import (
    prepared,
    resigned,
    signed,
    signed_elsewhere,
    with_attributes,
    with_value,
)


@pytest.fixture(scope="module")
async def pdf(office: Credential) -> bytes:
    """A correctly signed form."""
    return await signed(issued(), office)


@pytest.fixture
def at(trust: TrustSettings, moment: datetime) -> tuple[TrustSettings, datetime]:
    return trust, moment


async def reason(
    pdf: bytes, at: tuple[TrustSettings, datetime], form: bytes | None = None
) -> InvalidityReason:
    with pytest.raises(Rejected) as refused:
        await verify(pdf, form or issued(), "office", *at, old_padding=False)
    return refused.value.reason


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        (b"x", InvalidityReason.FILE_CHANGED),
        (b"\n\n\n", InvalidityReason.FILE_CHANGED),
        (b" " * 3000, InvalidityReason.FILE_CHANGED),
        (b"\n", InvalidityReason.SIGNATURE_COVERAGE),
        (b"x\n%%EOF\n", InvalidityReason.FILE_UNREADABLE),
    ],
)
async def test_bytes_after_the_end(
    pdf: bytes, at: tuple[TrustSettings, datetime], tail: bytes, why: InvalidityReason
) -> None:
    assert await reason(pdf + tail, at) is why


async def test_garbage_in_the_padding(pdf: bytes, at: tuple[TrustSettings, datetime]) -> None:
    place = pdf.rindex(b"00>")
    assert await reason(pdf[:place] + b"41>" + pdf[place + 3 :], at) is InvalidityReason.SIGNATURE_PADDING


@pytest.mark.parametrize("junk", [b" ", b"(", b"zz"])
async def test_more_than_digits_in_the_gap(
    pdf: bytes, at: tuple[TrustSettings, datetime], junk: bytes
) -> None:
    place = pdf.rindex(b"00>") + 2 - len(junk)
    touched = pdf[:place] + junk + b">" + pdf[place + len(junk) + 1 :]
    assert await reason(touched, at) in {
        InvalidityReason.SIGNATURE_COVERAGE,
        InvalidityReason.FILE_UNREADABLE,
    }


async def test_truncated_to_what_was_issued(at: tuple[TrustSettings, datetime]) -> None:
    assert await reason(issued(), at) is InvalidityReason.SIGNATURE_COUNT


async def test_truncated_to_the_first_signature(
    office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    """A valid file with one signature is rejected where the second signature is expected."""
    first = await signed(issued("office", "vendor"), office)
    with pytest.raises(Rejected) as refused:
        await verify(first, first, "vendor", trust, moment, old_padding=False)
    assert refused.value.reason is InvalidityReason.SIGNATURE_COUNT


async def test_the_other_field_signed(office: Credential, at: tuple[TrustSettings, datetime]) -> None:
    form = issued("office", "vendor")
    assert await reason(await signed(form, office, "vendor"), at, form) is InvalidityReason.SIGNATURE_COUNT


async def test_another_form_signed(office: Credential, at: tuple[TrustSettings, datetime]) -> None:
    assert (
        await reason(await signed(issued("office", "more"), office), at) is InvalidityReason.FILE_NOT_ISSUED
    )


async def test_issued_revision_skipped(office: Credential, at: tuple[TrustSettings, datetime]) -> None:
    """The file begins with our bytes, but its cross references skip the revision with our fields."""
    start = re.findall(rb"startxref\s+(\d+)", issued())[0]
    around = issued() + b"\nstartxref\n" + start + b"\n%%EOF\n"
    pdf = await signed_elsewhere(with_fields(around, ["office"]), office)
    assert pdf.startswith(issued())
    assert await reason(pdf, at) is InvalidityReason.FILE_NOT_ISSUED


async def test_byte_range_leaves_a_gap(office: Credential, at: tuple[TrustSettings, datetime]) -> None:
    """The signature is correct, but leaves out 16 bytes after its own place."""
    honest = await prepared(issued(), office)
    assert await reason(await resigned(honest, office, skipped=16), at) is InvalidityReason.SIGNATURE_COVERAGE


async def test_value_that_nobody_made(office: Credential, at: tuple[TrustSettings, datetime]) -> None:
    """A random value in the place of the signature, and a correct one made for another form."""
    ready = await prepared(issued(), office)
    assert (
        await reason(await with_value(ready, office, os.urandom(256)), at)
        is InvalidityReason.SIGNATURE_INVALID
    )
    other = await prepared(issued("office", "more"), office)
    foreign = await with_attributes(ready, office, CMSAttributes.load(other.resumable.attributes))
    assert await reason(foreign, at) is InvalidityReason.SIGNATURE_INVALID


async def test_certificate_not_among_what_was_signed(
    office: Credential, at: tuple[TrustSettings, datetime]
) -> None:
    """Otherwise another certificate of the same key could be put in its place."""
    ready = await prepared(issued(), office)
    attributes = CMSAttributes.load(ready.resumable.attributes)
    bare = CMSAttributes([each for each in attributes if each["type"].native != "signing_certificate_v2"])
    assert await reason(await with_attributes(ready, office, bare), at) is InvalidityReason.SIGNATURE_INVALID


@pytest.mark.parametrize("junk", [b"\r\n", b"From: a@b.vn\r\n\r\n", b"\xef\xbb\xbf"])
async def test_junk_before_the_file(pdf: bytes, at: tuple[TrustSettings, datetime], junk: bytes) -> None:
    """Mail programs and editors leave such bytes there."""
    assert await reason(junk + pdf, at) is InvalidityReason.FILE_PREFIXED


async def test_larger_than_a_signature_makes_it(at: tuple[TrustSettings, datetime]) -> None:
    assert await reason(issued() + bytes(60 * 1024**2), at) is InvalidityReason.FILE_TOO_LARGE


@pytest.mark.parametrize("level", MDPPerm)
async def test_certified(office: Credential, at: tuple[TrustSettings, datetime], level: MDPPerm) -> None:
    """Our preparation never certifies."""
    pdf = await signed_elsewhere(issued(), office, meta={"certify": True, "docmdp_permissions": level})
    assert await reason(pdf, at) is InvalidityReason.FILE_CHANGED


async def test_encrypted_with_an_empty_password(at: tuple[TrustSettings, datetime]) -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(issued())))
    writer.encrypt(owner_pass="owner", user_pass="")  # type: ignore[no-untyped-call]
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    assert await reason(out.getvalue(), at) is InvalidityReason.FILE_ENCRYPTED


@pytest.mark.parametrize("other", [b"", b"%PDF-1.7\n", b"<html>", b"\0" * 100])
async def test_not_a_form_of_ours(at: tuple[TrustSettings, datetime], other: bytes) -> None:
    assert await reason(other, at) in {InvalidityReason.FILE_UNREADABLE, InvalidityReason.FILE_NOT_ISSUED}


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_touched(
    pdf: bytes, at: tuple[TrustSettings, datetime], data: st.DataObject
) -> None:
    """Any change to the added part is rejected with a reason, or changes nothing that the signature
    covers."""
    place = data.draw(st.integers(len(issued()), len(pdf) - 1))
    cut = data.draw(st.integers(0, 40))
    touched = pdf[:place] + data.draw(st.binary(max_size=40)) + pdf[place + cut :]
    try:
        await verify(touched, issued(), "office", *at, old_padding=False)
    except Rejected:
        return
    assert _covered(touched) == _covered(pdf)


def _covered(pdf: bytes) -> list[bytes]:
    """All bytes except the signature's digits."""
    return re.split(rb"<[0-9A-Fa-f]{1000,}>", pdf)
