"""Offices renew while replicas of the previous and of this release alternate on the same data."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from deploy.local.clock.clock import connect_clock
from deploy.local.clock.drain import DrainReading
from deploy.local.demo.demo import scene_of
from deploy.local.demo.walks.walk import Walk
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.ports import Ports
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import Caller, CallRefused
from deploy.local.samples.importer import import_rows
from deploy.local.samples.offices import offices
from deploy.local.stack.component import Component
from deploy.local.stack.stack import SERVICES, Stack
from tests.faults.releases import OLD, Release

REPORT = Path("out/faults/rolling.json")
Turns = Mapping[str, tuple[str, ...]]

UPGRADE: Turns = {
    "after step 1": ("subscription",),
    "registered": ("signing",),
    "digest given out": ("renewal",),
    "after step 4": ("notifier",),
}
"""Which service changes its release at which moment of a walk: the old release starts the walk, the new one
ends it."""
ROLLBACK: Turns = {
    "after step 1": ("notifier",),
    "registered": ("renewal",),
    "digest given out": ("signing",),
    "after step 4": ("subscription",),
}
"""The new release starts the walk, the old one ends it."""
_ONCE = ("renewal.contract_prepared", "signing.contract_issued", "subscription.renewed")


def run(commit: str = OLD) -> int:
    """Returns the number of violations, prints what happens and writes REPORT."""
    old = Release(commit)
    old.prepare()
    found: list[str] = []
    with stack() as running:
        found += _walked(running, old)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"old": commit, "violations": found}, indent=1, ensure_ascii=False) + "\n")
    for line in found:
        print(f"  VIOLATION {line}", flush=True)
    print(f"rolling: an upgrade and a rollback, {len(found)} violations; {REPORT}", flush=True)
    return len(found)


@contextmanager
def stack() -> Iterator[Stack]:
    """The whole system on its own servers."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="giahan-rolling-")))
        made = Stack(folder, Ports.free(), tied=True)
        ending.callback(made.stop)
        made.start(lambda said: print(said, end="", flush=True))
        yield made


def _walked(running: Stack, old: Release) -> list[str]:
    found: list[str] = []
    with closing(Caller(running)) as caller, connect_clock(running.environment.settings()) as (clock, drain):
        first, second, *others = offices(clock.today(), 10)
        import_rows(caller, [first, second, *others])
        drain.wait()
        for name, row, turns, begins in (
            ("upgrade", first, UPGRADE, old.start),
            ("rollback", second, ROLLBACK, _present),
        ):
            _all(running, begins)
            other = _present if begins == old.start else old.start
            with scene_of(running, row, caller, clock, drain, running.directory) as scene:
                try:
                    list(Walk(scene, between=_change(running, turns, other)).steps())
                except StackProblem as problem:
                    found.append(f"{name}: {problem.en}")
                except CallRefused as refused:
                    found.append(f"{name}: {refused}")
                found += [f"{name}: {what}" for what in _seen(scene.witness.seen, drain.read())]
    return found


def _present(component: Component) -> None:
    component.process.kill()
    component.start()
    component.wait_ready()


def _all(running: Stack, begin: Callable[[Component], None]) -> None:
    for service in SERVICES:
        begin(running.services[service])


def _change(running: Stack, turns: Turns, begin: Callable[[Component], None]) -> Callable[[str], None]:
    def change(moment: str) -> None:
        for service in turns.get(moment, ()):
            begin(running.services[service])

    return change


def _seen(seen: list[WitnessedEvent], end: DrainReading) -> Iterator[str]:
    """The violations after a walk: events that did not happen exactly once, and parked or dead messages."""
    types = [event.type for event in {event.id: event for event in seen}.values()]
    yield from (f"{name}: {types.count(name)} times" for name in _ONCE if types.count(name) != 1)
    if end.parked or end.dead:
        yield f"{end.parked} parked and {end.dead} dead messages"
