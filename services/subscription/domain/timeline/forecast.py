"""The stages that a subscription reaches if nothing else happens, and what each of them still waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.subscription.domain.stages.context import StageContext
from shared.events.base import Stage

Need = Literal["release", "notices", "registration", "contract", "date"]
"""What a stage waits for: two people's release; warnings on record; an open registration to be closed; a
disputed contract to be decided; a held date to be released."""


@dataclass(frozen=True, slots=True)
class ExpectedStage:
    """On `on`, in the office's zone, the stage changes from `old` to `new`, once all of `needs` are met."""

    on: date
    old: Stage
    new: Stage
    needs: tuple[Need, ...] = ()


def forecast(context: StageContext, today: date) -> Iterator[ExpectedStage]:
    """The coming stages by rising day, beginning with those that are due but not emitted yet.

    A stage that `needs` something has the earliest possible day.
    """
    state = context.state
    stage = state.stage
    certain = context.moves(state.told_on)
    for day, old, new in context.moves_if_reminded(today):
        yield ExpectedStage(day, old, new, () if (day, old, new) in certain else ("notices",))
        stage = new
    if stage is not Stage.TERMINATED:
        released = state.release.day if state.release else today
        earliest = max(context.earliest_end(today), released, today + timedelta(days=1))
        yield ExpectedStage(earliest, stage, Stage.TERMINATED, tuple(_needs(context)))


def forecast_within(context: StageContext, today: date, days: int) -> Iterator[ExpectedStage]:
    """The coming stages of the next `days` days."""
    last = today + timedelta(days=days)
    return (one for one in forecast(context, today) if one.on <= last)


def _needs(context: StageContext) -> Iterator[Need]:
    state = context.state
    if state.trust.needs_release:
        yield "date"
    if state.disputed:
        yield "contract"
    if state.open_registrations:
        yield "registration"
    if not context.table.warnings <= {*state.notices}:
        yield "notices"
    if state.release is None:
        yield "release"
