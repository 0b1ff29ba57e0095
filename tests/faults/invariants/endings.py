"""Which records a service must bring to an end, and when it did."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.history import (
    DeadLetterAttempt,
    Handled,
    Handles,
    Lines,
    ParkAttempt,
    Record,
    StoredDeadLetter,
    StoredParked,
    of,
)
from tests.faults.line import Line

NEVER = float("inf")
Ends = Mapping[tuple[str, Record], float]


def inputs(lines: Lines) -> Iterator[tuple[str, Record]]:
    """Every record that a service reads and must handle: of a type that it handles, or no event at all."""
    records = defaultdict(list)
    for record in of(Record, lines):
        records[record.topic].append(record)
    for handles in of(Handles, lines):
        for record in records[handles.topic]:
            if record.id is None or record.type in handles.types:
                yield handles.service, record


def ends(lines: Lines) -> Ends:
    """For each input, the number of the line at which the record had its effect, was parked or became a dead
    letter.

    An attempt to park or to bury without an answer counts if the final state shows that it succeeded.
    """
    by_id, by_place = _endings(lines)
    return {
        (service, record): min(
            by_id.get((service, record.id), NEVER),
            by_place.get((service, record.topic, record.partition, record.offset), NEVER),
        )
        for service, record in inputs(lines)
    }


def _endings(
    lines: Lines,
) -> tuple[dict[tuple[str, str | None], int], dict[tuple[str, str, int, int], int]]:
    parked = {(line.service, line.id) for line in of(StoredParked, lines)}
    buried = {(b.service, b.topic, b.partition, b.offset) for b in of(StoredDeadLetter, lines)}
    by_id: dict[tuple[str, str | None], int] = {}
    by_place: dict[tuple[str, str, int, int], int] = {}
    for number, line in enumerate(lines):
        match line:
            case Handled(outcome="ok") | ParkAttempt(outcome="ok"):
                by_id.setdefault((line.service, line.id), number)
            case ParkAttempt() if (line.service, line.id) in parked:
                by_id.setdefault((line.service, line.id), number)
            case DeadLetterAttempt():
                place = (line.service, line.topic, line.partition, line.offset)
                if place in buried:
                    by_place.setdefault(place, number)
            case _:
                pass
    return by_id, by_place


def named(service: str, line: Line) -> str:
    """The record's description for a report."""
    assert isinstance(line, Record)
    return f"{service}: {line.topic}/{line.partition}/{line.offset} {line.type or 'no event'}"
