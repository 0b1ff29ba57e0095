"""The texts in both languages: missing values, dates, and products without a name."""

from datetime import UTC, date, datetime

import pytest
from jinja2 import UndefinedError

from services.notifier.words import Bilingual, NoticeWords

CATALOGUE = NoticeWords.of({"qlts": Bilingual(vi="Phần mềm Quản lý tài sản", en="QLTS asset management")})


def test_a_missing_value_is_an_error_and_no_gap() -> None:
    with pytest.raises(UndefinedError):
        CATALOGUE.vi.say("title.expiring")


def test_dates_as_each_language_writes_them() -> None:
    day, at = date(2026, 3, 5), datetime(2026, 12, 31, 17, 5, tzinfo=UTC)
    assert (CATALOGUE.vi.day(day), CATALOGUE.en.day(day)) == ("05/03/2026", "5 March 2026")
    assert CATALOGUE.vi.moment(at, "Asia/Ho_Chi_Minh") == "00:05 ngày 01/01/2027"
    assert CATALOGUE.en.moment(at, "UTC") == "17:05 on 31 December 2026"


def test_product_without_a_name_goes_by_its_code() -> None:
    assert CATALOGUE.vi.product("ketoan") == "Phần mềm KETOAN"
    assert CATALOGUE.en.product("qlts") == "QLTS asset management"
