"""A small correct history. The tests of the invariants change it to break one invariant."""

from datetime import UTC, date, datetime
from typing import Any

from tests.faults.history import (
    Accepted,
    Assignment,
    Committed,
    DeadLetterAttempt,
    ExpectedAssignment,
    Handled,
    Handles,
    Healed,
    Lines,
    Notice,
    Offset,
    ParkAttempt,
    Position,
    Produced,
    Record,
    SavedEvent,
    StoredDeadLetter,
    StoredParked,
)

TOPIC, IN = "subscription.events", "renewal.events"
NOON = datetime(2026, 12, 31, 5, tzinfo=UTC)
"""Noon of New Year's Eve in Hà Nội."""


def saved_event(sequence: int, **changes: Any) -> SavedEvent:
    given: dict[str, Any] = {
        "id": f"e{sequence}",
        "aggregate": "subscription/s",
        "sequence": sequence,
        "type": "locked",
        "subject": "s",
    }
    return SavedEvent(**{**given, **changes})


def save(*events: SavedEvent, at: datetime = NOON, topic: str = TOPIC) -> Committed:
    return Committed(topic=topic, document="subscriptions/s", cause=None, at=at, events=events)


def locked(sequence: int, day: date = NOON.date(), **changes: Any) -> SavedEvent:
    return saved_event(sequence, old="expiring", stage="locked", day=day, **changes)


def record(offset: int, sequence: int, **changes: Any) -> Record:
    given: dict[str, Any] = {
        "topic": TOPIC,
        "partition": 0,
        "offset": offset,
        "id": f"e{sequence}",
        "aggregate": "subscription/s",
        "sequence": sequence,
        "type": "locked",
    }
    return Record(**{**given, **changes})


def garbage(offset: int) -> Record:
    return Record(topic=TOPIC, partition=0, offset=offset)


def handled(id: str, **changes: Any) -> Handled:
    return Handled(**{"service": "notifier", "id": id, "outcome": "ok", **changes})


def park_attempt(id: str, **changes: Any) -> ParkAttempt:
    return ParkAttempt(**{"service": "notifier", "id": id, "outcome": "ok", **changes})


def dead_letter_attempt(offset: int, **changes: Any) -> DeadLetterAttempt:
    at = {"service": "notifier", "topic": TOPIC, "partition": 0, "offset": offset, "outcome": "ok"}
    return DeadLetterAttempt(**{**at, **changes})


def stored_dead_letter(offset: int) -> StoredDeadLetter:
    return StoredDeadLetter(service="notifier", topic=TOPIC, partition=0, offset=offset)


def committed_offset(offset: int, **changes: Any) -> Offset:
    at = {"service": "notifier", "topic": TOPIC, "partition": 0, "offset": offset, "outcome": "ok"}
    return Offset(**{**at, **changes})


def position(behind: int) -> Position:
    return Position(service="notifier", topic=TOPIC, partition=0, offset=3, behind=behind)


def letter(**changes: Any) -> Accepted:
    return Accepted(**{"key": "<1@x>", "answered": True, **changes})


def notice(**changes: Any) -> Notice:
    return Notice(**{"key": "<1@x>", "status": "delivered", "unknowns": 0, **changes})


READS = Handles(service="notifier", topic=TOPIC, types=("locked",))
PARKED = StoredParked(service="notifier", id="e2")
NUMBER = Assignment(what="number", key="r1", value="1/2026")
NUMBER_DUE = ExpectedAssignment(what="number", key="r1", service="signing", cause="c1")

SOUND: Lines = (
    Produced(topic=IN, id="c1", outcome="ok"),
    handled("c1", service="signing"),
    committed_offset(1, service="signing", topic=IN),
    handled("e1"),
    committed_offset(1),
    dead_letter_attempt(1),
    park_attempt("e2"),
    committed_offset(3),
    letter(),
    Healed(),
    Handles(service="signing", topic=IN, types=("registered",)),
    READS,
    save(locked(1), saved_event(2)),
    record(0, 1, topic=IN, id="c1", aggregate="renewal/r1", type="registered"),
    record(0, 1),
    garbage(1),
    record(2, 2),
    stored_dead_letter(1),
    PARKED,
    Produced(topic=TOPIC, id=None, outcome="ok"),
    NUMBER,
    NUMBER_DUE,
    notice(),
    position(0),
)
"""One registration got its number. Of three records one was handled, one is dead, one is parked."""


def without(*gone: object) -> Lines:
    kept = tuple(line for line in SOUND if line not in gone)
    assert len(kept) < len(SOUND), "nothing was taken away"
    return kept
