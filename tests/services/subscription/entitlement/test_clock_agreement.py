"""Access tightens only while three clocks agree: the machine's, the database's, and the projected
heartbeat."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import LogCapture

from services.subscription.entitlement.clock_agreement import CLOCK_TOLERANCE, LONGEST_SILENCE, ClockAgreement
from shared.background.heartbeat import Heartbeat
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.mongo import Database
from shared.time.clock import SystemClock
from tests.support.clock import FixedClock
from tests.support.service_process import until

START = datetime(2026, 12, 30, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass
class Machine:
    """A machine: its clock, its monotonic time, and the database's clock. A test sets each one separately."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    monotonic: float = 1000.0
    database_now: datetime = START

    @property
    def agreement(self) -> ClockAgreement:
        return ClockAgreement(self.clock, lambda: self.monotonic, cast("Database", self))

    def pass_time(self, time: timedelta) -> None:
        self.clock.move_to(self.clock.now() + time)
        self.database_now += time
        self.monotonic += time.total_seconds()

    def set_clock(self, by: timedelta) -> None:
        self.clock.move_to(self.clock.now() + by)

    def aggregate(self, pipeline: list[dict[str, Any]]) -> "Machine":
        return self

    async def to_list(self, length: int | None) -> list[dict[str, Any]]:
        return [{"now": self.database_now}]


@pytest.fixture
def machine() -> Machine:
    return Machine()


async def looked(machine: Machine) -> ClockAgreement:
    agreement = machine.agreement
    await agreement.check()
    return agreement


async def test_before_the_first_look_it_does_not_hold(machine: Machine) -> None:
    agreement = machine.agreement
    assert not agreement.holds()
    assert agreement.detail == "not looked yet"
    await agreement.check()
    assert agreement.holds()
    assert agreement.detail == "agree"


@pytest.mark.parametrize("by", [DAY, -DAY, CLOCK_TOLERANCE + SECOND, -CLOCK_TOLERANCE - SECOND])
async def test_a_jump_of_our_clock_is_noticed_between_two_looks_and_by_them(
    machine: Machine, by: timedelta
) -> None:
    """Guards against: one server's clock is a day ahead on 30 December."""
    agreement = await looked(machine)
    machine.pass_time(SECOND)
    machine.set_clock(by)
    assert not agreement.holds()
    await agreement.check()
    assert not agreement.holds()
    assert agreement.detail == f"disagree by {abs(by).total_seconds():.0f} s"


async def test_a_clock_corrected_holds_again_after_a_look(machine: Machine) -> None:
    agreement = await looked(machine)
    machine.set_clock(DAY)
    await agreement.check()
    assert not agreement.holds()
    machine.pass_time(timedelta(hours=3))
    machine.set_clock(-DAY)
    await agreement.check()
    assert agreement.holds()


async def test_a_process_started_with_a_wrong_clock_is_noticed_by_the_databases(machine: Machine) -> None:
    machine.set_clock(DAY)
    agreement = await looked(machine)
    assert not agreement.holds()
    machine.set_clock(-DAY)
    await agreement.check()
    assert agreement.holds()


async def test_the_databases_clock_alone_astray(machine: Machine) -> None:
    agreement = await looked(machine)
    machine.database_now += DAY
    await agreement.check()
    assert not agreement.holds()
    machine.database_now -= DAY
    await agreement.check()
    assert agreement.holds()


async def test_both_clocks_of_one_machine_astray_are_noticed_by_the_heartbeat(machine: Machine) -> None:
    agreement = await looked(machine)
    machine.set_clock(DAY)
    machine.database_now += DAY
    for _ in range(3):
        await agreement.check()
        assert not agreement.holds()
    assert (await looked(machine)).holds(), "a person restarts the service: the clocks are right"


async def test_a_silent_database_is_tolerated_for_an_hour(machine: Machine) -> None:
    agreement = await looked(machine)
    machine.pass_time(LONGEST_SILENCE)
    assert agreement.holds()
    machine.pass_time(SECOND)
    assert not agreement.holds()
    assert agreement.detail == "database silent for 3601 s"
    await agreement.check()
    assert agreement.holds()


async def test_a_jump_is_noticed_while_the_database_is_silent(machine: Machine) -> None:
    agreement = await looked(machine)
    machine.pass_time(timedelta(minutes=30))
    machine.set_clock(-DAY)
    assert not agreement.holds()


async def test_a_slow_clock_is_tolerated_up_to_five_minutes_from_the_databases(machine: Machine) -> None:
    agreement = await looked(machine)
    for _ in range(30):
        machine.pass_time(timedelta(hours=1))
        machine.set_clock(timedelta(seconds=-10))
        await agreement.check()
        assert agreement.holds()
    machine.set_clock(-SECOND)
    await agreement.check()
    assert not agreement.holds()


@given(st.timedeltas(-2 * CLOCK_TOLERANCE, 2 * CLOCK_TOLERANCE), st.timedeltas(timedelta(0), LONGEST_SILENCE))
def test_it_holds_exactly_while_no_clock_is_further_off(jump: timedelta, passed: timedelta) -> None:
    machine = Machine()

    async def agreement() -> ClockAgreement:
        return await looked(machine)

    agreed = asyncio.run(agreement())
    machine.pass_time(passed)
    machine.set_clock(jump)
    apart = agreed.apart
    assert abs(apart - abs(jump)) < timedelta(milliseconds=1), "but for the floats of monotonic time"
    assert agreed.holds() == (apart <= CLOCK_TOLERANCE)


# ------------------------------------------------------------------ on a real database


class Skewed:
    """The machine's time, wrong by `off`."""

    def __init__(self) -> None:
        self.off = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.off


@pytest.fixture
def database(mongo_uri: str, settings: Settings) -> Iterator[Database]:
    client = mongo.connect(mongo_uri)
    yield client[settings.database("subscription")]
    client.close()


@asynccontextmanager
async def looking(agreement: ClockAgreement, pulse: Heartbeat) -> AsyncIterator[None]:
    running = asyncio.create_task(agreement.run(pulse))
    try:
        yield
        assert not running.done(), "the loop goes on"
    finally:
        running.cancel()


def _monotonic() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the module logs from now on."""
    capture = LogCapture()
    log = structlog.wrap_logger(
        None, [capture], structlog.make_filtering_bound_logger("debug"), cache_logger_on_first_use=False
    )
    monkeypatch.setattr("services.subscription.entitlement.clock_agreement.log", log)
    return capture.entries


async def test_the_databases_clock_is_read_and_a_disagreement_logged_once(
    database: Database, lines: list[Any]
) -> None:
    clock, pulse = Skewed(), Heartbeat("clocks", limit=30)
    agreement = ClockAgreement(clock, _monotonic, database)

    async def says(detail: str) -> None:
        async def said() -> bool:
            return pulse.detail.startswith(detail)

        await until(said, detail)
        assert pulse.alive(), "a disagreement is no reason to be unready"

    async with looking(agreement, pulse):
        await says("agree")
        clock.off = DAY
        assert not agreement.holds()
        await says("disagree by 86")
        clock.off = timedelta(0)
        await says("agree")
    logged = [(line["log_level"], line["event"]) for line in lines]
    assert logged == [("info", "clocks.agree"), ("error", "clocks.disagree"), ("info", "clocks.agree")]
    assert abs(lines[1]["skew_seconds"] - DAY.total_seconds()) < 60


async def test_it_comes_back_from_a_database_that_fails(database: Database) -> None:
    pulse = Heartbeat("clocks", limit=30)
    agreement = ClockAgreement(Skewed(), _monotonic, database)

    async def beaten() -> bool:
        return pulse.alive()

    async def holding() -> bool:
        return agreement.holds()

    broken = {"failCommands": ["aggregate"], "closeConnection": True}
    admin = database.client.admin
    await admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=broken)
    try:
        async with looking(agreement, pulse):
            await until(beaten, "a beat though the database fails")
            assert not agreement.holds()
            await admin.command("configureFailPoint", "failCommand", mode="off")
            await until(holding, "the clocks agree")
    finally:
        await admin.command("configureFailPoint", "failCommand", mode="off")
