"""The papers for the State Treasury: what is filled in, what is left to people, and where they sign."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.render.preview.samples import OFFICE, treasury_paper
from services.renewal.render.renderer import Renderer
from services.renewal.settings import EXAMPLE_VENDOR
from tests.services.renewal.render.printed import printed

pytestmark = pytest.mark.timeout(900)

Files = dict[tuple[str, str], bytes]
ORDER, REQUEST, ACCEPTANCE = TreasuryPaper
LAST = {REQUEST: "Đề nghị Thủ trưởng đơn vị", ACCEPTANCE: "Biên bản được lập thành 02 bản"}


def said(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


EXPECTED = {
    ORDER: (
        "NỘI DUNG GHI ỦY NHIỆM CHI", "Trường Tiểu học Kim Đồng", "1047665",
        "GHVSWE60Y3 thanh toán tiền gia hạn sử dụng phần mềm Quản lý tài sản, 01",
        "theo Hợp đồng số 000123/2026/HĐ-GH ngày 05/01/2026", "Năm triệu ba trăm bốn mươi nghìn đồng",
        "Công ty Cổ phần Gia Hạn Số", "0123456789012", "Ngân hàng Thương mại Ví Dụ", "không phải là chứng từ",
    ),
    REQUEST: (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "GIẤY ĐỀ NGHỊ THANH TOÁN", "Trần Văn Dũng", "5.340.000",
        "GHVSWE60Y3", "KẾ TOÁN TRƯỞNG", "Kính gửi: Thủ trưởng đơn vị",
        "Nguyễn Thị Hồng Hạnh", "năm ........", "Số: ...",
    ),
    ACCEPTANCE: (
        "BIÊN BẢN NGHIỆM THU", "Căn cứ Hợp đồng số 000123/2026/HĐ-GH ngày 05/01/2026", "Lê Minh Quân",
        "từ ngày 01/01/2026 đến hết ngày 31/12/2026", "Còn phải thanh toán: 5.340.000",
        "không phải là biên bản thanh lý", "Chưa đạt, lý do: ...",
    ),
}  # fmt: skip


@pytest.mark.parametrize("paper", TreasuryPaper)
def test_paper_is_filled_in_and_neither_dated_nor_numbered(files: Files, paper: TreasuryPaper) -> None:
    pdf = files[paper, "short"]
    words = said(pdf)
    for expected in EXPECTED[paper]:
        assert expected in words
    assert PdfReader(BytesIO(pdf)).get_fields() is None, "it is signed on paper"
    assert "ngày 05 tháng 01 năm 2026" not in words.lower()
    if paper is ACCEPTANCE:
        assert words.lower().count(", ngày ......") == 1, "one day of signing"
        end = words[words.index("ĐẠI DIỆN BÊN A") :].lower()
        assert EXAMPLE_VENDOR.title.lower() in end
        assert OFFICE.title.lower() in end


@pytest.mark.parametrize("name", ["short", "long"])
@pytest.mark.parametrize("paper", LAST)
def test_signatures_follow_words_on_their_page(files: Files, paper: TreasuryPaper, name: str) -> None:
    last = printed(files[paper, name])[-1]
    assert any(text.said.startswith(LAST[paper]) for text in last.texts)


async def test_record_states_no_sum_that_nobody_knows_and_update_is_called_so() -> None:
    """Guards against: a record that both sign says that nothing was paid, where payments aren't followed."""
    renderer = Renderer(processes=1, limit=60)
    try:
        content = treasury_paper(ACCEPTANCE, "short", "hcsn")
        unknown = await renderer.treasury_paper(content.model_copy(update={"paid": None}))
        update = await renderer.treasury_paper(treasury_paper(ORDER, "update", "hcsn"))
    finally:
        await renderer.close()
    assert "Bên A đã thanh toán: ....." in said(unknown)
    assert "Còn phải thanh toán: ....." in said(unknown)
    assert "thanh toán cập nhật phần mềm Quản lý tài sản" in said(update)


async def test_same_day_gives_the_same_bytes_and_before_the_contract_the_form_is_cited() -> None:
    renderer = Renderer(processes=1, limit=60)
    try:
        content = treasury_paper(REQUEST, "before", "hcsn")
        first, second = [await renderer.treasury_paper(content) for _ in range(2)]
    finally:
        await renderer.close()
    assert first == second
    assert "theo Phiếu đăng ký số GH-VSWE-60Y3 ngày 05/01/2026" in said(first)
    assert "Hợp đồng số" not in said(first)
