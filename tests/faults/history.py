"""What was done and what was seen in one run: one JSON object a line, only ever appended to.

Outcome `ok` means that the answer came. `error` means that nobody knows: the call may have had its effect.
Lines up to `healed` are in the order in which things happened; those behind it are what was found in
databases and topics when nothing moved any more.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import IO, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Outcome = Literal["ok", "error"]


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Handles(Line):
    """`service` reads `topic` and does something about records of `types`; others it may ignore."""

    kind: Literal["handles"] = "handles"
    service: str
    topic: str
    types: tuple[str, ...]


class Produced(Line):
    """The driver put a record into a topic; `id` is None where it isn't an event at all."""

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
    """A record handed to the dead letters; the three name where it was read."""

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
    """The mail server took a letter; `key` is its Message-ID. Not `answered`: it then fell silent or cut
    the connection, so that the sender can't know (SMTP's window)."""

    kind: Literal["accepted"] = "accepted"
    key: str
    answered: bool


class InjectedFault(Line):
    """What the nemesis did, for people who read."""

    kind: Literal["fault"] = "fault"
    name: str
    detail: str = ""


class Started(Line):
    kind: Literal["started"] = "started"
    member: str


class Ended(Line):
    """`killed`: without finishing or committing anything."""

    kind: Literal["ended"] = "ended"
    member: str
    killed: bool


class Healed(Line):
    """All faults are over and everything had its time. `open` says what still isn't done."""

    kind: Literal["healed"] = "healed"
    open: tuple[str, ...] = ()


class SavedEvent(Line):
    """An event inside a save. `old`, `stage` and `day` are a transition's, the day on which it holds."""

    id: str
    aggregate: str
    sequence: int
    type: str
    subject: str
    old: str | None = None
    stage: str | None = None
    day: date | None = None


class Committed(Line):
    """One save that the database has: kept by the aggregate itself, in the very write. `at` is the true time
    of the world in that moment, whatever the writer believed; `topic` is where its events belong."""

    kind: Literal["committed"] = "committed"
    topic: str
    document: str
    cause: str | None
    at: datetime
    events: tuple[SavedEvent, ...]


class Record(Line):
    """What a reader of committed records finds in the log. Without an `id` it isn't one of our events."""

    kind: Literal["record"] = "record"
    topic: str
    partition: int
    offset: int
    id: str | None = None
    aggregate: str = ""
    sequence: int = 0
    type: str = ""


class StoredDeadLetter(Line):
    """A dead letter that lies in the service's topic of dead letters."""

    kind: Literal["buried"] = "buried"
    service: str
    topic: str
    partition: int
    offset: int


class StoredParked(Line):
    """A message that waits still."""

    kind: Literal["parked"] = "parked"
    service: str
    id: str


class Position(Line):
    """Where the group stands in the end, and how many readable records lie behind that."""

    kind: Literal["position"] = "position"
    service: str
    topic: str
    partition: int
    offset: int
    behind: int


class Assignment(Line):
    """What a key (a renewal) was given in the end: a contract number, a seal, a new term."""

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
    """A notice as it ended: `key` is its Message-ID, `unknowns` counts the attempts after which nobody could
    know whether the server had taken it (SMTP's window)."""

    kind: Literal["notice"] = "notice"
    key: str
    status: str
    unknowns: int


AnyLine = Annotated[
    Handles | Produced | Handled | ParkAttempt | DeadLetterAttempt | Offset | Accepted | InjectedFault
    | Started | Ended | Healed | Committed | Record | StoredDeadLetter | StoredParked | Position | Assignment
    | ExpectedAssignment | Notice,
    Field(discriminator="kind"),
]  # fmt: skip
_LINE: TypeAdapter[AnyLine] = TypeAdapter(AnyLine)
L = TypeVar("L", bound=Line)
Lines = tuple[AnyLine, ...]


class HistoryRecorder:
    """Appends to `file`; each line is out before the next thing happens, whichever thread notes it."""

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
    """Raises ValidationError, naming no line twice: a history that can't be read proves nothing."""
    with file.open(encoding="utf-8") as lines:
        return tuple(_LINE.validate_json(line) for line in lines)


def of(kind: type[L], lines: Iterable[Line]) -> list[L]:
    """Those of one kind, in their order."""
    return [line for line in lines if isinstance(line, kind)]
