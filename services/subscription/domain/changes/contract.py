"""A contract in force extends the subscription's term and gives access back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.subscription.domain.changes.contract_check import ContractDoubt
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.changes.registration import update_facts
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.facts import ContractTerms, DateTrust, EarlierTerm
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import (
    Decided,
    apply_change,
    catch_up,
    finalise,
    recompute,
    without_deletion,
)
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.order import FullGrant
from shared.events.renewal import Party
from shared.events.signing import ContractIssued
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

_WITHHELD_REMEMBERED = 20
"""How many withheld contracts a subscription remembers."""


@dataclass(frozen=True, slots=True)
class ContractApplication:
    """Applies contracts. `product_policy` is the stage table of the new term if the office has none of its
    own."""

    policies: Policies
    product_policy: str
    now: datetime

    def apply(self, state: Subscription, contract: ContractIssued) -> Decided:
        """Extend the term by a contract in force. The contract of a renewal counts once, and not if it is
        void already.

        One that gives full use at the payment waits until all is paid.

        If the expiry date has changed since the contract was computed, the contract is in dispute: the desk
        decides, and the office has full access until then.
        """
        if contract.renewal_id in (*state.renewals, *state.void_contracts):
            return Decision(state)
        known = state.registrations.get(contract.renewal_id, RegistrationFacts())
        terms = _terms(contract, known.office)
        if contract.full_grant is FullGrant.AT_PAYMENT and known.paid_until is None:
            return self._await_payment(state, terms, known)
        return self._apply(state, terms)

    def _await_payment(self, state: Subscription, terms: ContractTerms, known: RegistrationFacts) -> Decided:
        """The contract is in force, and its term counts once all is paid. No data is deleted meanwhile."""
        waits = known.model_copy(update={"contract": terms, "accepted": True, "sign_by": None})
        decided = update_facts(state, terms.renewal_id, waits, self.now, self.policies) or Decision(state)
        today = civil_date(self.now, state.zone)
        factory = EventFactory(StageContext.of(decided.state, self.policies), today, self.now, self.now)
        after, cancelled = without_deletion(decided.state, factory)
        return Decision(after, (*decided.events, *cancelled), decided.snapshot)

    def grant_at_payment(self, state: Subscription, renewal_id: UUID) -> Decided:
        """All is paid for a contract in force that waited for it: its term counts now, with its own dates,
        however late the payment came."""
        terms = state.registrations[renewal_id].contract
        assert terms is not None  # the caller has asked
        return self._apply(state, terms)

    def _apply(self, state: Subscription, terms: ContractTerms) -> Decided:
        id = terms.renewal_id
        broken_at = state.registrations.get(id, RegistrationFacts()).broken_at
        terms = terms.model_copy(update={"earlier": self._earlier(state, terms, broken_at)})
        changes: dict[str, Any] = {
            "renewals": (*state.renewals, id),
            "registrations": {other: r for other, r in state.registrations.items() if other != id},
            "open_registrations": tuple(other for other in state.open_registrations if other != id),
            "withheld": tuple(other for other in state.withheld if other != id),
        }
        if terms.basis_expires_on == state.licence.expires_on:
            return self._renew(state, terms, changes)
        changes["disputed"] = (*state.disputed, terms)
        return apply_change(state, lambda before: before.with_(**changes), self.now, self.policies)

    def withhold(
        self, state: Subscription, contract: ContractIssued, reason: ContractDoubt
    ) -> Decided | None:
        """Emit that the contract extends nothing. None if that was emitted for this renewal before."""
        if contract.renewal_id in state.withheld:
            return None
        today = civil_date(self.now, state.zone)
        event = EventFactory(StageContext.of(state, self.policies), today, self.now, self.now).withheld(
            contract, reason
        )
        withheld = (*state.withheld, contract.renewal_id)[-_WITHHELD_REMEMBERED:]
        return Decision(state.with_(withheld=withheld), (event,))

    def resolve_dispute(self, state: Subscription, renewal_id: UUID, *, accept: bool) -> Decided:
        """Apply the desk's decision on a disputed contract: it counts as written, or not at all.

        If it doesn't count although it was in force, the last day that was stated replaces its end. Raises
        SubscriptionError if no such contract is in dispute.
        """
        terms = next((terms for terms in state.disputed if terms.renewal_id == renewal_id), None)
        if terms is None:
            raise SubscriptionError("no-such-contract")
        rest = {"disputed": tuple(other for other in state.disputed if other != terms)}
        if accept:
            return self._renew(state, terms.model_copy(update={"stated": None}), rest)
        if terms.stated:
            licence = state.licence.model_copy(update={"expires_on": terms.stated})
            return correct(state.with_(**rest, contract=None), licence, self.now, self.policies)
        return apply_change(state, lambda before: before.with_(**rest), self.now, self.policies)

    def _renew(self, state: Subscription, terms: ContractTerms, changes: Mapping[str, Any]) -> Decided:
        """Start the new term. It ends the old term's concessions and holds, and cancels a planned
        deletion.

        `factory.renewed` makes SubscriptionRenewed. `recompute` adds AccessRestored if the office was locked.
        """
        today = civil_date(self.now, state.zone)
        before, passed = catch_up(state, today, self.now, self.policies)
        changed = self._in_new_term(before.with_(**changes), terms, before.stage, today)
        after, moved = recompute(before, changed, self.now, self.policies)
        factory = EventFactory(StageContext.of(after, self.policies), today, self.now, self.now)
        after, cancelled = without_deletion(after, factory)
        events = (*passed, factory.renewed(terms, before.stage), *moved, *cancelled, factory.recorded())
        return finalise(after, events, self.now, self.policies)

    def _earlier(self, state: Subscription, terms: ContractTerms, broken_at: datetime | None) -> EarlierTerm:
        """The present term, which the contract replaces. The days of its forms that were used stay used."""
        today, signed, copy = civil_date(self.now, state.zone), state.signed_days, state.copy_days
        return EarlierTerm(
            **state.licence.model_dump(include={"expires_on", "package", "users", "policy"}),
            storage_gb=state.storage_gb,
            since=state.renewed_at,
            signed_days=signed.counted(state.full_until, today) if signed and state.signed_until else signed,
            copy_days=copy.counted(state.full_until, today) if copy else None,
            broken_at=broken_at,
            contract=state.contract and state.contract.without_terms_over(today),
            office=state.licence.model_dump(include=set(terms.declared)),
        )

    def _in_new_term(
        self, state: Subscription, terms: ContractTerms, stage: Stage, today: date
    ) -> Subscription:
        changes = {
            "expires_on": terms.term_to,
            "package": terms.package,
            "users": terms.users,
            "policy": state.next_policy or self.product_policy,
            **terms.declared,
        }
        return state.with_(
            licence=state.licence.model_copy(update=changes),
            storage_gb=state.storage_gb if terms.storage_gb is None else terms.storage_gb,
            source=state.source or state.licence,
            trust=DateTrust(set_on=today, named=True, before=stage),
            renewed_at=self.now,
            contract=terms,
            temporary_until=None,
            temporary_for=None,
            signed_until=None,
            signed_days=None,
            copy_days=None,
            extension=None,
            exemption=None,
            release=None,
            hold=None,
        )


def _terms(contract: ContractIssued, office: Party | None) -> ContractTerms:
    return ContractTerms(
        renewal_id=contract.renewal_id,
        contract_number=contract.contract_number,
        basis_expires_on=contract.term.basis_expires_on,
        term_from=contract.term.term_from,
        term_to=contract.term.term_to,
        package=contract.package,
        users=contract.users,
        storage_gb=contract.storage_gb,
        office=office,
    )
