"""One contract over several products prints each of them with its order and its own term, and one sum."""

from io import BytesIO

import pdfplumber

from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.render.preview import samples
from services.renewal.render.renderer import Renderer
from shared.text.amounts import vnd

Files = dict[tuple[str, str], bytes]


def said(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as document:
        return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def test_contract_names_each_product_with_its_term(files: Files) -> None:
    content, text = samples.joint_contract("short", "hcsn"), said(files["joint-contract", "short"])
    assert f"Số: {content.number}" in text
    assert "Gia hạn 03 sản phẩm phần mềm" in text
    for product, given in content.products:
        assert text.count(product.product_name) >= 3, "object, price and the basis of its term"
        for day in (given.term.term_from, given.term.term_to, given.term.basis_expires_on):
            assert f"{day:%d/%m/%Y}" in text
    assert "Phần mềm Cán bộ: dịch vụ đã chấm dứt trước ngày ký" in text
    assert "ghi thời hạn của Phần mềm Kế toán hành chính sự nghiệp" in text, "its term was restated"
    total = content.registration.total
    assert total == 3 * samples.SAMPLES["short"].order.total
    assert f"Tổng giá trị hợp đồng là {' '.join(vnd(total).split())}" in text
    assert content.total_in_words in text


async def test_form_says_whether_the_contract_is_one() -> None:
    content = samples.joint("short", "hcsn")
    together = content.registration.model_copy(update={"numbering": ContractNumbering.ORDER})
    renderer = Renderer(limit=120)
    try:
        each, order = [
            said(await renderer.form(content.model_copy(update={"registration": made})))
            for made in (content.registration, together)
        ]
    finally:
        await renderer.close()
    assert "mỗi sản phẩm có một hợp đồng riêng" in each
    assert "cùng thuộc một hợp đồng" in order
    assert "hợp đồng riêng" not in order
