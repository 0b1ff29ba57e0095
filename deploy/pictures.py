"""Draws the pictures of the documents in docs/ (`make pictures`).

One PNG for each document, with its pages side by side. Poppler's pdftoppm draws the pages of the samples from
the renderer's preview.
"""

import asyncio
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.render.preview.samples import contract, form, treasury_paper
from services.renewal.render.renderer import Renderer

FOLDER = Path(__file__).parents[1] / "docs/pictures/documents"
_DPI = "64"
_GRAYS = 8
_GAP = 8  # pixels between pages
_IN_A_ROW = 4
_FORMS = ("short", "long", "lines", "terminated", "update")
_CONTRACTS = ("short", "lines")
_WITH_TRANSFER = date(2026, 12, 2)


async def _draw() -> dict[str, bytes]:
    renderer = Renderer(limit=60)
    try:
        forms = {f"form-{name}": await renderer.form(form(name, "hcsn")) for name in _FORMS}
        contracts = {
            f"contract-{name}": await renderer.contract(contract(name, "hcsn")) for name in _CONTRACTS
        }
        forms["form-transfer"] = await renderer.form(form("short", "hcsn", _WITH_TRANSFER))
        papers = {
            paper.value: await renderer.treasury_paper(treasury_paper(paper, "short", "hcsn"))
            for paper in TreasuryPaper
        }
    finally:
        await renderer.close()
    return forms | contracts | papers


def _pages(pdf: bytes) -> list[Image.Image]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", _DPI, "-gray", "-", f"{folder}/page"]
        subprocess.run(command, input=pdf, check=True)
        return [Image.open(path).convert("L") for path in sorted(Path(folder).iterdir())]


def _sheet(pages: list[Image.Image]) -> Image.Image:
    width, height = pages[0].width + _GAP, pages[0].height + _GAP
    rows = -(-len(pages) // _IN_A_ROW)
    sheet = Image.new("L", (min(len(pages), _IN_A_ROW) * width + _GAP, rows * height + _GAP), 200)
    for number, page in enumerate(pages):
        sheet.paste(page, (_GAP + number % _IN_A_ROW * width, _GAP + number // _IN_A_ROW * height))
    return sheet.quantize(_GRAYS)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, pdf in asyncio.run(_draw()).items():
        path = FOLDER / f"{name}.png"
        _sheet(_pages(pdf)).save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
