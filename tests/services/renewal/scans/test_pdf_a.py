"""What is bound from scans and photos is PDF/A-3b, by veraPDF, whatever colours the upload has."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.scans.scans import Scans
from tests.services.renewal.scans.conftest import Papers, Read
from tests.support.verapdf import verdicts

pytestmark = pytest.mark.timeout(900)

_PICTURES = {
    "grey.jpeg": ("L", "JPEG"),
    "cmyk.jpeg": ("CMYK", "JPEG"),
    "bitonal.png": ("1", "PNG"),
    "palette.png": ("P", "PNG"),
    "transparent.png": ("RGBA", "PNG"),
}


def _saved(page: Image.Image, mode: str, kind: str) -> bytes:
    out = BytesIO()
    page.convert(mode).save(out, kind)
    return out.getvalue()


async def test_every_bound_document_is_pdf_a_3b(
    papers: Papers, scans: Scans, read: Read, tmp_path: Path
) -> None:
    jpegs = scan_pages(papers.form, seed=1, sealed=True)
    page = Image.open(BytesIO(jpegs[0]))
    uploads = {name: _saved(page, mode, kind) for name, (mode, kind) in _PICTURES.items()}
    uploads |= {
        "photo.jpeg": jpegs[0],
        "scan.pdf": feeder_pdf(jpegs),
        "bitonal.pdf": _saved(page, "1", "PDF"),
        "printed.pdf": papers.form,
    }
    paths = [tmp_path / f"{name}.pdf" for name in uploads]
    for path, upload in zip(paths, uploads.values(), strict=True):
        path.write_bytes(await scans.document([each.image for each in await read(upload)]))
    found = verdicts(paths)
    assert set(found) == {path.name for path in paths}
    faults = {name: said["details"]["ruleSummaries"] for name, said in found.items() if not said["compliant"]}
    assert faults == {}
