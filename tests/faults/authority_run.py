"""Offices sign and get their contracts while the authorities and a provider fail, in each way once. The
signing service must prove each signature (PAdES B-LT), so it waits. Nothing may be lost, and nothing be done
twice."""

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
from deploy.local.demo.scene import Scene
from deploy.local.demo.walks.walk import Walk
from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import CallRefused
from deploy.local.samples.importer import import_rows
from deploy.local.samples.offices import offices
from services.subscription.spreadsheet.row import Row
from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.faults.authority import AuthorityStack, CertifiedRenewer, serve_authority, serve_beside
from tests.faults.authority_faults import FAULTS, Fault, ProviderFault
from tests.faults.effects import Effects
from tests.faults.history_run import servers
from tests.faults.proven_walk import ProvenWalk
from tests.faults.remote_walk import NAME, RemoteRenewer, RemoteWalk
from tests.faults.script_caller import ScriptCaller
from tests.services.signing.signatures.remote.provider import PhoneProvider, serve

REPORT = Path("out/faults/authorities.json")
_OVERDUE = timedelta(days=5)
_SIGNING = {
    "GIAHAN_REQUIRE_LONG_TERM": "true",
    "GIAHAN_FETCH_SECONDS": "1",
    "GIAHAN_REMOTE_CONFIRM_SECONDS": "10",
    "GIAHAN_REMOTE_POLL_SECONDS": "0.1",
}


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


def walk(folder: Path, settings: Settings, random: Random, faults: tuple[Fault, ...] = FAULTS) -> list[str]:
    """Let one office renew through each fault, in random order. Returns the violations."""
    with ExitStack() as ending:
        authority = ending.enter_context(serve_authority(folder))
        provider = ending.enter_context(serve_beside(serve(PhoneProvider({}))))
        offered = {"name": NAME, "label": "Ký trên điện thoại", "url": provider.base}
        signing = {**_SIGNING, "GIAHAN_REMOTE_PROVIDERS": json.dumps([offered])}
        mongo, namespace = settings.mongo.get_secret_value(), f"t{fresh().hex[:12]}"
        stack = AuthorityStack(folder, namespace, settings.kafka, mongo, authority, signing)
        ending.callback(stack.stop)
        stack.start(lambda said: None)
        caller = ending.enter_context(closing(ScriptCaller(stack)))
        clock, drain = ending.enter_context(connect_clock(stack.environment.settings()))
        authority.clock = clock
        client: MongoClient[dict[str, Any]] = ending.enter_context(MongoClient(mongo, tz_aware=True))
        effects = Effects(client, stack.environment.settings())
        return list(
            _AuthorityWorld(stack, caller, clock, drain, effects, provider).violations(random, faults)
        )


@dataclass(frozen=True, slots=True)
class _AuthorityWorld:
    stack: AuthorityStack
    caller: ScriptCaller
    clock: StackClock
    drain: Drain
    effects: Effects
    provider: PhoneProvider

    def violations(self, random: Random, faults: tuple[Fault, ...]) -> Iterator[str]:
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

    def _renew(self, row: Row, fault: Fault) -> None:
        directory = self.stack.environment.directory
        with scene_of(self.stack, row, self.caller, self.clock, self.drain, directory) as scene:
            list(self._walk(scene, fault).steps())

    def _walk(self, scene: Scene, fault: Fault) -> Walk:
        seen = (scene.office, self.caller, scene.renewer.pki, self.stack.authority)
        if isinstance(fault, ProviderFault):
            remote = RemoteRenewer(*seen, self.provider)
            scene = replace(scene, renewer=remote)
            return RemoteWalk(scene, renewer=remote, fault=fault, restart=self._restart)
        renewer = CertifiedRenewer(*seen)
        scene = replace(scene, renewer=renewer)
        return ProvenWalk(scene, renewer=renewer, fault=fault, restart=self._restart)

    def _restart(self) -> None:
        """Kill the signing service, and start it again as a supervisor does."""
        signing = self.stack.services["signing"]
        signing.process.kill()
        signing.start()
