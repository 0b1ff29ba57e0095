"""A walk of an office while processes die, and what must hold once everything is at rest."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pymongo import MongoClient

from deploy import SERVICES
from deploy.local.clock.clock import StackClock, connect_clock
from deploy.local.clock.drain import Drain
from deploy.local.demo.demo import scene_beside, scene_of
from deploy.local.demo.walks.walk import Walk
from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import CallRefused
from deploy.local.samples.importer import create, import_rows
from deploy.local.samples.offices import offices
from services.subscription.spreadsheet.row import Row
from shared.ids import fresh
from shared.messaging.broker import KafkaNames
from shared.messaging.dead_letters.dead_letter import DeadLetter
from tests.faults.authority import serve_authority
from tests.faults.crash_renewers import PageRenewer, TransferRenewer
from tests.faults.crash_scene import (
    CrashJointWalk,
    CrashPaperWalk,
    CrashScene,
    CrashTransferWalk,
    CrashWalk,
)
from tests.faults.crash_stack import CrashStack, ProcessRestarter
from tests.faults.effects import Effects, dead_faults, mail_faults
from tests.faults.message_injector import Poison, inject_messages
from tests.faults.money_lines import Told, told_events
from tests.faults.rare_paths import RarePaths
from tests.faults.script_caller import ScriptCaller
from tests.support.topic import records

DEATHS = 2
"""How often a service may die between two marks: whoever waits for it waits a minute at most."""
_FEWEST_STEPS = 5
_DAYS_LEFT = 2
_OVERDUE = 5


@dataclass(slots=True)
class World:
    """`renewed`: each renewed subscription, and what its office is told once."""

    stack: CrashStack
    restarter: ProcessRestarter
    caller: ScriptCaller
    clock: StackClock
    drain: Drain
    effects: Effects
    rare_paths: RarePaths
    renewed: list[tuple[Row, tuple[str, ...]]] = field(default_factory=list)
    poison: Poison = field(default_factory=dict)

    @property
    def fired(self) -> list[str]:
        return list(self.stack.ledger.read().fired)

    def unknown_mails(self) -> int:
        return sum(notice["unknowns"] for row, _ in self.renewed for notice in self.effects.notices(row))

    def walk(self, draw: Random, number: int) -> list[str]:
        """Walk one office from its import to its new term, one on paper and one with two products on one
        form, then restart each service. Returns the violations."""
        faults: list[str] = []
        self.stack.ledger.arm(True)
        try:
            row = self._office(draw, number)
            self._take_in(row, number)
            self._renew(row, CrashWalk)
            self._renew(_locked(row, "giay", self.clock.today()), CrashPaperWalk)
            self._renew_jointly(_locked(row, "chung", self.clock.today()))
            if self.rare_paths.are_open("transfer", "upload", "preserve"):
                create(self.caller, locked := _locked(row, "tep", self.clock.today()))
                self.drain.wait()
                self._renew(locked, CrashTransferWalk)
            self.rare_paths.plan_an_end()
            self._restart()
        except (StackProblem, CallRefused) as problem:
            faults.append(f"walk {number}: {problem}")
        finally:
            self.stack.ledger.arm(False)
        return [*faults, *(f"walk {number}: {fault}" for fault in self._settled())]

    def _office(self, draw: Random, number: int) -> Row:
        like, ref = draw.choice(offices(self.clock.today(), 40)), f"sap-{number}"
        expires_on = self.clock.today() + timedelta(days=_DAYS_LEFT)
        own = {"office_ref": ref, "contact_email": f"ke.toan@{ref}.example", "policy": "r117"}
        return like.model_copy(update={**own, "expires_on": expires_on})

    def _take_in(self, row: Row, number: int) -> None:
        """Import one office from the list and create another by hand."""
        self._mark("provoked")
        self.poison |= inject_messages(self.stack, row, number)
        self.rare_paths.leave_orphan_upload()
        until(self.effects.held_back, "thông điệp chờ đơn vị", "messages that wait for the office")
        self._mark("import")
        import_rows(self.caller, [row])
        self._mark("by hand")
        later = row.expires_on + timedelta(days=400)
        other = row.model_copy(update={"office_ref": f"{row.office_ref}-b", "expires_on": later})
        with self.rare_paths.broker_rejects():
            create(self.caller, other)
        self.drain.wait()
        self._mark("republish")
        self._republish(number)
        self.drain.wait()

    def _republish(self, number: int) -> None:
        """All subscriptions are told again: no effect of theirs may come twice."""
        path, body = "/v1/ops/republications", {"reason": "crash points"}
        asked = self.caller.post("subscription", path, "ops", body, key=f"republish {number}")

        def finished() -> bool:
            found = self.caller.get("subscription", path, "ops")
            return any(one["finished_at"] for one in found if one["id"] == asked["id"])

        until(finished, "đã công bố lại", "published again")
        self.caller.post("subscription", f"{path}/{asked['id']}/withdrawal", "ops", {})

    def _renew(self, row: Row, way: type[Walk]) -> None:
        with self._scene(row, TransferRenewer if way is CrashTransferWalk else PageRenewer) as scene:
            self._run(way(scene, between=self._mark, tell=self._mark))
        self.renewed.append((row, way.told_once))

    def _renew_jointly(self, row: Row) -> None:
        with self._scene(row, PageRenewer) as scene, scene_beside(self.stack, scene) as other:
            self._run(CrashJointWalk(scene, other=other, between=self._mark, tell=self._mark))
        self.renewed.append((row, CrashJointWalk.told_once))
        self.renewed.append((other.office, CrashJointWalk.other_told_once))

    @contextmanager
    def _scene(self, row: Row, seat: type[PageRenewer | TransferRenewer]) -> Iterator[CrashScene]:
        environment = self.stack.environment
        with (
            self.rare_paths.upload_raced(),
            scene_of(self.stack, row, self.caller, self.clock, self.drain, environment.directory) as scene,
        ):
            renewer = seat(row, self.caller, scene.renewer.pki, self.stack.authority, self._mark)
            yield CrashScene.of(replace(scene, renewer=renewer), self.effects.unknowns)

    @staticmethod
    def _run(walk: Walk) -> None:
        lines = list(walk.steps())
        if len(lines) < _FEWEST_STEPS:
            raise StackProblem(f"{len(lines)} bước", f"{len(lines)} steps of {_FEWEST_STEPS}")

    def _restart(self) -> None:
        self.effects.forget_held()
        self.rare_paths.leave_old_index()
        self.rare_paths.leave_copies_without_keys()
        for name in SERVICES:
            self._mark(f"restart {name}")
            self.restarter.restart(name)
            self._until_ready(name)

    def _until_ready(self, name: str) -> None:
        """Wait until the service is ready, however often it dies before."""
        until(self.stack.services[name].ready, f"{name} sẵn sàng", f"{name} is ready")

    def _mark(self, name: str) -> None:
        self.stack.ledger.mark(name)

    def _settled(self) -> Iterator[str]:
        """With crashes disarmed, wait until everything is at rest, and check the effects."""
        try:
            for name in SERVICES:
                self._until_ready(name)
            self.drain.wait()
            until(lambda: not self.effects.waiting(), "không còn gì chờ", "nothing parked or asked for")
            self.drain.wait()
        except StackProblem as problem:
            yield str(problem)
        yield from self.effects.waiting()
        yield from self.effects.contracts(len(self.renewed))
        yield from self.effects.money(self._told(), self.clock.today())
        for row, told_once in self.renewed:
            letters = self.caller.get("pages", "/v1/mail", to=row.contact_email)
            ids = [letter["message_id"] for letter in letters]
            copies = {id: ids.count(id) for id in ids}
            yield from mail_faults(self.effects.notices(row), copies, told_once)
        yield from dead_faults(self._dead(), self.poison)

    def _told(self) -> list[Told]:
        """The events in the log, a topic after the other: what happened first is found by its time."""
        environment = self.stack.environment
        names = KafkaNames(environment.namespace)

        async def read() -> list[Told]:
            found = [await records(environment.kafka, names.topic(name)) for name in SERVICES]
            return [told for lying in found for told in told_events(lying)]

        return asyncio.run(read())

    def _dead(self) -> dict[str, set[str]]:
        environment = self.stack.environment
        names = KafkaNames(environment.namespace)

        async def read() -> dict[str, set[str]]:
            found = {name: await records(environment.kafka, names.dead(name)) for name in SERVICES}
            return {name: {DeadLetter.read(one).position for one in dead} for name, dead in found.items()}

        return asyncio.run(read())


def _locked(like: Row, name: str, today: date) -> Row:
    """Another office, which is locked."""
    ref = f"{like.office_ref}-{name}"
    own = {"office_ref": ref, "contact_email": f"ke.toan@{ref}.example"}
    return like.model_copy(update={**own, "expires_on": today - timedelta(days=_OVERDUE)})


@contextmanager
def start_world(directory: Path, kafka: str, mongo: str, wanted: frozenset[str] | None) -> Iterator[World]:
    only: Sequence[str] | None = None if wanted is None else sorted(wanted)
    with ExitStack() as ending:
        authority = ending.enter_context(serve_authority(directory))
        stack = CrashStack(
            directory, f"t{fresh().hex[:12]}", kafka, mongo, authority, deaths=DEATHS, only=only
        )
        settings = stack.environment.settings()
        ending.callback(stack.stop)
        stack.start(lambda said: None)
        restarter = ending.enter_context(ProcessRestarter(stack))
        caller = ending.enter_context(closing(ScriptCaller(stack)))
        clock, drain = ending.enter_context(connect_clock(settings))
        authority.clock = clock
        client: MongoClient[dict[str, Any]] = MongoClient(mongo, tz_aware=True)
        effects = Effects(ending.enter_context(client), settings)
        rare_paths = RarePaths(stack, caller, clock, drain, effects, wanted)
        yield World(stack, restarter, caller, clock, drain, effects, rare_paths)
