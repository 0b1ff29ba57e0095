"""Uploads that are no scans, are too large, or are hostile: refused by a rule, or read without harm."""

import asyncio
import struct
import zlib
from collections.abc import Awaitable
from io import BytesIO
from pathlib import Path
from random import Random

import pydyf
import pytest
from PIL import Image, ImageFile, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.domain.registration.rules import TEXTS
from services.renewal.scans import reading
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.scans import Scans
from tests.services.renewal.scans.conftest import LIMITS, Papers, Read

MARK = b"GIAHAN-HOSTILE-MARK"


async def refused(reading: Awaitable[object]) -> str:
    """The rule by which the upload is refused; checks that it has texts."""
    with pytest.raises(BadUpload) as bad:
        await reading
    vietnamese, english = bad.value.invalid_field("/file").message
    assert vietnamese != english
    assert bad.value.rule in TEXTS
    return bad.value.rule


@pytest.fixture(scope="module")
def jpeg(papers: Papers) -> bytes:
    return scan_pages(papers.form, seed=1)[0]


@pytest.mark.parametrize(
    "upload",
    [b"", b"hello", b"MZ" + bytes(5000), b"GIF89a" + bytes(100), b"PK\x03\x04", b"<svg onload='x'/>",
     b"\x00\x00\x00\x18ftypheic" + bytes(500), bytes(2000) + b"%PDF-1.7"],
)  # fmt: skip
async def test_other_kinds(scans: Scans, upload: bytes) -> None:
    assert await refused(scans.open(upload, LIMITS)) == "upload_kind"


@pytest.mark.parametrize("head", [b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
async def test_nothing_behind_the_first_bytes(scans: Scans, head: bytes) -> None:
    for rest in (b"", b"%%EOF", bytes(3000), Random(1).randbytes(3000) + b"%%EOF\n"):
        assert await refused(scans.open(head + rest, LIMITS)) == "upload_damaged"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.99])
async def test_cut_off(scans: Scans, jpeg: bytes, kept: float) -> None:
    png = BytesIO()
    Image.open(BytesIO(jpeg)).save(png, "PNG")
    for whole in (jpeg, png.getvalue(), feeder_pdf([jpeg] * 3)):
        assert await refused(scans.open(whole[: int(len(whole) * kept)], LIMITS)) == "upload_damaged"


async def test_too_large(scans: Scans, jpeg: bytes) -> None:
    limits = Limits(bytes=2 * 1024**2)
    assert await refused(scans.open(jpeg + bytes(limits.bytes), limits)) == "upload_too_large"
    assert await refused(scans.open(bytes(LIMITS.bytes + 1), LIMITS)) == "upload_too_large"


async def test_too_many_pages(scans: Scans) -> None:
    assert await refused(scans.open(_blank(501), LIMITS)) == "upload_too_many_pages"
    async with await scans.open(_blank(500), LIMITS) as upload:
        assert upload.pages == 500


async def test_locked_by_a_password(scans: Scans, papers: Papers) -> None:
    assert await refused(scans.open(_locked(papers.form, user="secret"), LIMITS)) == "upload_encrypted"


async def test_what_anybody_may_read_is_read(papers: Papers, read: Read) -> None:
    """Office machines lock printing and copying with a password that isn't needed for reading."""
    assert (await read(_locked(papers.form, user="")))[0].code == papers.code


async def test_picture_that_would_fill_the_memory(scans: Scans) -> None:
    out = BytesIO()
    Image.new("1", (40_000, 40_000)).save(out, "PNG")
    assert len(out.getvalue()) < LIMITS.bytes
    assert await refused(scans.open(out.getvalue(), LIMITS)) == "upload_too_many_pixels"


def _declaring(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG with this header and this content."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _as_jpeg(width: int, height: int) -> bytes:
    """The header of a JPEG of that size, and a little of its content."""
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    made = out.getvalue()
    at = made.index(b"\xff\xc0") + 5
    return made[:at] + struct.pack(">HH", height, width) + made[at + 4 :]


@pytest.mark.parametrize(
    ("upload", "rule"),
    [
        (_declaring(1, 90_000_000), "upload_too_many_pixels"),
        (_declaring(1, 70_000_000), "upload_too_long"),
        (_declaring(70_000_000, 1), "upload_too_long"),
        (_declaring(1_000, 19_000), "upload_too_narrow"),
        (_declaring(8_000, 8_000), "upload_damaged"),
        (_declaring(8_000, 8_000, zlib.compress(bytes(10**6))), "upload_damaged"),
        (_as_jpeg(8_000, 8_000), "upload_damaged"),
        (_as_jpeg(65_500, 65_500), "upload_too_many_pixels"),
    ],
)
async def test_header_is_checked_before_anything_is_decoded(
    scans: Scans, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upload: bytes, rule: str
) -> None:
    """Case 39: a few bytes that declare a picture of gigabytes need no memory."""
    file = tmp_path / "upload"
    file.write_bytes(upload)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(BadUpload) as bad:
        reading.pages(file, LIMITS)
    assert bad.value.rule == rule
    assert await refused(scans.open(upload, LIMITS)) == rule


async def test_text_that_swells_in_a_picture_is_not_read(scans: Scans, jpeg: bytes) -> None:
    notes = PngImagePlugin.PngInfo()
    for n in range(3):
        notes.add_text(f"Comment{n}", "x" * 50_000_000, zip=True)
    out = BytesIO()
    Image.open(BytesIO(jpeg)).save(out, "PNG", pnginfo=notes)
    assert await refused(scans.open(out.getvalue(), LIMITS)) == "upload_damaged"


async def test_of_many_frames_the_first_is_read(papers: Papers, read: Read, jpeg: bytes) -> None:
    sheet, out = Image.open(BytesIO(jpeg)).convert("L").convert("1"), BytesIO()
    others = [Image.new("1", sheet.size, n % 2) for n in range(200)]
    sheet.save(out, "PNG", save_all=True, append_images=others)
    (page,) = await read(out.getvalue())
    assert page.code == papers.code


async def test_page_as_narrow_as_a_thread_is_refused_alone(scans: Scans, papers: Papers) -> None:
    writer = PdfWriter()
    for size in ((14_400, 0.5), (0.01, 14_400), (14_400, 14_400)):
        writer.add_blank_page(*size)
    writer.append(BytesIO(papers.form))
    async with await scans.open(_written(writer), LIMITS) as upload:
        for n in (1, 2):
            assert await refused(scans.page(upload, n)) == "upload_too_narrow"
        assert (await scans.page(upload, 3)).width <= 3508
        assert (await scans.page(upload, 4)).code == papers.code


async def test_largest_picture_allowed_fits_the_memory(read: Read) -> None:
    for mode in ("LA", "RGBA"):
        out = BytesIO()
        Image.new(mode, (8_600, 8_700)).save(out, "PNG")
        (page,) = await read(out.getvalue())
        assert max(page.width, page.height) == 3508


async def test_page_that_would_fill_the_memory_is_refused_alone(scans: Scans, papers: Papers) -> None:
    out = BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PDF")
    writer = PdfWriter()
    for pdf in (out.getvalue(), papers.form):
        writer.append(BytesIO(pdf))
    async with await scans.open(_written(writer), LIMITS) as upload:
        assert await refused(scans.page(upload, 1)) == "upload_too_many_pixels"
        assert (await scans.page(upload, 2)).code == papers.code


async def test_endless_page_is_stopped_and_the_others_continue(papers: Papers) -> None:
    """By the limit that it reaches first: of time or of memory."""
    scans = Scans(limit=4)
    try:
        async with (
            await scans.open(_exploding(), LIMITS) as endless,
            await scans.open(papers.form, LIMITS) as honest,
        ):
            late = asyncio.create_task(refused(scans.page(endless, 1)))
            for n in (1, 2, 1):
                assert (await scans.page(honest, n)).code == papers.code
            assert await late in ("upload_too_slow", "upload_damaged")
    finally:
        await scans.close()


async def test_wild_bytes_end_nothing(scans: Scans, papers: Papers, jpeg: bytes, read: Read) -> None:
    """A file that is damaged somewhere is read as far as possible, or refused."""
    draw = Random(7)
    for whole in (papers.form, feeder_pdf([jpeg]), jpeg):
        for _ in range(12):
            wild = bytearray(whole)
            for _ in range(draw.choice((1, 20, 400))):
                wild[draw.randrange(len(wild))] = draw.randrange(256)
            try:
                await read(bytes(wild))
            except BadUpload as bad:
                assert bad.rule in TEXTS  # noqa: PT017 -- it may as well be read
    assert (await read(papers.form))[0].code == papers.code


async def test_stored_picture_contains_nothing_of_the_file(scans: Scans, jpeg: bytes, read: Read) -> None:
    for upload in (_marked_jpeg(jpeg) + _scripted(jpeg), _scripted(jpeg), _marked_png(jpeg)):
        assert MARK in upload
        (page,) = await read(upload)
        bound = await scans.document([page.image])
        for kept in (page.image, bound):
            assert MARK not in kept
            assert b"JavaScript" not in kept
        assert set(Image.open(BytesIO(page.image)).info) <= {"jfif", "jfif_version", "jfif_unit",
                                                             "jfif_density", "dpi"}  # fmt: skip


async def test_pages_are_counted_from_1(scans: Scans, papers: Papers) -> None:
    async with await scans.open(papers.form, LIMITS) as upload:
        for n in (0, 3, -1):
            with pytest.raises(ValueError, match="no page"):
                await scans.page(upload, n)


async def test_files_are_gone_when_read_refused_or_closed(papers: Papers) -> None:
    scans = Scans(processes=1)
    async with await scans.open(papers.form, LIMITS) as upload:
        folder = upload.file.parent
        await refused(scans.open(b"hello", LIMITS))
        assert list(folder.iterdir()) == [upload.file]
    assert list(folder.iterdir()) == []
    await scans.open(papers.form, LIMITS)
    await scans.close()
    with pytest.raises(FileNotFoundError):
        next(folder.iterdir())


def _blank(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return _written(writer)


def _locked(pdf: bytes, user: str) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(pdf)))
    writer.encrypt(user, "owner", algorithm="AES-256")
    return _written(writer)


def _scripted(jpeg: bytes) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(feeder_pdf([jpeg]))))
    writer.add_open_action(JavaScript(f"app.alert('{MARK.decode()}')"))
    writer.add_attachment("evil.exe", b"MZ" + MARK)
    writer.add_metadata({"/Title": MARK.decode()})
    return _written(writer)


def _marked_jpeg(jpeg: bytes) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    out = BytesIO()
    Image.open(BytesIO(jpeg)).save(out, "JPEG", exif=exif, comment=MARK, icc_profile=MARK, xmp=MARK)
    return out.getvalue()


def _marked_png(jpeg: bytes) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", MARK.decode())
    out = BytesIO()
    Image.open(BytesIO(jpeg)).save(out, "PNG", pnginfo=notes)
    return out.getvalue() + MARK


def _exploding() -> bytes:
    """A page that draws a form that draws ten forms that draw ten forms …"""
    pdf = pydyf.PDF()
    inner = pydyf.Stream([b"0 0 1 1 re f"], extra=_form(None))
    for _ in range(14):
        pdf.add_object(inner)
        inner = pydyf.Stream([b"/F Do " * 10], extra=_form(inner))
    pdf.add_object(inner)
    drawing = pydyf.Stream([b"/F Do"])
    pdf.add_object(drawing)
    page = {"Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": pydyf.Array([0, 0, 595, 842])}
    page |= {"Contents": drawing.reference, "Resources": _drawing(inner)}
    pdf.add_page(pydyf.Dictionary(page))
    out = BytesIO()
    pdf.write(out)
    return out.getvalue()


def _form(inner: pydyf.Stream | None) -> dict[str, object]:
    form = {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, 595, 842])}
    return form | ({"Resources": _drawing(inner)} if inner else {})


def _drawing(inner: pydyf.Stream) -> pydyf.Dictionary:
    return pydyf.Dictionary({"XObject": pydyf.Dictionary({"F": inner.reference})})


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
