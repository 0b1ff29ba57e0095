"""Walks one office that does not renew through all stages: to its end, the deletion of its data, and a
recovery request.

It uses public interfaces only, like deploy.local.demo.walks.walk. The clock jumps from one relevant day
to the next, as after an outage: nothing in between is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from deploy.local.clock.clock import ZONE
from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import both, one_line
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until
from deploy.local.samples.importer import create
from shared.time.calendar import start_of_day

_OPS, _SECOND, _DESK = "ops", "ops-2", "desk"
_PLATFORM_TAKES = timedelta(minutes=2)


@dataclass(slots=True)
class Lifecycle:
    scene: Scene
    _lines: list[EvidenceLine] = field(init=False, default_factory=list)

    def steps(self) -> Iterator[EvidenceLine]:
        """Do all steps. Raises StackProblem or CallRefused at the first result that is wrong."""
        steps = (
            self._created,
            self._reminded,
            self._locked,
            self._warned,
            self._released,
            self._ended,
            self._deleted,
            self._request_recovery,
        )
        for number, step in enumerate(steps, 1):
            yield step(number)

    def timeline(self) -> list[dict[str, Any]]:
        """What happened, in the order of recording, and what will happen."""
        found = self._get("timeline")
        return [*found["happened"], *found["to_come"]]

    def _created(self, step: int) -> EvidenceLine:
        create(self.scene.caller, self.scene.office)
        adopted = self._event("subscription.adopted")
        until(self.scene.knows, *both("check.gate_knows_office"))
        gate = self.scene.gate()
        checks = (one_line("seen.days_left", days=gate["days_left"]),)
        return EvidenceLine(step, both("step.created"), (adopted,), checks)

    def _reminded(self, step: int) -> EvidenceLine:
        """On the day before the last day: a lock requires a reminder at least one whole day before it."""
        self._to(-1)
        reminder = self._event("subscription.expiring")
        return EvidenceLine(step, both("step.reminded"), (reminder, self._mailed("expiring")), ())

    def _locked(self, step: int) -> EvidenceLine:
        self._to(1)
        lock = self._event("subscription.access_locked")
        gate = self.scene.gate()
        require(gate["stage"] == "locked" and not gate["access"], *both("check.locked"))
        return EvidenceLine(step, both("step.locked"), (lock, self._mailed("locked")), (gate["reason"][0],))

    def _warned(self, step: int) -> EvidenceLine:
        self._to(30)
        warning = self._event("subscription.access_locked", new_stage="final_notice")
        gate = self.scene.gate()
        require(gate["stage"] == "final_notice", *both("check.final_notice"))
        return EvidenceLine(
            step,
            both("step.final_notice"),
            (warning, self._mailed("final_notice")),
            (gate["reason"][0],),
        )

    def _released(self, step: int) -> EvidenceLine:
        """Two people release the plan of the last day, seven days ahead."""
        self._to(53)
        day = self._day(60).isoformat()
        plan = until(lambda: self._plan(day), *both("check.plan_end"))
        release = {"terminations_hash": plan["terminations_hash"], "reason": one_line("reason.called")}
        for person in (_OPS, _SECOND):
            self.scene.caller.post("subscription", f"/v1/plans/{day}/releases", person, release)
        until(lambda: self._get("")["release"], *both("check.end_released"))
        checks = (f"{plan['terminations']} {one_line('seen.planned')}",)
        return EvidenceLine(step, both("step.released_by_two"), (self._last(),), checks)

    def _ended(self, step: int) -> EvidenceLine:
        self._to(60)
        ended = self._event("subscription.terminated")
        require(self.scene.gate()["stage"] == "terminated", *both("check.ended"))
        checks = (f"{one_line('seen.due_for_deletion')} {ended.body['deletion_due_on']}",)
        return EvidenceLine(step, both("step.terminated"), (ended, self._mailed("terminated")), checks)

    def _deleted(self, step: int) -> EvidenceLine:
        self._post("deletion", _OPS, {"reason": one_line("reason.dissolved")})
        self._to(90)
        self._post("deletion/approval", _SECOND, {})
        asked = self._event("subscription.data_deletion_requested")
        self.scene.clock.move_to(self.scene.clock.now() + _PLATFORM_TAKES)
        deleted = self._event("platform.data_deleted")
        self.scene.drain.wait()
        return EvidenceLine(
            step, both("step.data_deleted"), (asked, deleted), (self.scene.gate()["reason"][0],)
        )

    def _request_recovery(self, step: int) -> EvidenceLine:
        self._post("recoveries", _DESK, {})
        asked = self._event("subscription.data_recovery_requested")
        answer = self._event("platform.data_recovery_answered")
        self.scene.drain.wait()
        checks = (f"{answer.body['answer']}: {answer.body['note']}",)
        return EvidenceLine(step, both("step.recovery_asked"), (asked, answer), checks)

    def _plan(self, day: str) -> dict[str, Any] | None:
        """The plan, once it is published and contains this office."""
        found = self.scene.caller.get("subscription", f"/v1/plans/{day}", _OPS)
        present: dict[str, Any] | None = found["present"]
        return present if found["versions"] and present and present["terminations"] else None

    def _day(self, overdue: int) -> date:
        return self.scene.office.expires_on + timedelta(days=overdue)

    def _to(self, overdue: int) -> None:
        """Move to the first instant of that day and wait until all work is done."""
        self.scene.clock.move_to(start_of_day(self._day(overdue), ZONE))
        self.scene.drain.wait()
        self.scene.witness.look()

    def _event(self, name: str, **fields: str) -> WitnessedEvent:
        return self.scene.witness.await_event(name, lambda body: fields.items() <= body.items())

    def _last(self) -> WitnessedEvent:
        return self.scene.witness.seen[-1]

    def _mailed(self, reason: str) -> WitnessedEvent:
        return self._event("notifier.delivered", reason=reason)

    @property
    def _path(self) -> str:
        return f"/v1/subscriptions/{self.scene.office.subscription_id}"

    def _get(self, what: str) -> Any:
        return self.scene.caller.get("subscription", f"{self._path}/{what}".rstrip("/"), _OPS)

    def _post(self, what: str, person: str, body: dict[str, str]) -> None:
        self.scene.caller.post("subscription", f"{self._path}/{what}", person, body)
