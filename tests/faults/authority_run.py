"""Offices sign and get their contracts while the authorities fail, in each way once. The signing service must
prove each signature (PAdES B-LT), so it waits. Nothing may be lost, and nothing be done twice."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from pymongo import MongoClient

from deploy.local.clock.clock import StackClock, connect_clock
from deploy.local.clock.drain import Drain
from deploy.local.demo.demo import scene_of
from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import Caller, CallRefused
from deploy.local.samples.importer import import_rows
from deploy.local.samples.offices import offices
from services.subscription.spreadsheet.row import Row
from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.faults.authority import AuthorityStack, CertifiedRenewer, serve_authority
from tests.faults.authority_faults import FAULTS, AuthorityFault
from tests.faults.effects import Effects
from tests.faults.history_run import servers
from tests.faults.proven_walk import ProvenWalk

REPORT = Path("out/faults/authorities.json")
_OVERDUE = timedelta(days=5)
_SIGNING = {"GIAHAN_REQUIRE_LONG_TERM": "true", "GIAHAN_FETCH_SECONDS": "1"}


def run(seed: int) -> int:
    """Returns the number of violations, prints what happens and writes REPORT."""
    found: list[str] = []
    with servers() as settings, tempfile.TemporaryDirectory(prefix="giahan-authority-") as folder:
        found += walk(Path(folder), settings, Random(seed))
    told = {"faults": [fault.name for fault in FAULTS], "violations": found}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"authorities: {len(FAULTS)} faults, {len(found)} violations; {REPORT}", flush=True)
    return len(found)


def walk(
    folder: Path, settings: Settings, random: Random, faults: tuple[AuthorityFault, ...] = FAULTS
) -> list[str]:
    """Let one office renew through each fault, in random order. Returns the violations."""
    with ExitStack() as ending:
        authority = ending.enter_context(serve_authority(folder))
        mongo, namespace = settings.mongo.get_secret_value(), f"t{fresh().hex[:12]}"
        stack = AuthorityStack(folder, namespace, settings.kafka, mongo, authority, _SIGNING)
        ending.callback(stack.stop)
        stack.start(lambda said: None)
        caller = ending.enter_context(closing(Caller(stack)))
        clock, drain = ending.enter_context(connect_clock(stack.environment.settings()))
        client: MongoClient[dict[str, Any]] = ending.enter_context(MongoClient(mongo, tz_aware=True))
        effects = Effects(client, stack.environment.settings())
        return list(_AuthorityWorld(stack, caller, clock, drain, effects).violations(random, faults))


@dataclass(frozen=True, slots=True)
class _AuthorityWorld:
    stack: AuthorityStack
    caller: Caller
    clock: StackClock
    drain: Drain
    effects: Effects

    def violations(self, random: Random, faults: tuple[AuthorityFault, ...]) -> Iterator[str]:
        order = random.sample(faults, len(faults))
        rows = self._take_in(len(order))
        for fault, row in zip(order, rows, strict=True):
            try:
                self._renew(row, fault)
                print(f"  {fault.name}: renewed", flush=True)
            except (StackProblem, CallRefused) as problem:
                print(f"  VIOLATION {fault.name}: {problem}", flush=True)
                yield f"{fault.name}: {problem}"
        self.drain.wait()
        until(lambda: not self.effects.waiting(), "không còn gì chờ", "nothing parked or asked for")
        yield from self.effects.contracts(len(rows))

    def _take_in(self, count: int) -> list[Row]:
        """Offices that were locked some days ago."""
        today = self.clock.today()
        own = {"expires_on": today - _OVERDUE, "policy": "r117"}
        rows = [like.model_copy(update=own) for like in offices(today, count)]
        import_rows(self.caller, rows)
        self.drain.wait()
        return rows

    def _renew(self, row: Row, fault: AuthorityFault) -> None:
        directory = self.stack.environment.directory
        with scene_of(self.stack, row, self.caller, self.clock, self.drain, directory) as scene:
            renewer = CertifiedRenewer(row, self.caller, scene.renewer.pki, self.stack.authority, self.clock)
            scene = replace(scene, renewer=renewer)
            list(ProvenWalk(scene, renewer=renewer, fault=fault, restart=self._restart).steps())

    def _restart(self) -> None:
        """Kill the signing service, and start it again as a supervisor does."""
        signing = self.stack.services["signing"]
        signing.process.kill()
        signing.start()
