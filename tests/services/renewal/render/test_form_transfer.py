"""How to pay, as the form prints it: the words, and the VietQR that another reader reads from the page."""

import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from services.renewal.domain.payment.transfer import declared_transfer
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.render.preview import samples
from services.renewal.render.preview.samples import SAMPLES
from services.renewal.render.renderer import Renderer
from services.renewal.scans.recognition.qr import marks
from services.renewal.settings import EXAMPLE_VENDOR
from shared.text.amounts import vnd

pytestmark = pytest.mark.timeout(900)

Files = dict[tuple[str, str], bytes]


def said(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def drawn(pdf: bytes, folder: Path) -> list[Image.Image]:
    subprocess.run(["pdftoppm", "-r", "150", "-", f"{folder}/page"], input=pdf, check=True)
    return [Image.open(path).convert("RGB") for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("name", ["short", "long", "lines"])
def test_vietqr_is_read_from_the_page_and_is_what_the_words_say(
    files: Files, name: str, tmp_path: Path
) -> None:
    transfer = declared_transfer(SAMPLES[name], EXAMPLE_VENDOR)
    assert transfer
    assert transfer.vietqr
    pdf = files["form", f"{name}, newest"]
    pages = drawn(pdf, tmp_path)
    read = [each.text for page in pages for each in zxingcpp.read_barcodes(page)]
    assert [text for text in read if not text.isdigit()] == [transfer.vietqr]
    words = said(pdf)
    for expected in (transfer.holder, transfer.account, vnd(transfer.amount), transfer.memo):
        assert " ".join(expected.split()) in words
    assert transfer.vietqr in words.replace(" ", "")


def test_scans_of_the_form_are_still_found_by_its_own_code(files: Files, tmp_path: Path) -> None:
    for page in drawn(files["form", "short, newest"], tmp_path):
        assert [mark.code for mark in marks(page)] == [FormCode(number="GH-VSWE-60Y3", revision=1)]


def test_paid_form_and_earlier_edition_print_no_transfer(files: Files) -> None:
    for name in ("paid, newest", "short"):
        assert "Nội dung chuyển khoản" not in said(files["form", name])
    assert samples.form("short", "hcsn").model_copy(update={"asks": False}).transfer is None, "money came"


def test_vendor_without_a_number_at_napas_prints_the_words_alone() -> None:
    vendor = EXAMPLE_VENDOR.model_copy(update={"bank_bin": None})
    transfer = declared_transfer(SAMPLES["short"], vendor)
    assert transfer
    assert (transfer.vietqr, transfer.memo) == (None, "GHVSWE60Y3")


async def test_joint_form_asks_once_for_the_sum_of_all_products(tmp_path: Path) -> None:
    content = samples.joint("short", "hcsn", date(2026, 12, 2))
    transfer = declared_transfer(content.registration, EXAMPLE_VENDOR)
    assert transfer
    assert transfer.amount == sum(each.order.total for each in content.registration.on_form)
    renderer = Renderer(limit=120)
    try:
        pdf = await renderer.form(content)
    finally:
        await renderer.close()
    read = [each.text for page in drawn(pdf, tmp_path) for each in zxingcpp.read_barcodes(page)]
    assert [text for text in read if not text.isdigit()] == [transfer.vietqr]
    sum_of_all = " ".join(vnd(transfer.amount).split())
    assert said(pdf).count(sum_of_all) == 3, "in the commitment, the transfer and the request"
