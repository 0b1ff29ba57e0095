"""The vendor's stamp with images: where they lie, what stands beside them, and which images are taken."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.main import compose
from services.signing.pades.certificates import read_chain
from services.signing.pades.preparation import prepare
from services.signing.pades.stamp.appearance import StampDetails
from services.signing.pades.stamp.image import BadStampImage, StampImage
from services.signing.pades.stamp.layout import lay_out
from shared.background.workers import WorkFailed
from shared.runtime.settings import BadSettings, Settings
from tests.services.signing.images import (
    BLUE,
    RED,
    columns_of,
    decorated,
    drawn,
    loaded,
    png,
    seal_png,
    signature_png,
)
from tests.services.signing.moment import read_stamp
from tests.services.signing.paper import issued
from tests.services.signing.service import signing_settings
from tests.services.signing.signer import ZONE

NUMBER = "000001/2026/HĐ-GH"


async def sealed(who: Credential, moment: datetime, details: StampDetails) -> bytes:
    ready = await prepare(issued("vendor"), "vendor", read_chain(who.chain), moment, ZONE, details)
    return ready.pdf


async def test_seal_lies_over_a_third_of_the_signature_at_its_left(
    office: Credential, moment: datetime
) -> None:
    picture = drawn(await sealed(office, moment, decorated()))
    signature, seal = columns_of(picture, BLUE), columns_of(picture, RED)
    assert seal[0] < signature[0] < seal[-1] < signature[-1]
    # The ink begins 20 of 480 pixels within the image, and ends as far from its right side.
    width = (signature[-1] - signature[0]) * 480 / 440
    covered = (seal[-1] - (signature[0] - width * 20 / 480)) / width
    assert covered == pytest.approx(1 / 3, abs=0.06)


async def test_number_and_time_stand_below(office: Credential, moment: datetime) -> None:
    pdf = await sealed(office, moment, decorated(NUMBER))
    assert read_stamp(pdf) == moment
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    document[0].flatten()
    text = document[0].get_textpage().get_text_range()
    assert f"Số: {NUMBER}" in text


@pytest.mark.parametrize("which", ["signer", "seal"])
async def test_one_image_alone(office: Credential, moment: datetime, which: str) -> None:
    image = loaded(signature_png() if which == "signer" else seal_png())
    picture = drawn(await sealed(office, moment, StampDetails(NUMBER, **{which: image})))
    assert bool(columns_of(picture, RED)) is (which == "seal")
    assert bool(columns_of(picture, BLUE)) is (which == "signer")


async def test_long_name_leaves_no_room_but_stays_readable(pki: Pki, moment: datetime) -> None:
    long = pki.credential("long-vendor", Holder("Công ty " + "rất dài " * 6))
    assert read_stamp(await sealed(long, moment, decorated())) == moment


def whole(size: tuple[int, int], alpha: int) -> bytes:
    return png(Image.new("RGBA", size, (*RED, alpha)))


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (100, 100)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        jpeg(),
        seal_png()[:200],
        whole((100, 100), 255),
        whole((100, 100), 0),
        png(Image.new("RGB", (100, 100))),
        png(Image.new("RGBA", (2001, 100))),
        png(Image.new("RGBA", (100, 59))),
        seal_png() + bytes(1024**2),
    ],
    ids=[
        "empty",
        "SVG",
        "JPEG",
        "cut off",
        "no transparency",
        "nothing on it",
        "no alpha channel",
        "too wide",
        "too low",
        "too large",
    ],
)
def test_other_images_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(data)
    with pytest.raises(BadStampImage, match=r"image\.png"):
        StampImage.load(path)


@given(place=st.integers(0, len(seal_png()) - 1), value=st.integers(0, 255))
def test_damaged_image_is_refused_or_read(place: int, value: int) -> None:
    data = bytearray(seal_png())
    data[place] = value
    try:
        assert loaded(bytes(data)).png
    except BadStampImage:
        return


def test_image_keeps_only_its_pixels(tmp_path: Path) -> None:
    path, image = tmp_path / "image.png", Image.new("RGBA", (1000, 500))
    image.paste((*RED, 255), (0, 0, 500, 500))
    image.save(path, "PNG", dpi=(72, 72), icc_profile=b"x" * 200)
    found = StampImage.load(path)
    with Image.open(BytesIO(found.png)) as kept:
        assert (kept.size, kept.info) == ((600, 300), {})
    assert found.ratio == 2


@pytest.mark.parametrize("name", ["seal_image", "seal_signer_image"])
async def test_service_doesnt_start_with_a_bad_image(
    settings: Settings, pki: Pki, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadSettings, match="seal: "):
        compose(signing_settings(settings, pki, **{name: tmp_path / "none.png"}))


def test_a_page_loads_nothing_but_its_parts() -> None:
    page = "<img src=part:image>"
    assert lay_out(page, {"part:image": (signature_png(), "image/png")}).startswith(b"%PDF")
    with pytest.raises(WorkFailed):
        lay_out(page)
