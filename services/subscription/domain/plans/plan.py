"""A day's plan: which subscriptions change stage on it if nothing else happens, and whose service may end."""

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
    """One subscription on a plan.

    For an end, `released` says whether two people released it, and `missing` lists the warnings that are not
    on record. An end with missing warnings is listed, but can't be released.
    """

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
    """What changes on `day`, which is later than `told_on`. None: nothing."""
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
    """Whether two people may release the end for `day`, or have released it.

    An end that isn't released is on the next day's plan again. No plan has an end that may not come: with an
    open registration, a disputed contract, or a held date.
    """
    state = context.state
    due = state.locked_since is not None and state.ends_on is not None and state.ends_on <= day
    if not due or state.terminated_on is not None:
        return False
    if state.open_registrations or state.disputed or state.trust.is_held_on(day):
        return False
    return state.release is None or state.release.day == day


@dataclass(slots=True)
class PlanTally:
    """Counts and hashes of a plan's lines, which are added by rising id.

    `hash` is the SHA-256 of their texts, each followed by a line feed. `terminations_hash` is the same of the
    ends alone: two people release it. An end with missing notices is in neither.
    """

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
