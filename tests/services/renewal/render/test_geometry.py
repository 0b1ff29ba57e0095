"""The layout of Nghị định 30/2020 (Appendix I), measured on the rendered pages."""

from itertools import pairwise

import pytest

from tests.services.renewal.render.printed import Page, Text, printed

# Twenty-four documents are drawn and taken apart for the first test here.
pytestmark = pytest.mark.timeout(900)

KINDS = ("form", "contract")
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
ORGANISATION = {"form": "TRƯỜNG TIỂU HỌC KIM ĐỒNG", "contract": "CÔNG TY CỔ PHẦN GIA HẠN SỐ"}
TITLE = {"form": "PHIẾU ĐĂNG KÝ GIA HẠN", "contract": "HỢP ĐỒNG"}
LEFT, RIGHT, CENTRE = 30.0, 190.0, 110.0
REGULAR, BOLD, ITALIC = "Liberation-Serif", "Liberation-Serif-Bold", "Liberation-Serif-Italic"

Drawn = dict[tuple[str, str], list[Page]]


@pytest.fixture(scope="module")
def drawn(files: dict[tuple[str, str], bytes]) -> Drawn:
    return {which: printed(pdf) for which, pdf in files.items()}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def near(value: float, within: float = 0.3) -> object:
    return pytest.approx(value, abs=within)


def test_pages_are_a4_and_nothing_leaves_the_margins(drawn: Drawn) -> None:
    for pages in drawn.values():
        for page in pages:
            assert (page.width, page.height) == (near(210), near(297))
            assert min(text.left for text in page.texts) >= LEFT - 0.1
            assert max(text.right for text in page.texts) <= RIGHT + 0.2
            assert all(rule.right <= RIGHT + 0.2 for rule in page.rules)


def test_pages_begin_20_mm_from_the_edge_with_the_margins_left_empty(drawn: Drawn) -> None:
    """Without the page number at the top and the document's number at the bottom."""
    for pages in drawn.values():
        for page in pages:
            assert min(text.top for text in page.body) == near(20.8, 0.8)
        outside = [t for page in pages for t in page.texts if t not in page.body]
        assert all(text.bottom < 15 or text.top > 280 for text in outside)


def test_national_name_and_motto(drawn: Drawn, kind: str) -> None:
    page = drawn[kind, "short"][0]
    nation, motto = page.one(NATION), page.one(MOTTO)
    assert (nation.size, nation.font) == (12, BOLD)
    assert (motto.size, motto.font) == (near(13, 0.01), BOLD)
    assert nation.middle == near(motto.middle)
    assert nation.middle > CENTRE
    rule = page.rule_below(motto)
    assert (rule.left, rule.right) == (near(motto.left), near(motto.right))
    assert 0 < rule.at - motto.bottom < 2


def test_organisation_and_its_rule(drawn: Drawn, kind: str) -> None:
    page = drawn[kind, "short"][0]
    name = page.one(ORGANISATION[kind])
    assert (name.size, name.font, name.top) == (12, BOLD, near(page.one(NATION).top))
    rule = page.rule_below(name)
    assert 1 / 3 <= rule.length / (name.right - name.left) <= 1 / 2
    assert (rule.left + rule.right) / 2 == near(name.middle)


def test_rule_of_an_organisation_of_many_lines(drawn: Drawn) -> None:
    page = drawn["form", "long"][0]
    lines = [text for text in page.texts if text.font == BOLD and text.size == 12 and text.right < 100]
    assert len(lines) > 5
    longest = max(lines, key=lambda line: line.right - line.left)
    rule = page.rule_below(max(lines, key=lambda line: line.top))
    assert 1 / 3 <= rule.length / (longest.right - longest.left) <= 1 / 2


def test_place_and_date(drawn: Drawn, kind: str) -> None:
    dated = drawn[kind, "short"][0].one("Hà Nội, ngày 05 tháng 01 năm 2026")
    assert (dated.size, dated.font) == (near(13, 0.01), ITALIC)
    assert dated.middle == near(drawn[kind, "short"][0].one(NATION).middle)


def test_form_without_a_known_place_writes_the_date_alone(drawn: Drawn) -> None:
    assert drawn["form", "buyer"][0].one("Ngày 05 tháng 01 năm 2026").font == ITALIC


def test_title(drawn: Drawn, kind: str) -> None:
    title = drawn[kind, "short"][0].one(TITLE[kind])
    assert (title.size, title.font, title.middle) == (near(14, 0.01), BOLD, near(CENTRE))


def test_body_is_13_points_with_an_indent_of_10_mm(drawn: Drawn, kind: str) -> None:
    texts = [text for page in drawn[kind, "short"] for text in page.body]
    firsts = [text for text in texts if text.left == near(40) and text.font == REGULAR]
    assert len(firsts) >= 3
    assert all(text.size == near(13, 0.01) for text in firsts)


def test_body_is_justified_with_lines_1_to_1_and_a_half_apart(drawn: Drawn) -> None:
    texts = [text for page in drawn["contract", "short"] for text in page.body]
    full = [text for text in texts if text.left == near(40) and text.right > RIGHT - 3 and text.size > 12.5]
    assert full
    assert all(text.right == near(RIGHT) for text in full)
    assert all(1 <= apart(first, texts) / 13 <= 1.5 for first in full)


def apart(first: Text, texts: list[Text]) -> float:
    """The distance in points from a paragraph's first line to its second."""
    second = texts[texts.index(first) + 1]
    return (second.top - first.top) / 25.4 * 72


def test_page_numbers_are_centred_in_the_top_margin_from_the_second_page_on(drawn: Drawn) -> None:
    for first, *others in drawn.values():
        assert not [text for text in first.texts if text.bottom < 20]
        for number, page in enumerate(others, 2):
            (above,) = (text for text in page.texts if text.bottom < 20)
            assert (above.said, above.size) == (str(number), near(13, 0.01))
            assert above.middle == near(CENTRE)
            assert 5 < above.top < 15


def test_every_page_carries_the_number_by_which_a_posted_form_is_found(drawn: Drawn) -> None:
    assert all(page.texts[-1].said == "000123/2026/HĐ-GH" for page in drawn["contract", "lines"])
    for (kind, name), pages in drawn.items():
        if kind == "form":
            revision = 2 if name == "terminated" else 1
            for n, page in enumerate(pages, 1):
                said = [text.said for text in page.texts[-2:]]
                assert said == [f"Mã phiếu GH-VSWE-60Y3, bản {revision}", f"trang {n}/{len(pages)}"]


def test_form_does_not_get_longer_by_its_code(drawn: Drawn) -> None:
    usual = ("short", "terminated", "paid", "buyer", "update")
    assert {len(drawn["form", name]) for name in usual} == {2}


def test_form_does_not_get_longer_by_the_transfer(drawn: Drawn) -> None:
    assert {len(drawn["form", f"{name}, newest"]) for name in ("short", "paid")} == {2}


def test_no_letter_but_of_liberation_serif(drawn: Drawn) -> None:
    found = {text.font for pages in drawn.values() for page in pages for text in page.texts}
    assert found == {REGULAR, BOLD, ITALIC}


def test_sixty_lines_repeat_the_head_and_keep_their_totals(drawn: Drawn, kind: str) -> None:
    """One row for each line, in order, and none cut; the head is on every page with rows; the totals follow a
    row."""
    pages = drawn[kind, "lines"]
    rows = [(page, text) for page in pages for text in page.texts if _is_row_number(text)]
    assert [text.said for _, text in rows] == [str(n) for n in range(1, 61)]
    with_rows = [page for page in pages if any(_is_row_number(text) for text in page.texts)]
    assert len(with_rows) > 3
    assert all("Đơn giá" in page.said and "Thành tiền" in page.said for page in with_rows)
    totals = [page for page in pages if "Tổng số tiền phải thanh toán" in page.said]
    assert totals == [with_rows[-1]]
    assert "Bằng chữ" in totals[0].said


def test_amounts_are_never_broken(drawn: Drawn, kind: str) -> None:
    said = [text.said for page in drawn[kind, "lines"] for text in page.texts]
    assert "1.974.503.314" in said


def test_signature_follows_words_on_its_page(drawn: Drawn, kind: str) -> None:
    """Whatever the length of the text, the signatures are never on a page without text."""
    for (each, _), pages in drawn.items():
        if each == kind:
            last = {"form": "Đơn vị xác nhận", "contract": "3. Tổng giá trị hợp đồng"}[kind]
            assert any(text.said.startswith(last) for text in pages[-1].texts)


def _is_row_number(text: Text) -> bool:
    return text.said.isdigit() and text.left > 30 and text.right < 38.5


def test_lines_of_a_page_do_not_overlap(drawn: Drawn) -> None:
    for pages in drawn.values():
        for page in pages:
            column = [text for text in page.body if text.left == near(LEFT, 0.05)]
            assert all(upper.bottom <= lower.top + 1 for upper, lower in pairwise(column))
