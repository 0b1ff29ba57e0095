"""Which grants should exist, by what renewal itself knows: registrations, commitments, contracts, and its
copy of the licence. It looks at the present facts only, so the order in which they became known never counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import (
    GrantCause,
    GrantKind,
    ResourceGrant,
    Resources,
    VoidReason,
)

_WEEK_OF_NOTICES = timedelta(days=7)
"""How long an office keeps its access, at least, after a contract in force is void."""


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
    """Those that should be in force today or later. A registration has one at most, or two before the term of
    its contract begins."""
    found = [each for renewal in facts.renewals for each in _wanted(renewal, facts)]
    return tuple(each for each in found if each.granted_to >= facts.today)


def wanted_by_licence(facts: ResourceFacts, wanted: Sequence[WantedGrant]) -> WantedGrant | None:
    """The grant of the licence itself, from today to its last day, or to the day before a contract's term.
    None where a full grant of a contract is in force, or there is no licence to grant. `wanted`: what
    contracts and registrations want."""
    licence, today = facts.licence, facts.today
    resources = _of_licence(licence)
    if licence is None or resources is None:
        return None
    begins = [each.granted_from for each in wanted if each.cause is GrantCause.CONTRACT]
    last = min([licence.expires_on, *map(_day_before, begins)])
    if last < today:
        return None
    return WantedGrant(GrantKind.FULL, GrantCause.LICENCE, "", None, resources, today, last)


def void_reason(grant: ResourceGrant, wanted: Sequence[WantedGrant], facts: ResourceFacts) -> VoidReason:
    """Why a grant that isn't wanted any more is void."""
    begun = [each for each in wanted if each.granted_from <= facts.today]
    if grant.cause is GrantCause.LICENCE:
        is_replaced = any(each.cause is GrantCause.CONTRACT for each in begun)
        return VoidReason.REPLACED if is_replaced else VoidReason.ACCESS_ENDED
    renewal = facts.renewal(grant.renewal_id)
    if grant.kind is GrantKind.FULL and renewal and renewal.voided_in_force:
        return VoidReason.CONTRACT_VOID
    if any(each.renewal_id == grant.renewal_id for each in begun):
        return VoidReason.REPLACED
    if grant.kind is GrantKind.FULL:
        is_issued = renewal is not None and renewal.status is RegistrationStatus.CONTRACT_ISSUED
        return VoidReason.REPLACED if is_issued else VoidReason.CONTRACT_VOID
    if renewal is None or renewal.status not in (*OPEN, RegistrationStatus.CONTRACT_ISSUED):
        return VoidReason.REGISTRATION_CLOSED
    in_default = renewal.commitment is not None and renewal.commitment.is_in_default
    return VoidReason.DEFAULT if in_default else VoidReason.ACCESS_ENDED


def is_undecided(grant: ResourceGrant, facts: ResourceFacts) -> bool:
    """Whether too little is known to withdraw a grant that isn't wanted: a copy of the licence that lacks its
    resources, or a contract on its way, which replaces the grant once it is here."""
    if grant.cause is GrantCause.LICENCE:
        return _of_licence(facts.licence) is None
    return any(each.registration.renewal_id == grant.renewal_id for each in _contracts_on_their_way(facts))


def _contracts_on_their_way(facts: ResourceFacts) -> list[Renewal]:
    """The registrations whose contract the subscription service applies, and that isn't recorded here yet."""
    if facts.licence is None:
        return []
    applied = set(facts.licence.contracts or ()).difference(facts.licence.disputed)
    return [r for r in facts.renewals if r.status in OPEN and r.registration.renewal_id in applied]


def _wanted(renewal: Renewal, facts: ResourceFacts) -> Iterator[WantedGrant]:
    if _awaits_payment(renewal, facts):
        yield from _before_contract(renewal, facts)
    elif renewal.status is RegistrationStatus.CONTRACT_ISSUED:
        full = _by_contract(renewal, facts)
        yield full
        if _commitment_end(renewal, facts) and full.granted_from > facts.today:
            yield _temporary(renewal, facts, GrantCause.COMMITMENT, _day_before(full.granted_from))
    elif renewal.status in OPEN:
        yield from _before_contract(renewal, facts)
    elif renewal.voided_in_force:
        yield from _after_void(renewal, facts)


def _after_void(renewal: Renewal, facts: ResourceFacts) -> Iterator[WantedGrant]:
    """What the licence has, for as long as the office may use it after its contract is void, unless another
    contract was made for the same term or a later one."""
    licence, basis = facts.licence, renewal.registration.term.basis_expires_on
    is_passed = any(
        each.status is RegistrationStatus.CONTRACT_ISSUED and each.registration.term.basis_expires_on >= basis
        for each in facts.renewals
    )
    if licence and _of_licence(licence) and not is_passed:
        last = max(licence.expires_on, licence.temporary_until or licence.expires_on)
        if licence.expires_on == _void_term_to(renewal):  # the copy doesn't know it yet
            last = min(last, facts.today + _WEEK_OF_NOTICES)
        yield _temporary(renewal, facts, GrantCause.REGISTRATION, last)


def _void_term_to(renewal: Renewal) -> date | None:
    """The last day of the term that the void contract had given."""
    made, void = renewal.registration, renewal.voided_in_force
    return on_contract_date(made.term, void.dated, made.term_rule).term_to if void else None


def _awaits_payment(renewal: Renewal, facts: ResourceFacts) -> bool:
    """Whether its contract is in force and gives full use only at the payment, which hasn't come. What the
    subscription service has granted once stays."""
    granted = facts.licence.contracts if facts.licence else None
    return renewal.is_unpaid and renewal.registration.renewal_id not in (granted or ())


def _by_contract(renewal: Renewal, facts: ResourceFacts) -> WantedGrant:
    """For the contract's own term, which may differ from the form's. The newest contract lasts as long as the
    licence does, if that was extended or corrected since."""
    made, number = renewal.registration, renewal.contract_number
    term = made.term
    if renewal.contract_date:
        term = on_contract_date(made.term, renewal.contract_date, made.term_rule)
    last = term.term_to
    issued = [each for each in facts.renewals if each.status is RegistrationStatus.CONTRACT_ISSUED]
    newest = max(issued, key=lambda each: each.registration.term.basis_expires_on)
    is_newest = newest.registration.renewal_id == made.renewal_id and not _contracts_on_their_way(facts)
    if facts.licence and is_newest:
        last = max(last, facts.licence.expires_on)
    return WantedGrant(
        GrantKind.FULL,
        GrantCause.CONTRACT,
        str(number) if number else made.number,
        made.renewal_id,
        _ordered(renewal),
        term.term_from,
        last,
    )


def _before_contract(renewal: Renewal, facts: ResourceFacts) -> Iterator[WantedGrant]:
    """An accepted commitment, or payment in full, gives what is ordered, also while a contract in force waits
    for its payment. A signed form, or a picture of the stamped one, keeps what the licence has: nobody has
    accepted the order yet."""
    commitment, licence = renewal.commitment, facts.licence
    if last := _commitment_end(renewal, facts):
        yield _temporary(renewal, facts, GrantCause.COMMITMENT, last)
    elif commitment is None or not commitment.is_in_default:
        until = licence.temporary_until if licence else None
        has = licence and _of_licence(licence)
        if licence and has and until and until > licence.expires_on and _is_shown(renewal):
            yield _temporary(renewal, facts, GrantCause.REGISTRATION, until)


def _commitment_end(renewal: Renewal, facts: ResourceFacts) -> date | None:
    """The last day of the access that the commitment gives. None: it gives none."""
    commitment, until = renewal.commitment, facts.licence and facts.licence.temporary_until
    if commitment is None:
        return None
    last = commitment.access_until if commitment.status is CommitmentStatus.ACCEPTED else None
    return max(until, last or until) if commitment.paid and until else last


def _temporary(renewal: Renewal, facts: ResourceFacts, cause: GrantCause, last: date) -> WantedGrant:
    made = renewal.registration
    has = _of_licence(facts.licence) if cause is GrantCause.REGISTRATION else None
    numbers = (made.number, made.renewal_id)
    return WantedGrant(GrantKind.TEMPORARY, cause, *numbers, has or _ordered(renewal), facts.today, last)


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
