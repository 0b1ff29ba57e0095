"""A form or an address with another text where our page put a number: it is read or rejected, never a 500
error."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.pages.typed import InvalidInput
from services.renewal.paper.pages.view import envelope_if_any
from shared.storage.mongo import EPOCH
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor
from shared.web.people import Person

pytestmark = pytest.mark.usefixtures("rendered_once")

ODD = st.sampled_from(["9" * 5000, "²", "٣", "1_0", "+1", ""])
NUMBERS = st.one_of(st.text(), st.integers().map(str), ODD)


def submission(**fields: str) -> FormSubmission:
    return FormSubmission(Visitor(Person(sub="clerk-1", roles=frozenset()), ""), fields)


@given(NUMBERS)
def test_number_of_a_page(typed: str) -> None:
    found = submission(seen=typed).number("seen")
    assert found is None or 0 <= found < 10**9


@given(st.integers(0, 10**9 - 1))
def test_number_of_a_page_is_read(number: int) -> None:
    assert submission(seen=str(number)).number("seen") == number
    assert submission().number("seen") is None


@given(NUMBERS)
def test_envelope(typed: str) -> None:
    with suppress(InvalidInput):
        found = envelope_if_any(typed)
        assert found is None or 1 <= found <= 99_999


@given(NUMBERS, st.one_of(st.text(), st.uuids().map(str)))
def test_place_in_a_list(since: str, id: str) -> None:
    with suppress(ValueError):
        assert QueuePosition.read(str(place := QueuePosition.read(f"{since}.{id}"))) == place


@given(st.integers(-(10**13), 10**14), st.uuids())
def test_place_is_read_as_it_was_written(milliseconds: int, id: UUID) -> None:
    place = QueuePosition(EPOCH + timedelta(milliseconds=milliseconds), id)
    assert QueuePosition.read(str(place)) == place


@pytest.mark.parametrize("far", ["9" * 30, "-" + "9" * 30, "9" * 400, "1" + "0" * 15])
def test_place_in_no_year_of_ours_is_none(far: str) -> None:
    with pytest.raises(ValueError):
        QueuePosition.read(f"{far}.00000000-0000-0000-0000-000000000000")
