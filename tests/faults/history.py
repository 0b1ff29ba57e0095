"""The record of one run: what was done and what was observed, one JSON object for each line, append-only.

Outcome `ok` means that the answer came. `error` means that the result is unknown: the call may have had its
effect. Lines up to `healed` are in the order of events; the lines after it show what databases and topics
held at rest.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import IO, Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter

from tests.faults.line import Line
from tests.faults.money_history import MoneyLine

Outcome = Literal["ok", "error"]


class Handles(Line):
    """`service` reads `topic` and handles records of `types`; it may ignore others."""

    kind: Literal["handles"] = "handles"
    service: str
    topic: str
    types: tuple[str, ...]


class Produced(Line):
    """The driver sent a record to a topic. `id` is None if the record is no event."""

    kind: Literal["produced"] = "produced"
    topic: str
    id: str | None
    outcome: Outcome


class Handled(Line):
    kind: Literal["handled"] = "handled"
    service: str
    id: str
    outcome: Outcome


class ParkAttempt(Line):
    kind: Literal["parking"] = "parking"
    service: str
    id: str
    outcome: Outcome


class DeadLetterAttempt(Line):
    """A record was sent to the dead letters. Topic, partition and offset say where it was read."""

    kind: Literal["burying"] = "burying"
    service: str
    topic: str
    partition: int
    offset: int
    outcome: Outcome


class Offset(Line):
    """The group committed: everything below `offset` counts as done."""

    kind: Literal["offset"] = "offset"
    service: str
    topic: str
    partition: int
    offset: int
    outcome: Outcome


class Accepted(Line):
    """The mail server received a letter; `key` is its Message-ID.

    Not `answered`: the server then fell silent or cut the connection, so the sender cannot know (SMTP's
    window).
    """

    kind: Literal["accepted"] = "accepted"
    key: str
    answered: bool


class InjectedFault(Line):
    """What the nemesis did, for people who read the history."""

    kind: Literal["fault"] = "fault"
    name: str
    detail: str = ""


class Started(Line):
    kind: Literal["started"] = "started"
    member: str


class Ended(Line):
    """`killed`: it neither finished nor committed anything."""

    kind: Literal["ended"] = "ended"
    member: str
    killed: bool


class Healed(Line):
    """All faults are over and everything had its time. `open` lists what is still not done."""

    kind: Literal["healed"] = "healed"
    open: tuple[str, ...] = ()


class SavedEvent(Line):
    """An event of a save. `old`, `stage` and `day` belong to a transition; `day` is the day from which it
    holds."""

    id: str
    aggregate: str
    sequence: int
    type: str
    subject: str
    old: str | None = None
    stage: str | None = None
    day: date | None = None


class Committed(Line):
    """A save that is in the database. The aggregate itself stores it in the same write.

    `at` is the world's true time at that moment, whatever the writer's clock showed. `topic` is where its
    events belong.
    """

    kind: Literal["committed"] = "committed"
    topic: str
    document: str
    cause: str | None
    at: datetime
    events: tuple[SavedEvent, ...]


class Record(Line):
    """A record in the log, as a reader of committed records finds it. Without an `id` it is none of our
    events."""

    kind: Literal["record"] = "record"
    topic: str
    partition: int
    offset: int
    id: str | None = None
    aggregate: str = ""
    sequence: int = 0
    type: str = ""


class StoredDeadLetter(Line):
    """A dead letter in the service's dead-letter topic."""

    kind: Literal["buried"] = "buried"
    service: str
    topic: str
    partition: int
    offset: int


class StoredParked(Line):
    """A message that is still parked."""

    kind: Literal["parked"] = "parked"
    service: str
    id: str


class Position(Line):
    """The group's final position, and the number of readable records after it."""

    kind: Literal["position"] = "position"
    service: str
    topic: str
    partition: int
    offset: int
    behind: int


class Assignment(Line):
    """What a key (a renewal) got in the end: a contract number, a seal, a new term."""

    kind: Literal["given"] = "given"
    what: Literal["number", "seal", "term"]
    key: str
    value: str


class ExpectedAssignment(Line):
    """A key that must have got one of `what`, unless its message `cause` is dead or parked."""

    kind: Literal["due"] = "due"
    what: Literal["number", "seal", "term", "mail"]
    key: str
    service: str
    cause: str


class Notice(Line):
    """A notice's final state. `key` is its Message-ID; `unknowns` counts the attempts after which nobody
    could know whether the server had received the letter (SMTP's window)."""

    kind: Literal["notice"] = "notice"
    key: str
    status: str
    unknowns: int


AnyLine = Annotated[
    Handles | Produced | Handled | ParkAttempt | DeadLetterAttempt | Offset | Accepted | InjectedFault
    | Started | Ended | Healed | Committed | Record | StoredDeadLetter | StoredParked | Position | Assignment
    | ExpectedAssignment | Notice | MoneyLine,
    Field(discriminator="kind"),
]  # fmt: skip
_LINE: TypeAdapter[AnyLine] = TypeAdapter(AnyLine)
L = TypeVar("L", bound=Line)
Lines = tuple[AnyLine, ...]


class HistoryRecorder:
    """Appends to `file`. Each line is written before the next thing happens, from any thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._out: IO[str] = file.open("w", encoding="utf-8", buffering=1)
        self._one = Lock()

    def record(self, *lines: Line) -> None:
        with self._one:
            for line in lines:
                self._out.write(line.model_dump_json() + "\n")

    def close(self) -> None:
        self._out.close()


def read(file: Path) -> Lines:
    """Raises ValidationError if a line is invalid: a history that cannot be read proves nothing."""
    with file.open(encoding="utf-8") as lines:
        return tuple(_LINE.validate_json(line) for line in lines)


def of(kind: type[L], lines: Iterable[Line]) -> list[L]:
    """The lines of one kind, in order."""
    return [line for line in lines if isinstance(line, kind)]
