"""A catalogue has the same texts in both languages, or the process does not start."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared.text.i18n import BadCatalogue, Text, TextCatalogue, day_text, moment_text, read_texts

VI = '[site]\nname = "Gia Hạn"\nleft = "Còn {days} ngày, đến {end:%d/%m/%Y}"\n'
EN = '[site]\nname = "Renewal"\nleft = "{days} days left, until {end}"\n'


def catalogue(folder: Path, vi: str = VI, en: str = EN) -> TextCatalogue:
    (folder / "vi.toml").write_text(vi, encoding="utf-8")
    (folder / "en.toml").write_text(en, encoding="utf-8")
    return TextCatalogue(folder)


def test_a_text_in_one_language_and_in_both(tmp_path: Path) -> None:
    texts = catalogue(tmp_path)
    end = date(2026, 12, 31)
    assert texts.both("site.name").pick("en") == "Renewal"
    assert texts.both("site.left", days=3, end=end) == (
        "Còn 3 ngày, đến 31/12/2026",
        "3 days left, until 2026-12-31",
    )
    assert texts.part("site")["name"].line == "Gia Hạn / Renewal"


def test_a_text_inside_a_text_is_put_in_by_language() -> None:
    assert Text("{who} ký", "{who} signs").fill(who=Text("Đơn vị", "The office")) == (
        "Đơn vị ký",
        "The office signs",
    )


@pytest.mark.parametrize(("n", "told"), [(1, "1 year"), (0, "0 years"), (2, "2 years")])
def test_a_number_picks_its_word(n: int, told: str) -> None:
    assert Text("{n} năm", "{n} {n:year/years}").fill(n=n) == (f"{n} năm", told)


def test_no_english_text_says_one_days() -> None:
    """A number before a word for several is followed by both words."""
    services = Path(__file__).parents[3] / "services/renewal"
    plural = re.compile(r"\{n\} (?:working )?(?:days|years|times|users|lines|rows|offices|registrations)\b")
    texts = {file: read_texts(file) for file in services.rglob("en.toml")}
    assert texts
    assert [(file, key) for file, each in texts.items() for key in each if plural.search(each[key])] == []


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        catalogue(tmp_path).both("site.left", days=3)


@pytest.mark.parametrize(
    ("vi", "en", "named"),
    [
        (VI + 'more = "Thêm"\n', EN, r"en\.toml: site\.more"),
        (VI, EN + 'more = "More"\n', r"vi\.toml: site\.more"),
        (VI, EN.replace("{days}", "{day}"), r"en\.toml: site\.left"),
        (VI.replace("Gia Hạn", ""), EN, r"vi\.toml: site\.name"),
        (VI + "more = 3\n", EN, r"vi\.toml: site\.more"),
        (VI, EN + "more\n", r"en\.toml: "),
        (VI, EN.replace("{days}", "{days"), r"site\.left"),
        (VI, EN.replace("{days}", "{days:{wide}}"), r"site\.left"),
        (VI, EN.replace("{days}", "{}"), r"site\.left"),
        (VI, EN.replace("{days}", "{days!q}"), r"site\.left"),
    ],
)
def test_an_error_names_the_file_and_the_key(tmp_path: Path, vi: str, en: str, named: str) -> None:
    with pytest.raises(BadCatalogue, match=named):
        catalogue(tmp_path, vi, en)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "vi.toml").write_bytes(VI.encode("utf-16"))
    with pytest.raises(BadCatalogue, match=r"vi\.toml"):
        TextCatalogue(tmp_path)
    with pytest.raises(BadCatalogue, match=r"vi\.toml"):
        TextCatalogue(tmp_path / "none")


def test_days_and_moments_as_each_language_writes_them() -> None:
    day, at = date(2026, 3, 5), datetime(2026, 12, 31, 17, 5, tzinfo=UTC)
    assert (day_text("vi", day), day_text("en", day)) == ("05/03/2026", "5 March 2026")
    assert moment_text("vi", at, "Asia/Ho_Chi_Minh") == "00:05 ngày 01/01/2027"
    assert moment_text("en", at, "UTC") == "17:05 on 31 December 2026"
