"""The search keys by which the desk finds an office, also one that never registered."""

import pytest

from services.renewal.domain.desk.office_keys import office_keys, sought_keys
from tests.services.renewal.examples import licence

KNOWN = licence(
    office_ref="HN-0001",
    name="Trường Tiểu học Đặng Thuỳ Trâm",
    tax_code="0312345678-017",
    budget_code="0047665",
    contact_phone="0912345678",
    contact_email="Ke.Toan@DangThuyTram.edu.vn",
)


def found(text: str) -> bool:
    """Whether the database would find the office: each key of one reading is the beginning of one of its
    keys."""
    keys = office_keys(KNOWN)
    return any(all(any(key.startswith(word) for key in keys) for word in way) for way in sought_keys(text))


@pytest.mark.parametrize(
    "typed",
    [
        "dang thuy tram",
        "ĐẶNG THUỲ",
        "Ðặng",
        "tru tie ho dan",
        "trâm\u200b tiểu",
        "0312345678-017",
        "0312345678–017",
        "0312 345 678",
        "0047665",
        "0047 665",
        "0912345678",
        "0912‑345‑678",
        "+84 912 345 678",
        "(0912) 345 678",
        "(+84) 912-345-678",
        "84912345678",
        "09123",
        "ke.toan@dangthuytram.edu.vn",
        "KE.TOAN@",
        "dangthuytram",
        "HN-0001",
        "hn–0001",
        "hn 0001",
    ],
)
def test_an_office_is_found_by(typed: str) -> None:
    assert found(typed)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "()", "\u200b", "dang thuan", "0312345678-018", "0913", "ke.toan@khac.vn", ".*", "HN-0002"],
)
def test_an_office_is_not_found_by(typed: str) -> None:
    assert not found(typed)


@pytest.mark.parametrize("typed", ["\x00", "dang\x00thuy", "a\x1b@b.vn\x00", "x" * 5000])
def test_a_search_has_nothing_that_no_pattern_can_hold(typed: str) -> None:
    keys = "".join(key for way in sought_keys(typed) for key in way)
    assert keys.isprintable()
    assert len(keys) <= 3000
