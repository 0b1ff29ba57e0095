"""The facts of a registration. While a registration is open, service doesn't end and no data is deleted.

A registration on paper is open once it is registered, an electronic one once it is signed. Before the
signature it changes nothing. Its events come over two topics, and a dead letter may be redriven days later.
In whatever order they come, the result is the same as in their true order.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.subscription.domain.changes.awaited_contract import bridge_while_awaited
from services.subscription.domain.changes.temporary_access import (
    SentForm,
    bridge_for_copy,
    bridge_for_signature,
    close_access,
    end_copy_access,
    end_payment_access,
)
from services.subscription.domain.registration_facts import OrderedLicence, RegistrationFacts
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided, apply_change
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy
from shared.events.renewal import FormReissued, RenewalRegistered, TermConfirmed
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def register(
    state: Subscription, event: RenewalRegistered, now: datetime, policies: Policies
) -> Decided | None:
    """Record the registration. A way of sending or a term that a later event brought already stays."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    changes: dict[str, Any] = {}
    if known.told_at is None or event.occurred_at > known.told_at:
        changes |= {"send_by": event.send_by, "told_at": event.occurred_at}
    if event.form_revision > known.revision:
        changes |= {"revision": event.form_revision, "term": event.term}
    changes["ordered"] = OrderedLicence(**event.model_dump(include=set(OrderedLicence.model_fields)))
    changes["office"] = event.office
    return update_facts(state, event.renewal_id, known.model_copy(update=changes), now, policies)


def reissue_form(
    state: Subscription, event: FormReissued, now: datetime, policies: Policies
) -> Decided | None:
    """Record a new revision of the form. Its term counts.

    It also counts for earlier revisions that are signed, except for those that the office must confirm first
    (`unconfirmed`).
    """
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    if event.form_revision <= known.revision:
        return None
    changes = {"revision": event.form_revision, "term": event.term, "unconfirmed": event.unconfirmed}
    return update_facts(state, event.renewal_id, known.model_copy(update=changes), now, policies)


def change_sending(
    state: Subscription, id: UUID, send_by: SendBy, told_at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Record the way of sending. Of several changes the latest counts."""
    known = state.registrations.get(id, RegistrationFacts())
    if known.told_at and told_at <= known.told_at:
        return None
    return update_facts(
        state, id, known.model_copy(update={"send_by": send_by, "told_at": told_at}), now, policies
    )


def sign_form(
    state: Subscription, form: SentForm, revision: int, days: int, now: datetime, policies: Policies
) -> Decided | None:
    """Record the signature. It gives `days` days of access, as a copy of the stamped form does: also while
    the desk looks at it. An unknown registration gets none.

    A signature that an earlier release recorded without its days gets them now.
    """
    known = state.registrations.get(form.renewal_id, RegistrationFacts())
    newest = max(revision, known.signed_revision or 0)
    signed = known.model_copy(update={"signed": True, "signed_revision": newest})

    def bridge(before: Subscription) -> Subscription:
        return bridge_for_signature(before, form, days, now) if known.is_known else before

    if signed == state.registrations.get(form.renewal_id) and bridge(state) is not state:
        return apply_change(state, bridge, now, policies)
    return update_facts(state, form.renewal_id, signed, now, policies, bridge)


def show_copy(
    state: Subscription, copy: SentForm, days: int, now: datetime, policies: Policies
) -> Decided | None:
    """Record the copy of the stamped form. It gives `days` days of full access, even if service had ended.

    None if nothing is new. An unknown registration's copy is no fact about it.
    """
    id, known = copy.renewal_id, state.registrations.get(copy.renewal_id, RegistrationFacts())

    def bridge(before: Subscription) -> Subscription:
        return bridge_for_copy(before, copy, days, now)

    if known.is_known and (known.copy_at is None or copy.at > known.copy_at):
        return update_facts(state, id, known.model_copy(update={"copy_at": copy.at}), now, policies, bridge)
    return apply_change(state, bridge, now, policies) if bridge(state) is not state else None


def record_paper(
    state: Subscription, id: UUID, revision: int | None, told_at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Record that the stamped form of that revision has arrived, or was sent back (None). Then its commitment
    gives no more access, unless the form is signed or shown as a copy."""
    known = state.registrations.get(id, RegistrationFacts())
    if known.paper_at and told_at <= known.paper_at:
        return None
    changes, today = {"paper_revision": revision, "paper_at": told_at}, _today(state, now)
    ends = revision is None and known.committed_until is not None
    return update_facts(
        state,
        id,
        known.model_copy(update=changes),
        now,
        policies,
        lambda before: end_payment_access(before, id, today) if ends else before,
    )


def confirm_term(
    state: Subscription, event: TermConfirmed, now: datetime, policies: Policies
) -> Decided | None:
    """Record that the office confirmed the term of that revision."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    if event.form_revision < known.revision:
        return None
    return update_facts(state, event.renewal_id, known.model_copy(update={"unconfirmed": ()}), now, policies)


def record_acceptance(
    state: Subscription, id: UUID, taken: bool, told_at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Record that the vendor accepted it, or (not `taken`) voided its contract and decides again."""
    known = state.registrations.get(id, RegistrationFacts())
    if known.accepted_at and told_at <= known.accepted_at:
        return None
    changes = {"accepted": taken, "accepted_at": told_at, "sign_by": None}
    return update_facts(state, id, known.model_copy(update=changes), now, policies)


def await_assent(
    state: Subscription, id: UUID, sign_by: date | None, told_at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Record that its contract waits for the office's signature until `sign_by`, or no longer waits (None).

    The registration counts as accepted. While the contract waits, the form gives access.
    """
    known = state.registrations.get(id, RegistrationFacts())
    if known.accepted_at and told_at < known.accepted_at:
        return None
    changes = {"accepted": True, "accepted_at": told_at, "sign_by": sign_by}
    return update_facts(state, id, known.model_copy(update=changes), now, policies)


def close(
    state: Subscription, id: UUID, now: datetime, policies: Policies, replaced_by: UUID | None = None
) -> Decided | None:
    """Close the registration: it was refused, cancelled, or replaced by `replaced_by`."""
    changes = {"closed": True, "replaced_by": replaced_by}
    known = state.registrations.get(id, RegistrationFacts()).model_copy(update=changes)
    today = _today(state, now)
    return update_facts(
        state, id, known, now, policies, lambda before: close_access(before, id, replaced_by, today)
    )


def refuse_copy(
    state: Subscription, id: UUID, at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Record that the copies uploaded up to the instant `at` don't show a stamped form. The access that only
    a copy gave ends."""
    known = state.registrations.get(id, RegistrationFacts())
    if known.copy_refused_at and at <= known.copy_refused_at:
        return None
    today = _today(state, now)
    refused = known.model_copy(update={"copy_refused_at": at})
    return update_facts(state, id, refused, now, policies, lambda before: end_copy_access(before, id, today))


def is_known(state: Subscription, id: UUID) -> bool:
    """Whether its `RenewalRegistered` was read, or its contract is in force."""
    return id in state.renewals or state.registrations.get(id, RegistrationFacts()).is_known


def _unchanged(state: Subscription) -> Subscription:
    return state


def update_facts(
    state: Subscription,
    id: UUID,
    known: RegistrationFacts,
    now: datetime,
    policies: Policies,
    follows: Callable[[Subscription], Subscription] = _unchanged,
) -> Decided | None:
    """Save the facts, and apply what `follows` from them and what is given while contracts are awaited. None
    if nothing is new or its contract is in force."""
    if id in state.renewals or known == state.registrations.get(id):
        return None

    def learn(before: Subscription) -> Subscription:
        facts = {**before.registrations, id: known}
        after = before.with_(registrations=facts, open_registrations=_open(before, id, known))
        return bridge_while_awaited(follows(after), _today(state, now))

    after = learn(state)
    told = (after.unpaid, after.pay_by) == (state.unpaid, state.pay_by)
    in_silence = told and after == state.with_(registrations=after.registrations)
    return Decision(after) if in_silence else apply_change(state, learn, now, policies)


def _open(state: Subscription, id: UUID, known: RegistrationFacts) -> tuple[UUID, ...]:
    if known.is_open == (id in state.open_registrations):
        return state.open_registrations
    others = tuple(other for other in state.open_registrations if other != id)
    return (*others, id) if known.is_open else others


def _today(state: Subscription, now: datetime) -> date:
    return max(civil_date(now, state.zone), state.told_on)
