"""Provinces' names and codes are unique, and agree with the list of communes."""

import csv
from pathlib import Path

import pytest

from shared.text.provinces import NAMES, current, place

COMMUNES = Path(__file__).parents[3] / "deploy/local/samples/communes.csv"


def test_each_code_has_the_name_that_the_communes_have() -> None:
    with COMMUNES.open(encoding="utf-8") as file:
        listed = {line["province_code"]: line["province"] for line in csv.DictReader(file)}
    assert {code: _without_kind(name) for code, name in listed.items()} == {
        code: _without_kind(name) for code, name in NAMES.items()
    }
    assert len(NAMES) == 34
    assert (place("91"), place("96")) == ("An Giang", "Cà Mau")


@pytest.mark.parametrize(
    ("before", "now", "name"),
    [("89", "91", "An Giang"), ("95", "96", "Cà Mau"), ("27", "24", "Bắc Ninh"), ("72", "80", "Tây Ninh")],
)
def test_a_merged_province_has_its_present_code(before: str, now: str, name: str) -> None:
    assert (current(before), place(before)) == (now, name)


def test_only_the_63_former_codes_name_a_place() -> None:
    known = [code for code in (f"{n:02d}" for n in range(100)) if place(code)]
    assert len(known) == 63
    assert place("99") is None
    assert current("03") is None


def _without_kind(name: str) -> str:
    return name.removeprefix("Thành phố ").removeprefix("Tỉnh ")
