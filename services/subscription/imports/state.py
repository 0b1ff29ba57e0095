"""An import: a list of licences as it is proposed, confirmed by a named person, and applied."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.errors import SubscriptionError
from shared.ids import derived
from shared.storage.aggregate import Decision, State

Phase = Literal["reading", "proposed", "confirmed", "applying", "applied", "dropped"]
CONFIRMATION_WAITS = timedelta(days=30)
"""How long a proposal waits for its confirmation."""


class Counts(BaseModel):
    """Rows by outcome: as expected until the import is applied, then as it was."""

    model_config = ConfigDict(frozen=True)

    adopted: int = 0
    corrected: int = 0
    held: int = 0
    unchanged: int = 0
    refused: int = 0


class Import(State):
    """The state of one import.

    A file may be read several times, if a reading died. `readings` counts the readings that began, `reading`
    is the number of the one whose rows count (0: none yet). `many`: its held dates need a named person's
    release. `tidied`: the rows that are no longer needed are removed.
    """

    id: UUID
    sha256: str
    phase: Phase
    readings: int
    reading: int = 0
    proposed_by: str
    proposed_at: AwareDatetime
    counts: Counts = Counts()
    confirmed_by: str | None = None
    confirmed_at: AwareDatetime | None = None
    reason: str = ""
    many: bool = False
    ended_at: AwareDatetime | None = None
    tidied: bool = False


Decided = Decision[Import]
Decide = Callable[[Import | None], Decided | None]


def import_id(sha256: str) -> UUID:
    """The same bytes are the same import."""
    return derived("import", sha256)


def needs_reading(state: Import) -> bool:
    """Whether its file must be read: its last reading died, or the import was dropped."""
    return state.phase in ("reading", "dropped")


def check_was_read(state: Import) -> None:
    """Raises SubscriptionError if the import has no rows: it was dropped, or its file wasn't read to its
    end."""
    if needs_reading(state):
        raise SubscriptionError("import-dropped" if state.phase == "dropped" else "import-not-read")


def begin_reading(state: Import | None, sha256: str, by: str, now: datetime) -> Decided | None:
    if state and not needs_reading(state):
        return None
    readings = state.readings + 1 if state else 1
    return Decision(
        Import(
            id=import_id(sha256),
            sha256=sha256,
            phase="reading",
            readings=readings,
            proposed_by=by,
            proposed_at=now,
        )
    )


def propose(state: Import, reading: int, counts: Counts) -> Decided | None:
    """Propose the rows of this reading. If there are two readings at once, the first one to finish counts."""
    if state.phase != "reading":
        return None
    return Decision(state.model_copy(update={"phase": "proposed", "reading": reading, "counts": counts}))


def confirm(state: Import, by: str, reason: str, now: datetime) -> Decided | None:
    """Confirm the import. A second confirmation changes nothing. Raises SubscriptionError if it has no
    rows."""
    check_was_read(state)
    if state.phase != "proposed":
        return None
    who = {"confirmed_by": by, "confirmed_at": now, "reason": reason}
    return Decision(state.model_copy(update={"phase": "confirmed", **who}))


def start_applying(state: Import, *, many: bool) -> Decided | None:
    if state.phase != "confirmed":
        return None
    return Decision(state.model_copy(update={"phase": "applying", "many": many}))


def finish(state: Import, counts: Counts, now: datetime) -> Decided | None:
    if state.phase != "applying":
        return None
    return Decision(state.model_copy(update={"phase": "applied", "counts": counts, "ended_at": now}))


def drop(state: Import, now: datetime) -> Decided | None:
    """Drop an import that nobody confirmed in time."""
    if state.phase not in ("reading", "proposed") or state.proposed_at > now - CONFIRMATION_WAITS:
        return None
    return Decision(state.model_copy(update={"phase": "dropped", "ended_at": now}))


def tidy(state: Import) -> Decided | None:
    if state.phase not in ("applied", "dropped"):
        return None
    return Decision(state.model_copy(update={"tidied": True}))
