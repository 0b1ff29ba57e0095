"""Stamps of uploaded signatures: a machine accepts one on clear ground that has the holder's name."""

import pytest
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import BaseStampStyle, StaticStampStyle, TextStampStyle

from deploy.local.people.pki import Credential
from services.signing.pades.uploaded.verdict import LookReason
from tests.services.signing import changes
from tests.services.signing.pades.uploaded.conftest import Verify
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed_elsewhere

CLEAR, TEXT = (300, 300, 540, 400), (40, 680, 400, 790)
NAMED = TextStampStyle(stamp_text="Signed by\n%(signer)s\n%(ts)s")
COVERS, NAMELESS = LookReason.STAMP_COVERS_CONTENT, LookReason.STAMP_WITHOUT_NAME


def drawn(operators: bytes) -> BaseStampStyle:
    """A stamp that is drawn without letters."""
    return StaticStampStyle(border_width=0, background=RawContent(operators, box=BoxConstraints(100, 50)))


async def looks(
    verified: Verify,
    who: Credential,
    box: tuple[int, int, int, int],
    style: BaseStampStyle,
    form: bytes | None = None,
) -> tuple[LookReason, ...]:
    place = SigFieldSpec("Signature1", on_page=0, box=box)
    pdf = await signed_elsewhere(form or issued(), who, "Signature1", place=place, stamp=style)
    return (await verified(pdf, form)).looks


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (CLEAR, ()),
        ((540, 400, 300, 300), ()),
        (TEXT, (COVERS,)),
        ((400, 700, 40, 790), (COVERS,)),
        ((0, 0, 595, 842), (COVERS,)),
        ((50, 110, 270, 210), ()),
        ((500, 300, 700, 400), (COVERS,)),
        ((-500, -500, -300, -400), (COVERS,)),
    ],
    ids=["clear", "turned", "text", "text turned", "page", "on the field for it", "over the edge", "outside"],
)
async def test_ground(
    verified: Verify,
    school: Credential,
    box: tuple[int, int, int, int],
    expected: tuple[LookReason, ...],
) -> None:
    assert await looks(verified, school, box, NAMED) == expected


async def test_over_the_vendors_place(verified: Verify, school: Credential) -> None:
    assert await looks(verified, school, (300, 150, 500, 250), NAMED, issued("office", "vendor")) == (COVERS,)


async def test_that_keeps_its_size(verified: Verify, school: Credential) -> None:
    """On a small picture of the page it covers the text around its place."""
    place = SigFieldSpec("Signature1", box=CLEAR)
    pdf = await signed_elsewhere(
        issued(), school, "Signature1", place=place, stamp=NAMED, late=changes.without_zoom
    )
    assert (await verified(pdf)).looks == (COVERS,)


async def test_over_an_earlier_stamp(verified: Verify, school: Credential, director: Credential) -> None:
    first = await signed_elsewhere(
        issued(), school, "Signature1", place=SigFieldSpec("Signature1", box=CLEAR), stamp=NAMED
    )
    both = await signed_elsewhere(
        first, director, "Signature2", place=SigFieldSpec("Signature2", box=CLEAR), stamp=NAMED
    )
    assert (await verified(both)).looks == (COVERS,)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (TextStampStyle(stamp_text="Ky boi: Truong THPT\nDong  Van"), ()),
        (TextStampStyle(stamp_text="Bo Tai chinh"), (NAMELESS,)),
        (drawn(b"1 0 0 rg 0 0 100 50 re f"), (NAMELESS,)),
    ],
    ids=["broken name", "another", "picture"],
)
async def test_name(
    verified: Verify, school: Credential, style: BaseStampStyle, expected: tuple[LookReason, ...]
) -> None:
    assert await looks(verified, school, CLEAR, style) == expected
    pdf = await signed_elsewhere(issued(), school, stamp=style)
    assert (await verified(pdf)).looks == expected
