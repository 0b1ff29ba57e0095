"""Expected changes pass, however many they are. Unexpected ones are held, and a person checks many."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from services.subscription.domain.changes.correction import release_hold, restate
from services.subscription.domain.changes.hold_limit import HoldLimit
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.plans.hold_releases import BATCH
from services.subscription.plans.holds import HoldsWatch
from shared.events.subscription import AccessLocked
from shared.runtime.settings import Settings
from shared.time.clock import OffsetClock, SystemClock
from shared.web.people import Role
from tests.services.subscription.examples import POLICIES, days
from tests.services.subscription.plan_steps import adopt_all, on
from tests.services.subscription.world import World, row, world
from tests.support.people import People
from tests.support.service_process import until

FULL = ["read", "write", "print", "export"]


async def holds(it: World, **params: Any) -> dict[str, Any]:
    answer = await it.client.get("/v1/holds", params=params, headers=it.people.clerk())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def probe(it: World, name: str) -> dict[str, Any]:
    answer = await it.client.get("/health/ready")
    found: dict[str, Any] = next(check for check in answer.json() if check["name"] == name)
    return found


async def stages(it: World) -> dict[str, int]:
    groups = it.service.database["subscriptions"].aggregate([{"$group": {"_id": "$stage", "n": {"$sum": 1}}}])
    return {group["_id"]: group["n"] for group in await groups.to_list(None)}


async def test_sixty_percent_of_all_due_at_one_midnight_pass_unattended(
    settings: Settings, people: People
) -> None:
    """Guards against: a limit on the share of changes stops every New Year, and catches nothing else."""
    async with world(settings, people) as it:
        last_day = it.today + days(3)
        due = {f"due-{n}": last_day for n in range(120)}
        others = {f"later-{n}": last_day + days(200) for n in range(80)}
        await adopt_all(it, due | others)
        it.move_days(4)
        await it.wait_until_idle()
        assert await stages(it) == {"locked": 120, "active": 80}
        assert (await holds(it))["held"] == 0
        locked = [event for _, event in await it.published() if isinstance(event, AccessLocked)]
        assert len({event.subscription_id for event in locked}) == len(locked) == 120
        assert (await probe(it, "holds")) == {"name": "holds", "ok": True, "detail": "0 held"}


async def test_a_clock_a_day_ahead_on_30_december_locks_nobody(settings: Settings, people: People) -> None:
    """Guards against: one server's clock is wrong on the eve of the day on which most terms end."""
    machine = OffsetClock(SystemClock())
    last_day = datetime(2027, 12, 31, tzinfo=UTC).date()
    async with world(settings, people, real=machine) as it:
        it.move_to(datetime(2027, 12, 30, 5, tzinfo=UTC))
        await adopt_all(it, {f"dv-{n}": last_day - days(n % 2) for n in range(30)})
        machine.move(timedelta(days=1))
        assert it.today == last_day
        await until(lambda: detail(it, "clocks", "disagree by 86400 s"), "the clocks to disagree")
        await turns(it, 5)
        gates = [(await it.access(f"dv-{n}"))["products"][0] for n in range(30)]
        assert {gate["stage"] for gate in gates} == {"expiring"}
        assert all(gate["access"] == FULL and gate["steps"] == [] for gate in gates)
        assert await stages(it) == {"expiring": 30}
        assert not [event for _, event in await it.published() if isinstance(event, AccessLocked)]


async def detail(it: World, name: str, expected: str) -> bool:
    return bool((await probe(it, name))["detail"] == expected)


async def turns(it: World, count: int) -> None:
    """Wait until the scheduler has run that often."""
    pulse, now = it.pulses["schedule"], asyncio.get_running_loop().time
    for _ in range(count):
        before = now()
        await until(lambda before=before: later(now() - pulse.age(), before), "a turn of the schedule")  # type: ignore[misc]


async def later(beat: float, before: float) -> bool:
    return beat > before


def moved_to(state: Subscription, day: date, now: datetime, *, many: bool = False) -> Decided:
    """A list moves the last day of use to `day`."""
    return restate(state, state.licence.model_copy(update={"expires_on": day}), now, POLICIES, many=many)


async def hold(it: World, offices: Iterable[str], *, many: bool = False) -> None:
    now, yesterday = it.service.clock.now(), it.today - days(1)
    for office in offices:
        await it.change(office, lambda state: moved_to(state, yesterday, now, many=many))


async def let_go(it: World, offices: Iterable[str]) -> None:
    now = it.service.clock.now()
    for office in offices:
        await it.change(office, lambda state: release_hold(state, now, POLICIES))


async def test_a_list_that_moves_many_dates_to_yesterday_is_held_and_the_rest_proceeds(
    settings: Settings, people: People
) -> None:
    """Guards against: a list with a wrong column takes access from thousands at once. More than one batch of
    holds is released."""
    async with world(settings, people, "api") as it:
        tonight, later, yesterday = it.today, it.today + days(100), it.today - days(1)
        due, moving = [f"due-{n}" for n in range(60)], [f"dv-{n}" for n in range(BATCH + 40)]
        await adopt_all(it, dict.fromkeys(due, tonight) | dict.fromkeys(moving, later))
        moved = [row(office, yesterday) for office in moving]
        renamed = [row(office, tonight, contact_name="Lê Thị Mới") for office in due]
        done = await it.imports([*moved, *renamed, row("new", later)])
        all, figures = len(moving), {name: done[name] for name in ("adopted", "corrected", "held", "many")}
        assert figures == {"adopted": 1, "corrected": 60, "held": all, "many": True}
        await on(it, it.today + days(8))
        assert await stages(it) == {"active": all + 1, "locked": 60}
        product = (await it.access("dv-1"))["products"][0]
        assert (product["stage"], product["access"], product["steps"]) == ("active", FULL, [])
        held = await holds(it)
        assert (held["held"], held["by_reason"], held["many"]) == (all, {"many_at_once": all}, True)
        released = await it.client.post(
            "/v1/hold-releases",
            json={"import_id": done["import_id"], "reason": "Danh sách đúng"},
            headers=people.clerk(),
        )
        assert (released.status_code, released.json()["released"]) == (200, all)
        assert (await holds(it))["held"] == 0
        assert await stages(it) == {"active": 1, "locked": all + 60}


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the watch logs from now on."""
    capture = LogCapture()
    log = structlog.wrap_logger(
        None, [capture], structlog.make_filtering_bound_logger("debug"), cache_logger_on_first_use=False
    )
    monkeypatch.setattr("services.subscription.plans.holds.log", log)
    return capture.entries


async def test_watch_logs_each_change_of_too_many_once(
    settings: Settings, people: People, logs: list[Any]
) -> None:
    offices = [f"dv-{n}" for n in range(60)]
    async with world(settings, people, "api") as it:
        await adopt_all(it, dict.fromkeys(offices, it.today + days(60)))
        shared = it.service.database["told"]
        watch, other = (HoldsWatch(it.subscriptions, HoldLimit(share=1), shared, 60) for _ in range(2))
        await hold(it, offices[:20])
        assert await watch.check() == "20 held"
        assert logs == []
        await hold(it, offices[20:22])
        for again in (watch, other, watch):
            assert await again.check() == "22 held: a person must look"
        assert alerts(logs) == [("holds.many", "error", 22)]
        await let_go(it, offices[:3])
        assert (await other.check(), await watch.check()) == ("19 held", "19 held")
        await hold(it, offices[22:25])
        await watch.check()
    assert alerts(logs) == [
        ("holds.many", "error", 22),
        ("holds.normal", "info", 19),
        ("holds.many", "error", 22),
    ]


def alerts(logs: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    return [(log["event"], log["log_level"], log["held"]) for log in logs]


async def test_many_held_are_shown_and_no_reason_to_be_unready(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        offices = [f"dv-{n}" for n in range(9)]
        await adopt_all(it, dict.fromkeys(offices, it.today + days(60)))
        await hold(it, offices[:5])
        await hold(it, offices[5:7], many=True)
        await until(lambda: detail(it, "holds", "7 held: a person must look"), "the watch to see them")
        await until(lambda: ready(it), "the service to be ready with them")
        assert (await probe(it, "holds"))["detail"] == "7 held: a person must look"
        first = await holds(it, limit=4)
        second = await holds(it, limit=4, cursor=first["next"])
        assert (first["held"], first["by_reason"]) == (7, {"date_too_new": 5, "many_at_once": 2})
        assert (first["many"], first["all"], second["next"]) == (True, 9, None)
        found = [item["office_ref"] for item in (*first["items"], *second["items"])]
        assert sorted(found) == offices[:7]
        assert (
            await it.client.get("/v1/holds", params={"limit": 201}, headers=people.clerk())
        ).status_code == 422


async def ready(it: World) -> bool:
    return (await it.client.get("/health/ready")).status_code == 200


@pytest.mark.parametrize("role", [Role.RENEWER, Role.MEMBER])
async def test_only_the_vendor_sees_what_is_held(settings: Settings, people: People, role: Role) -> None:
    async with world(settings, people, "api") as it:
        answer = await it.client.get("/v1/holds", headers=people.headers(role, "dv-1"))
        assert answer.status_code == 403
