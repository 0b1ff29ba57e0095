"""A process dies once where it must, and leaves a record of its death."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from services.renewal.domain.joint.members import accept_joined
from shared.background.lease import Lease
from shared.messaging.envelope import Envelope
from shared.messaging.parked import Parked
from shared.storage.mongo import plain
from shared.time.clock import SystemClock
from tests.faults.boundaries import Boundary
from tests.faults.crash_injector import CrashInjector, CrashPlace, Side, point_of, side_of
from tests.faults.crash_points import BY_NAME, JOINT_PLACES
from tests.faults.crash_report import CrashReport
from tests.faults.driver_patch import calling_boundary, joint_save, with_crash_point
from tests.faults.ledger import Ledger
from tests.services.renewal.domain.joint.examples import lead
from tests.services.renewal.examples import NOW, registration
from tests.support.counter import expiring
from tests.support.topic import raw

PLACE = CrashPlace("parked.remove")

# Runs the real thing in a process of its own: a call that leaves a file behind.
_MORTAL = """
import asyncio, pathlib, sys
from tests.faults.crash_injector import CrashInjector, CrashPlace
from tests.faults.ledger import Ledger
file = pathlib.Path(sys.argv[2])
async def write(): file.write_text("done")
asyncio.run(CrashInjector("s", Ledger(pathlib.Path(sys.argv[1])), 1).around(CrashPlace("p"), write))
"""


class Died(BaseException):
    """Raised instead of sending SIGKILL."""


def _die() -> None:
    raise Died


def injector(ledger: Ledger, *, deaths: int = 9, only: frozenset[str] | None = None) -> CrashInjector:
    return CrashInjector("notifier", ledger, deaths, only, _die)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.arm(True)
    return ledger


async def _nothing() -> None:
    """The call around which to die."""


def test_a_process_is_killed_before_then_after_then_no_more(tmp_path: Path, ledger: Ledger) -> None:
    made = tmp_path / "made"

    def run() -> tuple[int, bool]:
        ended = subprocess.run([sys.executable, "-c", _MORTAL, str(ledger.file), str(made)])
        return ended.returncode, made.exists()

    ledger.mark("first")
    assert run() == (-signal.SIGKILL, False)
    ledger.mark("second")
    assert run() == (-signal.SIGKILL, True)
    ledger.mark("third")
    assert run() == (0, True)
    assert list(ledger.read().fired) == ["s p before", "s p after"]


async def test_nobody_dies_unless_armed(ledger: Ledger) -> None:
    ledger.arm(False)
    await injector(ledger).around(PLACE, _nothing)
    assert not ledger.read().fired


async def test_a_service_dies_no_more_often_than_allowed_between_two_marks(ledger: Ledger) -> None:
    with pytest.raises(Died):
        injector(ledger, deaths=1).crash_if_due(PLACE, Side.BEFORE)
    await injector(ledger, deaths=1).around(PLACE, _nothing)
    ledger.mark("the next stretch")
    with pytest.raises(Died):
        await injector(ledger, deaths=1).around(PLACE, _nothing)


def test_places_of_one_point_are_told_apart_unless_points_were_chosen(ledger: Ledger) -> None:
    first, second = CrashPlace("lease.take", "relay"), CrashPlace("lease.take", "schedule")
    chosen = frozenset({side_of("lease.take", Side.AFTER)})
    for place in (first, second):
        with pytest.raises(Died):
            injector(ledger).crash_if_due(place, Side.BEFORE)
    with pytest.raises(Died):
        injector(ledger, only=chosen).crash_if_due(first, Side.AFTER)
    injector(ledger, only=chosen).crash_if_due(second, Side.AFTER)
    assert [point_of(key) for key in ledger.read().fired] == [
        ("lease.take", Side.BEFORE), ("lease.take", Side.BEFORE), ("lease.take", Side.AFTER),
    ]  # fmt: skip


def test_a_process_dies_once_at_a_place_that_was_chosen_and_not_at_another_of_its_point(
    ledger: Ledger,
) -> None:
    chosen = frozenset({side_of("store.update(receivables.allocated)", Side.AFTER)})
    for name in ("receivables", "renewals.released"):
        injector(ledger, only=chosen).crash_if_due(CrashPlace("store.update", name), Side.AFTER)
    place = CrashPlace("store.update", "receivables.allocated")
    injector(ledger, only=chosen).crash_if_due(place, Side.BEFORE)
    with pytest.raises(Died):
        injector(ledger, only=chosen).crash_if_due(place, Side.AFTER)
    injector(ledger, only=chosen).crash_if_due(place, Side.AFTER)
    assert not CrashReport(1, chosen, fired=list(ledger.read().fired)).missed


def test_the_saves_of_a_joint_registration_are_places_of_their_own() -> None:
    made = lead()
    joined = accept_joined(made, 0, NOW, moved=False).state
    allocated = {"allocated": [{"renewal_id": "r", "amount": 1}]}
    saves = {
        joint_save(({"registration": plain(made.registration)},)): "joint",
        joint_save(({"registration": plain(joined.registration)},)): "joined",
        joint_save(({}, {"$set": {"stands_for": ["s"]}})): "released",
        joint_save(({}, {"$set": allocated})): "allocated",
    }
    assert all(found == name for found, name in saves.items())
    others: tuple[tuple[dict[str, Any], ...], ...] = (
        ({"registration": plain(registration())},),
        ({"allocated": [], "stands_for": None},),
        ({}, {"$set": {"status": "accepted"}}),
    )
    assert not any(map(joint_save, others))


async def test_a_call_that_failed_has_no_after(ledger: Ledger) -> None:
    async def fails() -> None:
        raise LookupError

    ledger.fire(PLACE.key("notifier", Side.BEFORE), "notifier")
    with pytest.raises(LookupError):
        await injector(ledger).around(PLACE, fails)


class Collection:
    """Stands in for the driver's collection."""

    def __init__(self) -> None:
        self.called = 0

    async def delete_one(self, query: dict[str, Any]) -> None:
        self.called += 1

    async def find_one_and_update(self, *args: Any, **kwargs: Any) -> dict[str, int]:
        self.called += 1
        return {"epoch": 1}


async def test_a_driver_call_is_known_by_the_function_it_comes_from(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for method in ("delete_one", "find_one_and_update"):
        real = getattr(Collection, method)
        monkeypatch.setattr(Collection, method, with_crash_point(injector(ledger), method, real))
    collection = Collection()
    record = raw(expiring(1))
    envelope = Envelope.parse(record.headers, record.value)
    with pytest.raises(Died):
        await Parked(cast("Any", collection), SystemClock()).remove(envelope)
    with pytest.raises(Died):
        await Lease(cast("Any", collection), "relay", "me").acquire()
    await collection.delete_one({})  # not from a named boundary
    assert collection.called == 1
    assert list(ledger.read().fired) == ["notifier parked.remove before", "notifier lease.take(relay) before"]


def test_a_lambda_and_a_comprehension_are_the_function_that_they_are_in() -> None:
    def frames() -> list[Boundary]:
        here: Callable[[], Boundary] = lambda: calling_boundary(sys._getframe(), "drop")  # noqa: E731
        return [here(), *[calling_boundary(sys._getframe(), "drop") for _ in range(1)]]

    (name,) = {boundary.function.rpartition(".")[2] for boundary in frames()}
    assert name == "frames"


def test_a_report_names_what_was_not_reached() -> None:
    wanted = frozenset({"relay.mark before", "relay.mark after"})
    report = CrashReport(1, wanted, fired=["renewal relay.mark before"])
    assert report.faults == ["not reached: relay.mark after"]
    assert report.count == 0
    report.fired.append("renewal relay.mark after")
    assert not report.faults
    assert report.count == 1


def test_a_full_run_misses_each_side_of_each_point() -> None:
    missed = CrashReport(1).missed
    assert {"smtp.data before", "smtp.data meanwhile", "smtp.data after"} <= set(missed)
    assert {side.partition(" ")[0] for side in missed} == {*BY_NAME, *JOINT_PLACES}
