"""The aggregate `PreservedFile`: a signed file as it was published, and its versions with newer proof.

What proves a signature ages: it counts no longer than the certificates of its newest time stamp. Before these
end, a version with a newer time stamp is made. The published file and its hash stay as they are. `_id` is the
published file's SHA-256.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.signing.domain.level import SignatureLevel
from shared.events.base import DocumentRef
from shared.events.signing import SignaturesReported
from shared.storage.aggregate import Decision, State

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_PAUSE = timedelta(days=29)
"""Between two tries, besides the day until tomorrow."""

SignedKind = Literal["signed_form", "signed_contract", "sealed_contract"]


class PreservationFailure(StrEnum):
    """Why there is no newer version, besides the reasons for which a signature is rejected."""

    NO_TIME_STAMP = "no_time_stamp"
    FILE_MISSING = "file_missing"
    INTERRUPTED = "interrupted"


class FailedTry(BaseModel):
    """`reason` is a PreservationFailure or an InvalidityReason. `since` is when this reason came first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    since: AwareDatetime


class PreservedVersion(BaseModel):
    """A version of the file, B-LTA. `n` counts from 1. `proved_until` is the earliest end of a certificate of
    its newest time stamp."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    document: DocumentRef
    made_at: AwareDatetime
    proved_until: AwareDatetime


class PreservedFile(State):
    """`signed_level` is the level of the published file: the lowest of its signatures'. `due` is when the
    next version is to be made. `failed`: the last try made none. `deleted_at`: the file
    was deleted with its versions, since it need not be kept any more; no version is ever due again.
    `reported_at`: its validation report was published. `report_after`: a first try gave none that lasts."""

    renewal_id: UUID
    office_ref: str
    kind: SignedKind
    document: DocumentRef
    signed_level: SignatureLevel
    due: AwareDatetime
    versions: tuple[PreservedVersion, ...] = ()
    failed: FailedTry | None = None
    deleted_at: AwareDatetime | None = None
    reported_at: AwareDatetime | None = None
    report_after: AwareDatetime | None = None

    @property
    def level(self) -> SignatureLevel:
        """The level of the newest version."""
        return SignatureLevel.ARCHIVAL if self.versions else self.signed_level

    @property
    def newest(self) -> DocumentRef:
        """The newest version; the published file if there is none."""
        return self.versions[-1].document if self.versions else self.document


def next_due(proved_until: datetime, margin: timedelta, now: datetime) -> datetime:
    """When the next version is due: `margin` before the proof ends. If less than twice that is left, after
    half of it: an authority whose own certificate ends soon must not give a version every day."""
    return proved_until - min(margin, (proved_until - now) / 2)


def add_version(
    state: PreservedFile, version: PreservedVersion, margin: timedelta
) -> Decision[PreservedFile] | None:
    """None if somebody else added this version first, or the file was deleted meanwhile."""
    if state.deleted_at or version.n != len(state.versions) + 1:
        return None
    due = next_due(version.proved_until, margin, version.made_at)
    changes = {"versions": (*state.versions, version), "due": due, "failed": None}
    return Decision(state.model_copy(update=changes))


def postpone(
    state: PreservedFile, reason: str, now: datetime, tomorrow: datetime
) -> Decision[PreservedFile] | None:
    """Record why the version that was due at `now` was not made. None if it was made meanwhile.

    It is tried again tomorrow; where the same reason stays, after twice as many days each time, 30 at most.
    An authority that is silent is asked every day.
    """
    if state.due > now or state.deleted_at:
        return None
    known = state.failed if state.failed and state.failed.reason == reason else None
    failed = known or FailedTry(reason=reason, since=now)
    days = 0 if reason == PreservationFailure.NO_TIME_STAMP else (now - failed.since).days
    due = tomorrow + min(timedelta(days=days), _LONGEST_PAUSE)
    return Decision(state.model_copy(update={"failed": failed, "due": due}))


def record_deletion(state: PreservedFile, now: datetime) -> Decision[PreservedFile] | None:
    """The file is deleted with its versions. None where this is recorded already."""
    if state.deleted_at:
        return None
    changes = {"versions": (), "due": NEVER, "failed": None, "deleted_at": now}
    return Decision(state.model_copy(update=changes))


def record_report(
    state: PreservedFile, report: SignaturesReported, now: datetime
) -> Decision[PreservedFile] | None:
    """Publish the validation report on the file, once. None where that is done, or the file was deleted
    meanwhile."""
    if state.reported_at or state.deleted_at:
        return None
    return Decision(state.model_copy(update={"reported_at": now, "report_after": None}), (report,))


def postpone_report(state: PreservedFile, until: datetime) -> Decision[PreservedFile] | None:
    if state.reported_at or state.deleted_at:
        return None
    return Decision(state.model_copy(update={"report_after": until}))
