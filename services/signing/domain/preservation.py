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
from shared.events.base import DocumentRef, Sha256
from shared.events.signing import SignaturesReported
from shared.storage.aggregate import Decision, State

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_PAUSE = timedelta(days=29)
"""Between two tries, besides the day until tomorrow."""
_REPORT_PAUSES = timedelta(hours=1), timedelta(days=30)
"""The shortest and the longest pause before a report that failed is made again."""
_UNDECIDED_PAUSE = timedelta(days=1)

SignedKind = Literal["signed_form", "signed_contract", "sealed_contract"]


class PreservationFailure(StrEnum):
    """Why there is no newer version or no validation report, besides the reasons for which a signature is
    rejected."""

    NO_TIME_STAMP = "no_time_stamp"
    FILE_MISSING = "file_missing"
    INTERRUPTED = "interrupted"
    FORM_MISSING = "form_missing"
    UNEXPECTED = "unexpected"


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

    `listed_at`: None for a file that an older release listed. `reports` are the hashes of all files that were
    or may be stored as its validation report; `reported_at`: two of them were published. Before that:
    `report_undecided`: a first report could still be decided; `report_failed`: the last try made none;
    `report_after`: it is tried again then."""

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
    listed_at: AwareDatetime | None = None
    reports: tuple[Sha256, ...] = ()
    report_undecided: bool = False
    report_failed: FailedTry | None = None

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
    """The file is deleted with its versions and reports. None where this is recorded already."""
    if state.deleted_at:
        return None
    gone = {"versions": (), "due": NEVER, "failed": None, "reports": (), "report_failed": None}
    return Decision(state.model_copy(update={**gone, "deleted_at": now}))


def begin_report(state: PreservedFile, files: tuple[str, ...]) -> Decision[PreservedFile] | None:
    """Record the hashes of `files` before they are stored as the validation report: whatever dies, the file's
    deletion finds them. None where the report was published, or the file deleted meanwhile."""
    if state.reported_at or state.deleted_at:
        return None
    return Decision(state.model_copy(update={"reports": tuple(dict.fromkeys((*state.reports, *files)))}))


def record_report(
    state: PreservedFile, report: SignaturesReported, now: datetime
) -> Decision[PreservedFile] | None:
    """Publish the validation report on the file, once. None where that is done, or the file was deleted
    meanwhile."""
    if state.reported_at or state.deleted_at:
        return None
    waits_no_more = {"report_after": None, "report_undecided": False, "report_failed": None}
    return Decision(state.model_copy(update={**waits_no_more, "reported_at": now}), (report,))


def postpone_report(state: PreservedFile, now: datetime) -> Decision[PreservedFile] | None:
    """The report could still be decided by an answer of its authority, which is asked again a day later."""
    if state.reported_at or state.deleted_at:
        return None
    waits = {"report_undecided": True, "report_failed": None, "report_after": now + _UNDECIDED_PAUSE}
    return Decision(state.model_copy(update=waits))


def fail_report(state: PreservedFile, reason: str, now: datetime) -> Decision[PreservedFile] | None:
    """Record why no report could be made. It is tried again after as long as the same reason has stayed: an
    hour at least, 30 days at most."""
    if state.reported_at or state.deleted_at:
        return None
    known = state.report_failed if state.report_failed and state.report_failed.reason == reason else None
    failed = known or FailedTry(reason=reason, since=now)
    shortest, longest = _REPORT_PAUSES
    pause = min(max(now - failed.since, shortest), longest)
    return Decision(state.model_copy(update={"report_failed": failed, "report_after": now + pause}))
