"""Each transition is published once, on its day or later."""

from collections import Counter
from zoneinfo import ZoneInfo

from tests.faults.history import Committed, Lines, of

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The time zone of every office in these runs."""


def each_transition_once(lines: Lines) -> list[str]:
    """Counts what the database has: an event that was saved twice under one id counts twice."""
    told = Counter(
        (event.subject, event.old, event.stage, event.day, event.type)
        for save in of(Committed, lines)
        for event in save.events
        if event.stage is not None
    )
    return [
        f"{subject} {old} -> {stage} on {day}: told {count} times"
        for (subject, old, stage, day, _), count in told.items()
        if count > 1
    ]


def never_early(lines: Lines) -> list[str]:
    """Compares with the true time of the save, whatever the writer's clock showed."""
    return [
        f"{event.subject} {event.stage} of {event.day} told at {save.at.isoformat()}"
        for save in of(Committed, lines)
        for event in save.events
        if event.day is not None and event.day > save.at.astimezone(_ZONE).date()
    ]
