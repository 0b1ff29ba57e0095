"""One grant of resources: what the platform is asked for, and what it answered."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen

RULE = "rule"


class GrantKind(StrEnum):
    TEMPORARY = "temporary"
    FULL = "full"


class GrantCause(StrEnum):
    """What a grant rests on. LICENCE: the vendor's record, for a term without a contract of ours."""

    REGISTRATION = "registration"
    COMMITMENT = "commitment"
    CONTRACT = "contract"
    LICENCE = "licence"


class VoidReason(StrEnum):
    """Why a grant no longer counts. DEFAULT: the office didn't keep its commitment to pay. REPLACED: another
    grant stands in its place. ACCESS_ENDED: the temporary access, or the licence, on which it rests has
    ended. CONTRACT_VOID: the desk voided the contract."""

    DEFAULT = "default"
    CONTRACT_VOID = "contract_void"
    REPLACED = "replaced"
    REGISTRATION_CLOSED = "registration_closed"
    ACCESS_ENDED = "access_ended"


class Resources(Frozen):
    """`storage_gb` null: what the package includes."""

    package: str
    users: int
    storage_gb: int | None

    def is_allowed_by(self, allowed: "Resources") -> bool:
        """Whether exactly this is allowed. Storage counts only where some was asked for."""
        same_storage = self.storage_gb in (None, allowed.storage_gb)
        return (self.package, self.users) == (allowed.package, allowed.users) and same_storage


class GrantAnswer(Frozen):
    """The platform's newest answer about a grant: `sequence` is the number of its event among those of the
    platform's `aggregate`. Use is null where the platform doesn't measure it."""

    revision: int
    allowed: Resources
    withdrawn: bool
    users_used: int | None
    storage_used_bytes: int | None
    answered_at: datetime
    measured_at: datetime
    aggregate: str
    sequence: int


class GrantClosure(Frozen):
    """Nobody waits for the platform any more. `by`: "rule" (its last day has passed), or the clerk's
    subject, with a `reason`."""

    by: str
    reason: str
    at: datetime


class ResourceGrant(Frozen):
    """A grant from `granted_from` to `granted_to`, both included.

    `revision` counts the versions that the platform was asked for; `requests` counts how often, also with the
    same version, the last time at `requested_at`. `waiting_since`: the present version waits for its
    confirmation since then; None: it is confirmed, or `closed`. `confirmed_at` is when the platform granted
    the present version as asked, or withdrew it. `look_since`: the platform's answer differs since then.
    `voided_by`: the grant no longer counts, and never will again.
    """

    id: UUID
    kind: GrantKind
    cause: GrantCause
    cause_no: str
    renewal_id: UUID | None
    resources: Resources
    granted_from: date
    granted_to: date
    revision: int = 1
    requests: int = 1
    first_requested_at: datetime
    requested_at: datetime
    waiting_since: datetime | None
    confirmed_at: datetime | None = None
    look_since: datetime | None = None
    voided_by: VoidReason | None = None
    answer: GrantAnswer | None = None
    closed: GrantClosure | None = None

    @property
    def counts(self) -> bool:
        return self.voided_by is None

    @property
    def is_open(self) -> bool:
        """Whether it waits for the platform, or for a clerk's look at the answer."""
        return bool(self.waiting_since or self.look_since)

    @property
    def is_settled(self) -> bool:
        """Whether a clerk has settled it with the platform's people."""
        return self.closed is not None and self.closed.by != RULE

    @property
    def told(self) -> GrantAnswer | None:
        """The answer about the present version."""
        return self.answer if self.answer and self.answer.revision == self.revision else None

    @property
    def shown_as(self) -> str:
        """The key of the text that says how it stands."""
        if self.voided_by:
            return f"void_{self.voided_by}"
        if self.look_since:
            return "differs"
        if self.is_settled:
            return "settled"
        if self.confirmed_at:
            return "confirmed"
        return "waiting" if self.waiting_since else "closed"

    def is_in_force(self, today: date) -> bool:
        return self.counts and self.granted_from <= today <= self.granted_to

    def revised(self, now: datetime, **changes: object) -> Self:
        """The next version, which the platform must confirm."""
        fresh = {"confirmed_at": None, "look_since": None, "closed": None, "waiting_since": now}
        counted = {"revision": self.revision + 1, "requests": self.requests + 1, "requested_at": now}
        return self.model_copy(update=changes | fresh | counted)

    def requested_again(self, now: datetime) -> Self:
        """The same version, asked for once more."""
        return self.model_copy(update={"requests": self.requests + 1, "requested_at": now})

    def answered(self, answer: GrantAnswer, now: datetime) -> Self:
        """With an answer about the present version. One that differs is never taken for a confirmation, nor
        does it undo an earlier one."""
        withdrawal = not self.counts
        fits = answer.withdrawn is withdrawal and (withdrawal or self.resources.is_allowed_by(answer.allowed))
        changes: dict[str, object] = {"answer": answer}
        if fits:
            changes |= {"waiting_since": None, "look_since": None, "closed": None}
            changes["confirmed_at"] = self.confirmed_at or now
        else:
            changes |= {"look_since": self.look_since or now, "closed": None}
        return self.model_copy(update=changes)

    def closed_by(self, closure: GrantClosure) -> Self:
        changes = {"closed": closure, "waiting_since": None, "look_since": None}
        return self.model_copy(update=changes)
