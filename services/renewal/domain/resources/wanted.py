"""Which grants should exist, by what renewal itself knows: registrations, commitments, contracts, and its
copy of the licence. It looks at the present facts only, so the order in which they became known never counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import (
    GrantCause,
    GrantKind,
    ResourceGrant,
    Resources,
    VoidReason,
)


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """`licence` is None before renewal has a copy. `renewals` are the subscription's. `today` is a date in
    the office's zone."""

    licence: LicenceCopy | None
    renewals: Sequence[Renewal]
    today: date

    def renewal(self, id: UUID | None) -> Renewal | None:
        return next((each for each in self.renewals if each.registration.renewal_id == id), None)


@dataclass(frozen=True, slots=True)
class WantedGrant:
    kind: GrantKind
    cause: GrantCause
    cause_no: str
    renewal_id: UUID | None
    resources: Resources
    granted_from: date
    granted_to: date

    def is_for(self, grant: ResourceGrant) -> bool:
        return (self.renewal_id, self.cause) == (grant.renewal_id, grant.cause)

    def changes(self, grant: ResourceGrant) -> dict[str, object]:
        """What differs from the grant. The first day of a temporary one stays."""
        wanted: dict[str, object] = {"resources": self.resources, "granted_to": self.granted_to}
        if self.kind is GrantKind.FULL:
            wanted["granted_from"] = self.granted_from
        return {name: value for name, value in wanted.items() if value != getattr(grant, name)}


def wanted_grants(facts: ResourceFacts) -> tuple[WantedGrant, ...]:
    """Those that should be in force today or later: one a registration at most."""
    found = (_wanted(renewal, facts) for renewal in facts.renewals)
    return tuple(each for each in found if each and each.granted_to >= facts.today)


def wanted_by_licence(facts: ResourceFacts, grants: Iterable[ResourceGrant]) -> WantedGrant | None:
    """The grant of the licence itself, from today to its last day, or to the day before a contract's term.
    None where a full grant of a contract is in force, or there is no licence to grant."""
    licence, today = facts.licence, facts.today
    resources = _of_licence(licence)
    if licence is None or resources is None:
        return None
    contracts = [grant for grant in grants if grant.counts and grant.cause is GrantCause.CONTRACT]
    if any(grant.is_in_force(today) for grant in contracts):
        return None
    later = [grant.granted_from for grant in contracts if grant.granted_from > today]
    last = min([licence.expires_on, *(_day_before(day) for day in later)])
    if last < today:
        return None
    return WantedGrant(GrantKind.FULL, GrantCause.LICENCE, "", None, resources, today, last)


def void_reason(grant: ResourceGrant, wanted: Sequence[WantedGrant], facts: ResourceFacts) -> VoidReason:
    """Why a grant that isn't wanted any more is void."""
    if grant.cause is GrantCause.LICENCE or any(each.renewal_id == grant.renewal_id for each in wanted):
        return VoidReason.REPLACED
    renewal = facts.renewal(grant.renewal_id)
    if grant.kind is GrantKind.FULL:
        return VoidReason.CONTRACT_VOID
    if renewal is None or renewal.status not in (*OPEN, RegistrationStatus.CONTRACT_ISSUED):
        return VoidReason.REGISTRATION_CLOSED
    in_default = renewal.commitment is not None and renewal.commitment.is_in_default
    return VoidReason.DEFAULT if in_default else VoidReason.ACCESS_ENDED


def overlaps(grant: ResourceGrant, wanted: Iterable[WantedGrant]) -> bool:
    """Whether a full grant that is wanted has a day in common with this one."""
    return any(
        each.kind is GrantKind.FULL
        and each.granted_from <= grant.granted_to
        and grant.granted_from <= each.granted_to
        for each in wanted
    )


def _wanted(renewal: Renewal, facts: ResourceFacts) -> WantedGrant | None:
    if renewal.status is RegistrationStatus.CONTRACT_ISSUED:
        return _by_contract(renewal)
    if renewal.status not in OPEN:
        return None
    return next(_temporary(renewal, facts), None)


def _by_contract(renewal: Renewal) -> WantedGrant:
    made, number = renewal.registration, renewal.contract_number
    return WantedGrant(
        GrantKind.FULL,
        GrantCause.CONTRACT,
        str(number) if number else made.number,
        made.renewal_id,
        _ordered(renewal),
        made.term.term_from,
        made.term.term_to,
    )


def _temporary(renewal: Renewal, facts: ResourceFacts) -> Iterator[WantedGrant]:
    """An accepted commitment, or payment in full, gives what is ordered. A signed form, or a picture of the
    stamped one, keeps what the licence has: nobody has accepted the order yet."""
    made, commitment, licence = renewal.registration, renewal.commitment, facts.licence
    until = licence.temporary_until if licence else None

    def grant(cause: GrantCause, resources: Resources, last: date) -> WantedGrant:
        numbers = (made.number, made.renewal_id)
        return WantedGrant(GrantKind.TEMPORARY, cause, *numbers, resources, facts.today, last)

    if commitment:
        accepted = commitment.status is CommitmentStatus.ACCEPTED
        last = commitment.access_until if accepted else None
        if commitment.paid and until:
            last = max(until, last or until)
        if last:
            yield grant(GrantCause.COMMITMENT, _ordered(renewal), last)
        if commitment.is_in_default:
            return
    resources = _of_licence(licence)
    if licence and resources and until and until > licence.expires_on and _is_shown(renewal):
        yield grant(GrantCause.REGISTRATION, resources, until)


def _is_shown(renewal: Renewal) -> bool:
    """Whether the vendor has seen a signed or stamped form: only then access is for this registration."""
    stamped = renewal.copy_to_check or renewal.newest_document("paper_scan")
    return renewal.signed_revision is not None or stamped is not None


def _ordered(renewal: Renewal) -> Resources:
    order = renewal.registration.order
    return Resources(package=order.package, users=order.users, storage_gb=order.storage_gb)


def _of_licence(licence: LicenceCopy | None) -> Resources | None:
    """None for a copy of an earlier release, which lacks them."""
    if licence is None or licence.users is None or not licence.package:
        return None
    return Resources(package=licence.package, users=licence.users, storage_gb=licence.storage_gb)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
