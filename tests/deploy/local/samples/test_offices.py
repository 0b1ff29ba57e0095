"""The sample offices are the same in every run, valid, and spread over all stages."""

from collections import Counter
from datetime import date, timedelta

import pytest
from stdnum.vn import mst

from deploy.local.samples.offices import COUNT, offices
from services.subscription.domain.stages.stage import calendar_stage
from services.subscription.policies import load_policies
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row
from tests.services.subscription.sample_rows import Parsed, read_rows

POLICIES = load_policies()
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def sample() -> list[Row]:
    return offices(TODAY)


def test_each_is_a_sound_row_of_its_own(sample: list[Row]) -> None:
    assert read_rows(write_rows(sample), POLICIES) == Parsed(dict(enumerate(sample, 2)))
    assert len(sample) == COUNT
    for unique in ("office_ref", "budget_code", "address"):
        assert len({getattr(row, unique) for row in sample}) == COUNT


def test_tax_codes_have_their_check_digit_and_are_of_no_province(sample: list[Row]) -> None:
    codes = [row.tax_code for row in sample if row.tax_code]
    assert len(set(codes)) == len(codes) > COUNT * 0.8
    assert all(mst.is_valid(code) and code.startswith("99") for code in codes)


def test_they_lie_over_all_stages_and_provinces(sample: list[Row]) -> None:
    stages = Counter(calendar_stage(row.expires_on, TODAY, POLICIES["r117"]) for row in sample)
    assert min(stages.values()) > 50
    assert len(stages) == 5
    assert len({row.province_code for row in sample}) == 34


def test_who_they_are_doesnt_depend_on_today_and_the_first_expires_soon(sample: list[Row]) -> None:
    later = offices(TODAY + timedelta(days=100))
    undated = [row.model_copy(update={"expires_on": TODAY}) for row in later]
    assert undated == [row.model_copy(update={"expires_on": TODAY}) for row in sample]
    walked = sample[0]
    assert (walked.office_ref, walked.tax_code, walked.expires_on) == (
        "dv-00001",
        "9900000030",
        date(2026, 11, 29),
    )


def test_places_are_written_in_one_way(sample: list[Row]) -> None:
    """As on the vendor's side of the same contract: `phường …, thành phố Hà Nội`, `Thành phố Hồ Chí Minh`."""
    places = {row.address.partition(", đường ")[2].partition(", ")[2] for row in sample}
    kinds = {place.split(" ")[0] for place in places}
    assert kinds == {"phường", "xã", "đặc"}
    assert {province.split(" ")[0] for province in (place.partition(", ")[2] for place in places)} == {
        "tỉnh",
        "thành",
        "Thành",
    }
    assert any(place.endswith(", Thành phố Hồ Chí Minh") for place in places)
    assert any(place.endswith(", thành phố Hà Nội") for place in places)
