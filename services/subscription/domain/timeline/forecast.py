"""The stages to come for one subscription, if nothing else happens; and its end, which waits for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.subscription.domain.stages.standing import StageContext
from shared.events.base import Stage

Need = Literal["release", "notices", "registration", "contract", "date"]
"""What the end waits for: two people's release; the warnings on record; an open registration closed; a
contract decided on; a date nobody expected released."""


@dataclass(frozen=True, slots=True)
class Coming:
    """From `on`, in the office's zone, `new` follows `old`: by itself, or once all of `needs` are met."""

    on: date
    old: Stage
    new: Stage
    needs: tuple[Need, ...] = ()


def coming(standing: StageContext, today: date) -> Iterator[Coming]:
    """By rising day, beginning with what is due and not told yet. Of what `needs` something, the earliest
    day that is possible."""
    state = standing.state
    stage = state.stage
    certain = standing.moves(state.told_on)
    for day, old, new in standing.moves_if_warned(today):
        yield Coming(day, old, new, () if (day, old, new) in certain else ("notices",))
        stage = new
    if stage is not Stage.TERMINATED:
        released = state.release.day if state.release else today
        earliest = max(standing.ends_from(today), released, today + timedelta(days=1))
        yield Coming(earliest, stage, Stage.TERMINATED, tuple(_needs(standing)))


def entering(standing: StageContext, today: date, days: int) -> Iterator[Coming]:
    """Those within the next `days` days."""
    last = today + timedelta(days=days)
    return (one for one in coming(standing, today) if one.on <= last)


def _needs(standing: StageContext) -> Iterator[Need]:
    state = standing.state
    if state.trust.needs_release:
        yield "date"
    if state.disputed:
        yield "contract"
    if state.open_registrations:
        yield "registration"
    if not standing.table.warnings <= {*state.notices}:
        yield "notices"
    if state.release is None:
        yield "release"
