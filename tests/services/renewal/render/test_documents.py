"""The rendered documents: their text, their fonts, and their signature fields."""

import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, cast

import pytest
from pypdf import PdfReader

from services.renewal.domain.registration.registration import Registration
from services.renewal.render.renderer import Renderer
from shared.events.base import Stage
from shared.events.order import FullGrant
from tests.services.renewal.examples import (
    NOW,
    contract_content,
    declaration,
    form_content,
    licence,
    registration,
)

HARD_NAME = 'Trường “Kim Đồng” – <b>Cơ sở</b> & ’2’ "A" {{ 7*7 }}'


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer(limit=60)
    yield made
    await made.close()


def text(pdf: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(" ".join(pages).split())


def fonts(pdf: bytes) -> set[str]:
    """The base names of all fonts in the file, in whatever object they are."""
    reader = PdfReader(BytesIO(pdf))
    objects = (
        cast("Any", reader.get_object(number)) for number in range(1, int(str(reader.trailer["/Size"])))
    )
    return {
        str(found["/BaseFont"]).partition("+")[2]
        for found in objects
        if isinstance(found, dict) and found.get("/Type") == "/Font"
    }


async def test_form_says_what_was_registered(renderer: Renderer) -> None:
    said = text(await renderer.form(form_content()))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
        "Hà Nội, ngày 05 tháng 01 năm 2026",
        "GH-VSWE-60Y3", "Kính gửi: Công ty Cổ phần Gia Hạn Số", "Trường Tiểu học Kim Đồng", "0199900025",
        "1047665", "20/01/2026", "4.800.000", "5.300.000", "Không chịu thuế",
        "Năm triệu ba trăm nghìn đồng.", "Từ ngày 01/01/2026 đến hết ngày 31/12/2026",
        "là 31/12/2025, cộng 01 năm",
        "chậm nhất ngày 31/03/2026", "HIỆU TRƯỞNG", "Nguyễn Thị Hồng Hạnh",
    ):  # fmt: skip
        assert expected in said


@pytest.mark.parametrize(
    ("issued_at", "position", "printed"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "Kế toán trưởng", "Trần Văn Dũng, điện thoại"),
        (
            datetime(2026, 11, 30, 17, tzinfo=UTC),
            "Kế toán trưởng",
            "Trần Văn Dũng, Kế toán trưởng, điện thoại",
        ),
        (datetime(2026, 11, 30, 17, tzinfo=UTC), None, "Trần Văn Dũng, điện thoại"),
    ],
)
async def test_contacts_position_is_printed_from_its_edition_on(
    renderer: Renderer, issued_at: datetime, position: str | None, printed: str
) -> None:
    """The edition is that of the day in the office's zone: it begins at 17:00 UTC of the day before."""
    made = registration(declaration(office={"contact_position": position}))
    content = form_content(made).model_copy(update={"issued_at": issued_at})
    assert f"Người liên hệ: {printed} 0912345678" in text(await renderer.form(content))


async def test_form_after_termination_and_paid_already(renderer: Renderer) -> None:
    paid = declaration(payment={"kind": "paid", "on": "2026-01-02"})
    late = registration(paid, licence(stage=Stage.TERMINATED))
    said = text(await renderer.form(form_content(late, revision=2)))
    assert "Bản 2, thay cho bản trước" in said
    assert "01 năm kể từ ngày ký hợp đồng" in said
    assert "từ ngày 05/01/2026 đến hết ngày 05/01/2027" in said
    assert "Đơn vị đã thanh toán 5.300.000 đ ngày 02/01/2026" in said


async def test_promise_for_a_day_off_is_printed_with_the_working_day(renderer: Renderer) -> None:
    promised = registration(declaration(payment={"on": "2026-04-05"}))
    for pdf in (
        await renderer.form(form_content(promised)),
        await renderer.contract(contract_content(promised)),
    ):
        expected = "chậm nhất ngày 06/04/2026 (ngày làm việc tiếp theo sau ngày nghỉ 05/04/2026)."
        assert expected in text(pdf)


async def test_contract_says_number_basis_term_and_the_signed_form(renderer: Renderer) -> None:
    said = text(await renderer.contract(contract_content()))
    for expected in (
        "Số: 000123/2026/HĐ-GH", "Công ty Cổ phần Gia Hạn Số", "Trường Tiểu học Kim Đồng",
        "từ ngày 01/01/2026 đến hết ngày 31/12/2026", "thời hạn trước là 31/12/2025", "5f" * 32,
        "GH-VSWE-60Y3", "Ký lúc 09:30:00 ngày 05/01/2026 (+07:00)", *(f"Điều {n}." for n in range(1, 9)),
    ):  # fmt: skip
        assert expected in said


async def test_a_contract_that_gives_full_use_at_the_payment_says_one_day_to_pay(renderer: Renderer) -> None:
    """Guards against: the day of the form in its third article, and the day that was agreed to in its
    fourth."""
    content = contract_content()
    made = content.registration.model_copy(update={"full_grant": FullGrant.AT_PAYMENT})
    day = date(2026, 4, 27)
    at_payment = content.model_copy(update={"registration": made, "pay_by": day})
    said = text(await renderer.contract(at_payment))
    assert "Hạn thanh toán: chậm nhất ngày 27/04/2026." in said
    assert made.payment_day is not None
    assert f"{made.payment_day:%d/%m/%Y}" not in said
    without = text(await renderer.contract(at_payment.model_copy(update={"pay_by": None})))
    assert f"theo cam kết của Bên A: chậm nhất ngày {made.payment_day:%d/%m/%Y}" in without


async def test_contract_on_a_stamped_form_says_so(renderer: Renderer) -> None:
    content = contract_content()
    stamped = {"form_signed_at": None, "form_received_on": date(2026, 1, 4)}
    on_paper = text(await renderer.contract(content.model_copy(update=stamped)))
    for expected in (
        "đã được Bên A ký và đóng dấu,", "mà Bên A đã ký và đóng dấu là đề nghị giao kết hợp đồng",
        "SHA-256 của bản chụp phiếu đã đóng dấu: " + "5f" * 32,
        "(Đã ký và đóng dấu trên phiếu đăng ký)", "Bên B nhận bản giấy ngày 04/01/2026",
    ):  # fmt: skip
        assert expected in on_paper
    signed = text(await renderer.contract(content))
    assert "đã được Bên A ký số," in signed
    assert "đóng dấu" not in signed


async def test_no_font_but_ours(renderer: Renderer) -> None:
    ours = {f"Liberation-Serif{face}" for face in ("", "-Bold", "-Italic", "-Bold-Italic")}
    for pdf in (await renderer.form(form_content()), await renderer.contract(contract_content())):
        assert fonts(pdf) <= ours
        assert b".notdef" not in pdf


async def test_same_content_same_bytes_in_other_processes(renderer: Renderer) -> None:
    other = Renderer(processes=1, limit=60)
    try:
        assert await renderer.form(form_content()) == await other.form(form_content())
        assert await renderer.contract(contract_content()) == await other.contract(contract_content())
    finally:
        await other.close()


async def test_pdf_a_3b_and_dates_of_the_document(renderer: Renderer) -> None:
    reader = PdfReader(BytesIO(await renderer.form(form_content())))
    xmp = reader.xmp_metadata
    assert xmp
    assert (xmp.pdfaid_part, xmp.pdfaid_conformance) == ("3", "B")
    for pdf in (await renderer.form(form_content()), await renderer.contract(contract_content())):
        said = PdfReader(BytesIO(pdf)).metadata
        assert said is not None
        assert (said.creation_date, said.modification_date) == (NOW, NOW)


@pytest.mark.parametrize(("kind", "name"), [("form", "office"), ("contract", "vendor")])
async def test_one_empty_field_where_the_page_left_room(renderer: Renderer, kind: str, name: str) -> None:
    pdf = await (renderer.form(form_content()) if kind == "form" else renderer.contract(contract_content()))
    _assert_field(pdf, name)


async def test_contract_that_its_office_signs_too_has_a_field_for_each(renderer: Renderer) -> None:
    """Without the setting, the document has the same bytes as before."""
    asked = registration().model_copy(update={"assent_days": 10})
    pdf = await renderer.contract(contract_content(asked))
    fields = PdfReader(BytesIO(pdf)).get_fields() or {}
    assert {name for name, field in fields.items() if field.get("/V") is None} == {"office", "vendor"}
    said = text(pdf)
    assert "Bên B ký số sau cùng" in said
    assert "Mã hợp đồng GH-VSWE-60Y3" in said
    assert "Đã ký số trên phiếu đăng ký" not in said
    alone = text(await renderer.contract(contract_content()))
    assert "Mã hợp đồng" not in alone
    assert "Hợp đồng lập dưới dạng thông điệp dữ liệu, có hiệu lực khi Bên B ký số." in alone


async def test_decomposed_and_composed_names_give_the_same_form(renderer: Renderer) -> None:
    name = declaration().office.name
    typed = declaration(office={"name": unicodedata.normalize("NFD", f" {name}  ")})
    assert await renderer.form(form_content(registration(typed))) == await renderer.form(form_content())


async def test_markup_and_quotes_are_printed_as_typed(renderer: Renderer) -> None:
    hard = registration(declaration(office={"name": HARD_NAME, "address": HARD_NAME}))
    for pdf in (await renderer.form(form_content(hard)), await renderer.contract(contract_content(hard))):
        assert HARD_NAME in text(pdf)


async def test_longest_declaration_still_has_its_field_on_the_page(renderer: Renderer) -> None:
    longest = {"name": "W" * 400, "address": "Ặ" * 400}
    people = {"representative": "Ng" * 50, "title": "Phó " * 24, "contact_name": "W" * 100}
    declared = declaration(
        office=longest | people, invoice={"buyer": longest | {"tax_code": "0199900025-001"}}
    )
    pdf = await renderer.form(form_content(registration(declared)))
    _assert_field(pdf, "office")
    assert text(pdf).replace(" ", "").count("Ặ" * 400) == 2


async def test_long_order_repeats_its_head_and_numbers_its_pages(renderer: Renderer) -> None:
    pdf = await renderer.form(form_content(_long(registration())))
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    assert len(pages) > 2
    numbers = [page.partition("Mã phiếu GH-VSWE-60Y3, bản 1")[0].split()[-1] for page in pages]
    assert numbers[0] != "1"
    assert numbers[1:] == [str(n) for n in range(2, len(pages) + 1)]
    assert sum("Đơn giá" in page for page in pages) == sum("có tên rất dài" in page for page in pages)
    _assert_field(pdf, "office")


def _long(registered: Registration) -> Registration:
    line = registered.order.lines[0].model_copy(update={"item": "Gói số " + "có tên rất dài " * 20})
    many = registered.order.model_copy(update={"lines": (line,) * 60})
    return registered.model_copy(update={"order": many})


def _assert_field(pdf: bytes, name: str) -> None:
    reader = PdfReader(BytesIO(pdf))
    assert cast("Any", reader.root_object["/AcroForm"])["/SigFlags"] == 3
    (field,) = (cast("Any", found) for found in (reader.get_fields() or {}).values())
    widget = cast("Any", reader.pages[-1]["/Annots"])[-1].get_object()
    assert (field["/T"], field["/FT"]) == (name, "/Sig")
    assert "/V" not in field
    assert (widget["/Subtype"], widget["/T"]) == ("/Widget", name)
    left, bottom, right, top = (float(edge) for edge in widget["/Rect"])
    page = reader.pages[-1].mediabox
    assert 0 < left < right < page.width
    assert 0 < bottom < top < page.height
    assert (right - left, top - bottom) == pytest.approx((76 / 25.4 * 72, 32 / 25.4 * 72), abs=1)
