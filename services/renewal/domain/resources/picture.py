"""What an office may use now and how much of it is used, and how the grants of a registration stand."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from services.renewal.domain.flow import OPEN
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import GrantAnswer, GrantKind, ResourceGrant
from services.renewal.domain.resources.ledger import ResourceLedger
from shared.time.calendar import civil_date


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """`users` or `storage_bytes` None: the platform doesn't measure it."""

    users: int | None
    storage_bytes: int | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class ResourcePicture:
    """`users` and `storage_gb` are what is allowed (`users` None: unknown, `storage_gb` None: what the
    package includes): as the platform told at `told_at`, also about an earlier revision, else as the licence
    says. `temporary_to`: the last day of a temporary grant. `waits`: the platform is asked and hasn't
    confirmed. `differs`: it allows something else than was asked for, and the desk looks at it."""

    package: str
    users: int | None
    storage_gb: int | None
    use: ResourceUse | None
    told_at: datetime | None = None
    temporary_to: date | None = None
    waits: bool = False
    differs: bool = False

    @classmethod
    def of(cls, licence: LicenceCopy, ledger: ResourceLedger | None, today: date) -> Self:
        grant = ledger.in_force(today) if ledger else None
        told = grant.answer if grant else None
        if told and told.withdrawn:
            told = None
        allowed = (told.allowed.package, told.allowed.users, told.allowed.storage_gb) if told else None
        package, users, storage = allowed or (licence.package, licence.users, licence.storage_gb)
        return cls(
            package,
            users,
            storage,
            _newest_use(licence, told),
            told_at=told.answered_at if told else None,
            temporary_to=grant.granted_to if grant and grant.kind is GrantKind.TEMPORARY else None,
            waits=bool(grant and grant.waiting_since),
            differs=bool(grant and grant.look_since),
        )


class GrantStatus(StrEnum):
    """How the resources of a registration stand. FULL_ASKED and TEMPORARY_ASKED: the platform hasn't
    confirmed. DIFFERS: it answered otherwise than asked. SETTLED: a clerk settled it with the platform's
    people. ENDED: they were granted and are no longer."""

    NONE = "none"
    TEMPORARY_ASKED = "temporary_asked"
    TEMPORARY = "temporary"
    FULL_ASKED = "full_asked"
    FULL = "full"
    DIFFERS = "differs"
    SETTLED = "settled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class GrantState:
    """`on`: the last day of a temporary grant, or the day on which the full one was confirmed."""

    status: GrantStatus
    on: date | None = None

    @classmethod
    def of(cls, ledger: ResourceLedger | None, renewal: Renewal, today: date) -> Self | None:
        """None where nothing is known: of a closed registration without a grant, and of a contract from
        before resources were followed."""
        grants = ledger.of_renewal(renewal.registration.renewal_id) if ledger else ()
        counting = [each for each in grants if each.counts and each.granted_to >= today]
        grant = max(counting, key=lambda each: each.kind is GrantKind.FULL, default=None)
        if grant:
            return cls._of_grant(grant, renewal.registration.zone)
        if grants:
            return cls(GrantStatus.ENDED)
        return cls(GrantStatus.NONE) if renewal.status in OPEN else None

    @classmethod
    def _of_grant(cls, grant: ResourceGrant, zone: str) -> Self:
        if grant.look_since:
            return cls(GrantStatus.DIFFERS)
        if grant.is_settled:
            return cls(GrantStatus.SETTLED)
        if grant.kind is GrantKind.TEMPORARY:
            asked = GrantStatus.TEMPORARY if grant.confirmed_at else GrantStatus.TEMPORARY_ASKED
            return cls(asked, grant.granted_to)
        if grant.confirmed_at is None:
            return cls(GrantStatus.FULL_ASKED)
        return cls(GrantStatus.FULL, civil_date(grant.confirmed_at, zone))


def _newest_use(licence: LicenceCopy, told: GrantAnswer | None) -> ResourceUse | None:
    """The newest of what came with an answer and what the platform reports by itself."""
    found = []
    if usage := licence.usage:
        found.append(ResourceUse(usage.users_used, usage.storage_used_bytes, usage.measured_at))
    if told and (told.users_used is not None or told.storage_used_bytes is not None):
        found.append(ResourceUse(told.users_used, told.storage_used_bytes, told.measured_at))
    return max(found, key=lambda use: use.measured_at, default=None)
