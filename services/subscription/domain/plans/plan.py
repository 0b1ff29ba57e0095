"""A day's plan: who changes stage on it if nothing comes between, and whose service may end with it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from services.subscription.domain.stages.context import StageContext
from shared.events.base import Stage

_DAY = timedelta(days=1)


class PlanLine(NamedTuple):
    """One subscription of a plan. An end also says whether it is released, and which of the warnings are
    not on record: it is named, and waits for those; nobody can release it."""

    id: UUID
    office_ref: str
    product_code: str
    old: Stage
    new: Stage
    released: bool = False
    missing: tuple[Stage, ...] = ()

    @property
    def ends(self) -> bool:
        return self.new is Stage.TERMINATED and not self.missing

    @property
    def text(self) -> str:
        return f"{self.id} {self.old} {self.new}"


def plan_line(context: StageContext, day: date) -> PlanLine | None:
    """What `day`, later than the day told last, brings. None: nothing."""
    state = context.state
    whose = (state.id, state.office_ref, state.product_code)
    if may_end_on(context, day):
        missing = tuple(sorted(context.table.warnings - {*state.notices}))
        return PlanLine(
            *whose, context.stage_on(day - _DAY), Stage.TERMINATED, state.release is not None, missing
        )
    moves = context.moves(state.told_on, day)
    return PlanLine(*whose, *moves[-1][1:]) if moves and moves[-1][0] == day else None


def may_end_on(context: StageContext, day: date) -> bool:
    """Whether the end is for two people to release for `day`, or is released for it.

    Who isn't released stays on the next day's plan. Nothing that may yet turn out otherwise is on any:
    an open registration, a contract at the desk, a date that nobody expected."""
    state = context.state
    due = state.locked_since is not None and state.ends_on is not None and state.ends_on <= day
    if not due or state.terminated_on is not None:
        return False
    if state.open_registrations or state.disputed or state.trust.is_held_on(day):
        return False
    return state.release is None or state.release.day == day


@dataclass(slots=True)
class PlanTally:
    """Counts and hashes of lines, added by rising id. The hash is the SHA-256 of their texts, a line feed
    after each; that of the ends alone is what two people release. An end that lacks a notice is none."""

    changes: Counter[tuple[Stage, Stage]] = field(default_factory=Counter)
    terminations: int = 0
    released: int = 0
    notices_missing: int = 0
    _all: Any = field(default_factory=sha256)
    _ends: Any = field(default_factory=sha256)

    def add(self, line: PlanLine) -> None:
        self.notices_missing += bool(line.missing)
        if line.missing:
            return
        text = f"{line.text}\n".encode()
        self.changes[line.old, line.new] += 1
        self._all.update(text)
        if line.ends:
            self._ends.update(text)
            self.terminations += 1
            self.released += line.released

    @property
    def hash(self) -> str:
        return str(self._all.hexdigest())

    @property
    def terminations_hash(self) -> str:
        return str(self._ends.hexdigest())
