"""The held dates of one import are released together."""

from datetime import timedelta
from typing import Any

import pytest

from services.subscription.domain.facts import DateTrust
from services.subscription.plans.hold_releases import set_last_by
from shared.events.base import Stage
from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.storage.aggregate import Stored
from tests.services.subscription.examples import ENDS, adopted, days, noon
from tests.services.subscription.rest_steps import ask, id_of
from tests.services.subscription.world import World, row, world
from tests.support.people import People
from tests.support.problems import problem

HELD = 25


async def release(it: World, import_id: str) -> dict[str, Any]:
    body = {"import_id": import_id, "reason": "đã đối chiếu danh sách"}
    answer = await ask(it, "POST", "/v1/hold-releases", body)
    assert answer.status_code == 200, answer.text
    released: dict[str, Any] = answer.json()
    return released


async def test_an_import_is_released_but_for_what_a_later_one_changed(
    settings: Settings, people: People
) -> None:
    """Guards against: a decision about one list takes effect on another list's dates."""
    async with world(settings, people, "api") as it:
        yesterday, offices = it.today - days(1), [f"dv-{number}" for number in range(HELD)]
        await it.imports([row(office, it.today + days(200)) for office in offices])
        first = await it.imports([row(office, yesterday) for office in offices])
        later = await it.imports([row("dv-0", yesterday - days(30))])
        assert (first["many"], first["held"], later["held"]) == (True, HELD, 1)
        released, again = await release(it, first["import_id"]), await release(it, first["import_id"])
        none = await ask(it, "POST", "/v1/hold-releases", {"import_id": str(fresh()), "reason": "x"})
        stages = {office: (await it.subscription(office)).stage for office in offices}
        of_later = await release(it, later["import_id"])
    assert (released["released"], released["more"], again["released"]) == (HELD - 1, False, 0)
    assert released["changed"] == again["changed"] == [str(id_of("dv-0"))]
    assert {office for office, stage in stages.items() if stage != "locked"} == {"dv-0"}
    assert of_later["released"] == 1
    assert problem(none) == (404, "unknown-import")


@pytest.mark.parametrize(
    ("set_after", "others", "its_own"),
    [
        (0, [], True),
        (0, [-3, 24], True),
        (0, [2], False),
        (1, [], False),
    ],
    ids=["alone", "others on other days", "another that day", "a list of the next day"],
)
def test_a_date_is_an_imports_own_where_nothing_came_to_it_later(
    set_after: int, others: list[int], its_own: bool
) -> None:
    import_id, at = fresh(), noon(ENDS)
    trust = DateTrust(set_on=ENDS + days(set_after), named=False, before=Stage.ACTIVE, needs_release=True)
    state = adopted(ENDS - days(150)).with_(trust=trust)
    handled = {import_id: at} | {fresh(): at + timedelta(hours=hours) for hours in others}
    assert set_last_by(import_id, Stored(str(state.id), state, handled=handled)) is its_own
    assert not set_last_by(fresh(), Stored(str(state.id), state, handled=handled))
