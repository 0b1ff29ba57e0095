"""The ledger of a subscription's grants of resources, and the decisions that change it.

Each change that the platform must know comes with its `ResourcesRequested`. Facts that change nothing give no
decision, so a repeat does nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.resources.grant import RULE, GrantCause, GrantClosure, ResourceGrant
from services.renewal.domain.resources.wanted import (
    ResourceFacts,
    WantedGrant,
    is_undecided,
    void_reason,
    wanted_by_licence,
    wanted_grants,
)
from shared import ids
from shared.events.resources import ResourcesRequested
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

_RANKS = (GrantCause.CONTRACT, GrantCause.COMMITMENT, GrantCause.LICENCE, GrantCause.REGISTRATION)


@dataclass(frozen=True, slots=True)
class LedgerOwner:
    """Whose ledger it is, before anything is stored."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    zone: str

    @classmethod
    def of(cls, licence: LicenceCopy) -> Self:
        return cls(licence.subscription_id, licence.office_ref, licence.product_code, licence.zone)


class ResourceLedger(State):
    """`grants` in the order in which they were made. `asked_at`: when the office or the desk last asked the
    platform anew for all of it.

    The other dates are computed from the grants, for the store's queries: the longest wait for a confirmation
    (`waiting_since`) of a grant at which no clerk must look, the longest wait for a clerk's look
    (`look_since`), and the first last day of a grant that is open (`lapses_on`).
    """

    id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    zone: str
    grants: tuple[ResourceGrant, ...] = ()
    asked_at: datetime | None = None
    waiting_since: datetime | None = None
    look_since: datetime | None = None
    lapses_on: date | None = None

    @classmethod
    def of(cls, owner: LedgerOwner) -> Self:
        return cls(
            id=ledger_id(owner.subscription_id),
            subscription_id=owner.subscription_id,
            office_ref=owner.office_ref,
            product_code=owner.product_code,
            zone=owner.zone,
        )

    def grant(self, id: UUID) -> ResourceGrant | None:
        return next((grant for grant in self.grants if grant.id == id), None)

    def with_grants(self, grants: Iterable[ResourceGrant], **changes: object) -> Self:
        kept = tuple(grants)
        open_ = [grant for grant in kept if grant.is_open]
        computed = {
            "grants": kept,
            "waiting_since": min(
                (each.waiting_since for each in kept if each.waiting_since and not each.look_since),
                default=None,
            ),
            "look_since": min((each.look_since for each in kept if each.look_since), default=None),
            "lapses_on": min((each.granted_to for each in open_), default=None),
        }
        return self.model_copy(update=computed | changes)

    def of_renewal(self, renewal_id: UUID) -> tuple[ResourceGrant, ...]:
        return tuple(grant for grant in self.grants if grant.renewal_id == renewal_id)

    def in_force(self, today: date) -> ResourceGrant | None:
        """The grant that counts today: a contract's, else a commitment's, else the licence's, else a
        registration's. Of two of these, the one that lasts longest."""
        found = [grant for grant in self.grants if grant.is_in_force(today)]
        return max(found, key=lambda grant: (-_RANKS.index(grant.cause), grant.granted_to), default=None)


def ledger_id(subscription_id: UUID) -> UUID:
    """An id of its own: its events are numbered apart from other aggregates'."""
    return ids.derived("resource-ledger", subscription_id)


def follow_facts(
    ledger: ResourceLedger, facts: ResourceFacts, now: datetime
) -> Decision[ResourceLedger] | None:
    """The grants become those that the facts want: new ones are requested, those that differ are revised,
    those that are no longer wanted are voided. A grant whose last day has passed stays as it is; nobody waits
    for its confirmation any more. None where nothing changes."""
    wanted = wanted_grants(facts)
    kept = [_followed(grant, wanted, facts, now) for grant in ledger.grants]
    missing = [each for each in wanted if not any(each.is_for(g) for g in kept if g.counts)]
    made = [_made(ledger, len(kept) + n, each, now) for n, each in enumerate(missing)]
    return _decide(ledger, [*kept, *made], now)


def ask_anew(
    ledger: ResourceLedger, facts: ResourceFacts, pause: timedelta, now: datetime
) -> Decision[ResourceLedger]:
    """The office or the desk asks the platform anew for what it should have: for the grants in force and for
    those that wait. Where no full grant is in force, the licence's own is asked for. Raises RenewalError for
    a second time within `pause`, and where there is nothing to ask for."""
    if ledger.asked_at and now - ledger.asked_at < pause:
        raise RenewalError("resources-asked")
    followed = follow_facts(ledger, facts, now)
    grants = list(followed.state.grants if followed else ledger.grants)
    if wanted := _missing_by_licence(facts, grants):
        grants.append(_made(ledger, len(grants), wanted, now))
    elif not any(_is_asked_anew(grant, facts.today) for grant in grants):
        raise RenewalError("resources-none")

    def is_due(grant: ResourceGrant) -> bool:
        return _is_asked_anew(grant, facts.today) and grant == ledger.grant(grant.id)

    again = [grant.requested_again(now) if is_due(grant) else grant for grant in grants]
    decision = _decide(ledger, again, now)
    assert decision is not None  # at least one grant was made or requested
    asked = decision.state.model_copy(update={"asked_at": now})
    return Decision(asked, decision.events)


def ask_again(
    ledger: ResourceLedger, grant_ids: Collection[UUID], now: datetime
) -> Decision[ResourceLedger] | None:
    """The desk asks again for those of the grants that wait, or whose answer differs. None where none
    does."""

    def is_due(grant: ResourceGrant) -> bool:
        return grant.id in grant_ids and grant.is_open

    again = [grant.requested_again(now) if is_due(grant) else grant for grant in ledger.grants]
    return _decide(ledger, again, now)


def close_grant(
    ledger: ResourceLedger, grant_id: UUID, revision: int, by: str, reason: str, now: datetime
) -> Decision[ResourceLedger]:
    """A clerk has settled the version that the clerk saw with the platform's people: it leaves the desk's
    list. Raises RenewalError where there is no such grant, another version, or nothing to settle."""
    grant = ledger.grant(grant_id)
    if grant is None:
        raise RenewalError("grant-unknown")
    if grant.revision != revision:
        raise RenewalError("grant-moved")
    if not grant.is_open:
        raise RenewalError("grant-settled")
    closed = grant.closed_by(GrantClosure(by=by, reason=reason, at=now))
    return Decision(ledger.with_grants(_replaced(ledger.grants, closed)))


def _followed(
    grant: ResourceGrant, wanted: Sequence[WantedGrant], facts: ResourceFacts, now: datetime
) -> ResourceGrant:
    if grant.counts and grant.cause is GrantCause.LICENCE:
        ours = _by_licence(grant, wanted, facts)
    else:
        ours = next((each for each in wanted if each.is_for(grant)), None)
    if grant.counts and ours:
        changes = ours.changes(grant)
        return grant.revised(now, **changes) if changes else grant
    if grant.granted_to < facts.today:
        over = GrantClosure(by=RULE, reason="", at=now)
        return grant.closed_by(over) if grant.is_open else grant
    if not grant.counts or is_undecided(grant, facts):
        return grant
    return grant.revised(now, voided_by=void_reason(grant, wanted, facts))


def _by_licence(
    grant: ResourceGrant, wanted: Sequence[WantedGrant], facts: ResourceFacts
) -> WantedGrant | None:
    """What becomes of the licence's grant: it runs on from its first day, as the licence does now. None: it
    is over, or no longer wanted."""
    by_licence = wanted_by_licence(facts, wanted)
    if by_licence is None or grant.granted_to < facts.today:
        return None
    return replace(by_licence, granted_from=grant.granted_from)


def _missing_by_licence(facts: ResourceFacts, grants: Iterable[ResourceGrant]) -> WantedGrant | None:
    """None where the licence's grant is in force already, or a commitment gives the office more."""
    wanted = wanted_grants(facts)
    in_force = (grant.cause for grant in grants if grant.is_in_force(facts.today))
    if GrantCause.LICENCE in in_force or any(each.cause is GrantCause.COMMITMENT for each in wanted):
        return None
    return wanted_by_licence(facts, wanted)


def _is_asked_anew(grant: ResourceGrant, today: date) -> bool:
    return grant.is_in_force(today) or grant.waiting_since is not None


def _made(ledger: ResourceLedger, place: int, wanted: WantedGrant, now: datetime) -> ResourceGrant:
    return ResourceGrant(
        id=ids.derived("resource-grant", ledger.subscription_id, place + 1),
        kind=wanted.kind,
        cause=wanted.cause,
        cause_no=wanted.cause_no,
        renewal_id=wanted.renewal_id,
        resources=wanted.resources,
        granted_from=wanted.granted_from,
        granted_to=wanted.granted_to,
        first_requested_at=now,
        requested_at=now,
        waiting_since=now,
    )


def _decide(
    ledger: ResourceLedger, grants: Sequence[ResourceGrant], now: datetime
) -> Decision[ResourceLedger] | None:
    """The ledger with these grants, and a request for each that was made, or requested anew."""
    if tuple(grants) == ledger.grants:
        return None

    def is_requested(grant: ResourceGrant) -> bool:
        before = ledger.grant(grant.id)
        return before is None or before.requests < grant.requests

    withdrawals_first = sorted(filter(is_requested, grants), key=lambda grant: grant.counts)
    return Decision(
        ledger.with_grants(grants), tuple(_request(ledger, grant, now) for grant in withdrawals_first)
    )


def _request(ledger: ResourceLedger, grant: ResourceGrant, now: datetime) -> ResourcesRequested:
    shared = {"kind", "cause", "cause_no", "renewal_id", "granted_from", "granted_to", "voided_by"}
    return ResourcesRequested(
        subscription_id=ledger.subscription_id,
        office_ref=ledger.office_ref,
        product_code=ledger.product_code,
        effective_on=civil_date(now, ledger.zone),
        occurred_at=now,
        recorded_at=now,
        grant_id=grant.id,
        revision=grant.revision,
        request=grant.requests,
        **grant.model_dump(include=shared),
        **grant.resources.model_dump(),
    )


def _replaced(grants: Iterable[ResourceGrant], by: ResourceGrant) -> tuple[ResourceGrant, ...]:
    return tuple(by if grant.id == by.id else grant for grant in grants)
