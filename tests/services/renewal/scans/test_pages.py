"""Printed forms from a scanner or a camera: the code is read, and the page is turned upright."""

from io import BytesIO

import pytest
import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.scans.limits import FEEDER
from services.renewal.scans.page import ScannedPage
from tests.services.renewal.scans.conftest import Papers, Read


def seen(page: ScannedPage) -> Image.Image:
    return Image.open(BytesIO(page.image)).convert("RGB")


def upright(image: Image.Image, original: Image.Image) -> bool:
    """Whether it looks more like the original than like the original turned."""
    seen, page = _lines(image), _lines(original)
    turned = [page.rotate(-turn) for turn in (0, 90, 180, 270)]
    apart = [ImageStat.Stat(ImageChops.difference(seen, each)).sum[0] for each in turned]
    return min(apart) == apart[0]


def _lines(image: Image.Image) -> Image.Image:
    """A coarse map of the print, independent of the light."""
    edges = image.convert("L").resize((400, 560)).filter(ImageFilter.FIND_EDGES)
    return edges.crop((10, 10, 390, 550)).resize((48, 48))


def shown(pdf: bytes, page: int) -> Image.Image:
    return Image.open(BytesIO(scan_pages(pdf, seed=0)[page]))


@pytest.mark.parametrize(
    ("turn", "skew"),
    [
        (0, -3.0),
        (90, 3.0),
        (180, -3.0),
        (270, 0.0),
        *(
            pytest.param(turn, skew, marks=pytest.mark.sweep)
            for turn, others in {0: (0.0, 3.0), 90: (-3.0, 0.0), 180: (0.0, 3.0), 270: (-3.0, 3.0)}.items()
            for skew in others
        ),
    ],
)
async def test_worn_askew_and_turned_pages_are_read(
    papers: Papers, read: Read, turn: int, skew: float
) -> None:
    jpegs = scan_pages(
        papers.form, seed=turn, turn=turn, skew=skew, noise=25, shadow=0.5, folded=True, quality=40
    )
    pages = await read(feeder_pdf(jpegs)) + await read(jpegs[0])
    for page, original in zip(pages, (0, 1, 0), strict=True):
        assert (page.code, page.upside) == (papers.code, (360 - turn) % 360)
        assert page.warnings == ()
        assert upright(seen(page), shown(papers.form, original))


async def test_150_dpi_is_read_with_a_remark(papers: Papers, read: Read) -> None:
    jpegs = scan_pages(papers.form, seed=1, dpi=150, skew=1.5, noise=20, shadow=0.4, folded=True, quality=40)
    for page in await read(feeder_pdf(jpegs)) + await read(jpegs[0]):
        assert page.code == papers.code
        assert page.resolution == pytest.approx(150, abs=4)
        assert page.warnings == ("low_resolution",)


async def test_noise_at_300_dpi(papers: Papers, read: Read) -> None:
    jpegs = scan_pages(papers.form, seed=2, dpi=300, noise=50, skew=-2, quality=40)
    for page in await read(feeder_pdf(jpegs)):
        assert (page.code, page.dpi, page.resolution, page.warnings) == (papers.code, 300, 300, ())


async def test_finer_scans_are_stored_at_300_dpi(papers: Papers, read: Read) -> None:
    (page,) = await read(feeder_pdf(scan_pages(papers.form, seed=3, dpi=400)[:1]))
    assert (page.dpi, page.resolution) == (300, 400)
    assert max(page.width, page.height) == pytest.approx(3508, abs=2)


async def test_printed_form_itself_has_no_resolution(papers: Papers, read: Read) -> None:
    for page in await read(papers.form):
        assert (page.code, page.dpi, page.resolution, page.warnings) == (papers.code, 200, None, ())


async def test_stack_of_forms_blank_sides_and_foreign_sheets(papers: Papers, read: Read) -> None:
    def fed(pdf: bytes, turn: int = 0) -> list[bytes]:
        return scan_pages(pdf, seed=len(pdf) + turn, turn=turn, noise=10, skew=1)

    first, later = fed(papers.form), fed(papers.later_form, turn=180)
    blank, foreign = fed(papers.blank), fed(papers.contract)[:1]
    stack = [*first[:1], *blank, *later[1:], *foreign, *first[1:], *blank, *later[:1]]
    pages = await read(feeder_pdf(stack), FEEDER)
    code, revised = papers.code, papers.later
    assert [page.code for page in pages] == [code, None, revised, None, code, None, revised]
    assert [page.upside for page in pages] == [0, 0, 180, 0, 0, 0, 180]
    assert [page.number for page in pages] == [1, 2, 3, 4, 5, 6, 7]
    assert [page.resolution for page in pages] == [200] * 7


@pytest.mark.parametrize(("orientation", "turn"), [(1, 0), (3, 180), (6, 270), (8, 90)])
async def test_photo_is_turned_as_its_camera_says(
    papers: Papers, read: Read, orientation: int, turn: int
) -> None:
    (page,) = await read(_photo(_jpeg(papers.form, turn), orientation))
    assert (page.code, page.upside) == (papers.code, 0)
    assert upright(seen(page), shown(papers.form, 0))


async def test_photo_whose_camera_was_wrong_is_turned_by_its_code(papers: Papers, read: Read) -> None:
    (page,) = await read(_photo(_jpeg(papers.form, 0), orientation=6))
    assert (page.code, page.upside) == (papers.code, 270)
    assert upright(seen(page), shown(papers.form, 0))


async def test_photo_on_a_desk_from_aside(papers: Papers, read: Read) -> None:
    sheet = _jpeg(papers.form, 0)
    desk = Image.new("RGB", (sheet.width + 600, sheet.height + 600), (90, 70, 60))
    desk.paste(sheet, (300, 300))
    w, h = desk.size
    corners = (40, 0, 0, h, w, h - 60, w - 160, 90)  # upper left, lower left, lower right, upper right
    (page,) = await read(_photo(desk.transform((w, h), Image.Transform.QUAD, corners), 1))
    assert page.code == papers.code
    assert page.resolution == pytest.approx(200, rel=0.15)


async def test_photo_that_shows_no_code_has_no_resolution(papers: Papers, read: Read) -> None:
    (page,) = await read(_photo(_jpeg(papers.contract, 0), 1))
    assert (page.code, page.dpi, page.resolution, page.warnings) == (None, None, None, ())


async def test_png_with_transparency_gets_a_white_background(papers: Papers, read: Read) -> None:
    sheet = _jpeg(papers.form, 0)
    clear = sheet.convert("RGBA")
    clear.putalpha(ImageChops.invert(sheet.convert("L")))
    out = BytesIO()
    clear.save(out, "PNG")
    (page,) = await read(out.getvalue())
    assert page.code == papers.code
    assert seen(page).getpixel((5, 5)) == (255, 255, 255)


async def test_code_with_a_seal_and_a_pen_over_it(papers: Papers, read: Read) -> None:
    sheet = _jpeg(papers.form, 0)
    seal = Image.new("RGB", sheet.size, "white")
    draw = ImageDraw.Draw(seal)
    draw.ellipse((180, 2100, 460, 2380), outline=(215, 30, 45), width=14)
    draw.ellipse((250, 2180, 350, 2280), fill=(215, 30, 45))
    draw.line([(280, 2200), (370, 2235)], fill=(20, 30, 160), width=4)
    (page,) = await read(_photo(ImageChops.multiply(sheet, seal), 1))
    assert page.code == papers.code


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
async def test_kinds_of_colour(papers: Papers, read: Read, mode: str) -> None:
    sheet, out = _jpeg(papers.form, 0), BytesIO()
    (_sixteen_bits(sheet) if mode == "I;16" else sheet.convert(mode)).save(
        out, "JPEG" if mode == "CMYK" else "PNG"
    )
    (page,) = await read(out.getvalue())
    assert page.code == papers.code
    assert upright(seen(page), sheet)


async def test_other_peoples_codes_are_passed_over(papers: Papers, read: Read) -> None:
    sheet = _jpeg(papers.form, 0)
    for n, said in enumerate(("1" * 16, "00020101021138570010A00000072701270006970403", "GH-VSWE-60Y3")):
        sheet.paste(_qr(said), (250 + 400 * n, 1500))
    (page,) = await read(_photo(sheet, 1))
    assert page.code == papers.code


async def test_two_forms_on_one_picture_get_a_remark(papers: Papers, read: Read) -> None:
    sheets = [_jpeg(pdf, 0) for pdf in (papers.form, papers.later_form)]
    both = Image.new("RGB", (sheets[0].width * 2, sheets[0].height))
    for n, sheet in enumerate(sheets):
        both.paste(sheet, (n * sheet.width, 0))
    (page,) = await read(_photo(both, 1))
    assert (page.code, page.warnings) == (None, ("several_codes",))


async def test_page_of_a_tool_that_knows_no_paper(papers: Papers, read: Read) -> None:
    """Phone apps put a photo on a page with 72 dpi: only the code shows its resolution, not the page's
    size."""
    out = BytesIO()
    _jpeg(papers.form, 0, dpi=250).save(out, "PDF", resolution=72)
    (page,) = await read(out.getvalue())
    assert (page.code, page.warnings) == (papers.code, ())
    assert page.resolution == pytest.approx(250, rel=0.03)


def _jpeg(pdf: bytes, turn: int, dpi: int = 200) -> Image.Image:
    return Image.open(BytesIO(scan_pages(pdf, seed=5, turn=turn, dpi=dpi, noise=5)[0]))


def _photo(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _sixteen_bits(sheet: Image.Image) -> Image.Image:
    gray = sheet.convert("L").tobytes()
    doubled = bytearray(2 * len(gray))
    doubled[1::2] = gray
    return Image.frombytes("I;16", sheet.size, bytes(doubled))


def _qr(said: str) -> Image.Image:
    out = BytesIO()
    segno.make_qr(said).save(out, kind="png", scale=6, border=4)
    return Image.open(out).convert("RGB")
