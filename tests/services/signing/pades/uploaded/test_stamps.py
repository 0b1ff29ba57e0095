"""Stamps of uploaded signatures: a machine accepts one on clear ground that has the holder's name."""

import pytest
from PIL import Image
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import BaseStampStyle, StaticStampStyle, TextStampStyle

from deploy.local.people.pki import Credential
from services.signing.pades.uploaded.verdict import LookReason
from tests.services.signing import changes
from tests.services.signing.pades.uploaded.conftest import Verify
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed_elsewhere

CLEAR, TEXT = (300, 300, 500, 380), (40, 680, 400, 790)
NAMED = TextStampStyle(stamp_text="Signed by\n%(signer)s\n%(ts)s")
COVERS, NAMELESS = LookReason.STAMP_COVERS_CONTENT, LookReason.STAMP_WITHOUT_NAME
MORE = LookReason.STAMP_SAYS_MORE
PICTURE = PdfImage(Image.new("RGB", (8, 8)), box=BoxConstraints(100, 50))
TERMS = (
    "TRUONG THPT DONG VAN\nBo sung Dieu 8: Ben ban mien phi\nva gia han them 05 nam, khong thu tien.\n"
    "Tong so tien: 0 dong"
)
USUAL = (
    "Nguoi ky: TRUONG THPT DONG VAN\nEmail: c3dongvan@hagiang.edu.vn\nCo quan: So GDDT tinh Ha Giang\n"
    "Thoi gian ky: 25.11.2026 09:30:00 +07:00"
)


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
        ((500, 380, 300, 300), ()),
        ((60, 250, 560, 600), (MORE,)),
        (TEXT, (COVERS, MORE)),
        ((400, 700, 40, 790), (COVERS, MORE)),
        ((0, 0, 595, 842), (COVERS, MORE)),
        ((50, 110, 240, 190), ()),
        ((500, 300, 700, 380), (COVERS,)),
        ((-500, -500, -300, -420), (COVERS,)),
    ],
    ids=[
        "clear",
        "turned",
        "large",
        "text",
        "text turned",
        "page",
        "on the field for it",
        "over the edge",
        "outside",
    ],
)
async def test_ground(
    verified: Verify,
    school: Credential,
    box: tuple[int, int, int, int],
    expected: tuple[LookReason, ...],
) -> None:
    assert await looks(verified, school, box, NAMED) == expected


async def test_over_the_vendors_place(verified: Verify, school: Credential) -> None:
    assert await looks(verified, school, (300, 150, 500, 230), NAMED, issued("office", "vendor")) == (COVERS,)


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
        (drawn(b"q 100 0 0 50 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"), (NAMELESS, MORE)),
        (TextStampStyle(stamp_text=TERMS), (MORE,)),
        (TextStampStyle(stamp_text=USUAL), ()),
        (TextStampStyle(stamp_text="TRUONG THPT DONG VAN", background=PICTURE), (MORE,)),
    ],
    ids=["broken name", "another", "drawing", "inline picture", "terms", "usual", "picture"],
)
async def test_name(
    verified: Verify, school: Credential, style: BaseStampStyle, expected: tuple[LookReason, ...]
) -> None:
    assert await looks(verified, school, CLEAR, style) == expected
    pdf = await signed_elsewhere(issued(), school, stamp=style)
    assert (await verified(pdf)).looks == expected
