"""The facts of a registration's progress, as the notifier knows them from events. `shared.progress` computes
the line from them, as it does for renewal's pages."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from shared.events.base import SendBy
from shared.progress.facts import InvoiceFacts, PaymentFacts, ProgressFacts
from shared.progress.form_deadline import AwaitedForm, form_deadline
from shared.progress.line import progress_line
from shared.progress.point import ProgressPoint
from shared.situation import Turn, situation
from shared.time.calendar import civil_date

_OFFICE_FORM = (Turn.SIGN, Turn.SEND_PAPER, Turn.CONFIRM)


def awaited_step(
    subscription: SubscriptionStatus | None, id: UUID | None, today: date
) -> ProgressPoint | None:
    """What the registration `id` waits for. None for an ended one, where nothing is left to do, and where
    too little is known."""
    if subscription is None or id is None:
        return None
    facts = progress_facts(subscription, id, today)
    return progress_line(facts).awaited if facts else None


def progress_facts(subscription: SubscriptionStatus, id: UUID, today: date) -> ProgressFacts | None:
    """None before the registration's own event is known."""
    known, zone = subscription.renewals.get(id), subscription.zone
    if known is None or known.registered_at is None or zone is None:
        return None
    declared_on = civil_date(known.registered_at, zone)
    until = subscription.temporary_until
    lasts = until and today <= until and (subscription.expires_on or until) < until
    return ProgressFacts(
        today=today,
        declared_on=declared_on,
        turn=known.turn,
        form_by=_form_by(subscription, id, today),
        post_by=known.wait_until,
        form_on=_form_day(known, declared_on, zone),
        on_paper=known.send_by is SendBy.PAPER,
        form_shown=known.shown and (known.shown_again or not known.returned),
        form_returned=known.returned,
        accepted=known.accepted,
        answer_by=_answer_by(known),
        sign_by=known.sign_by,
        contract_here=known.contract_here,
        contract_on=(known.contract_on or declared_on) if known.issued else None,
        recorded=subscription.contracts is None or id in subscription.contracts,
        disputed=id in subscription.disputed,
        unpaid=id in subscription.unpaid,
        temporary_until=until if lasts else None,
        payment=_payment_of(subscription, id),
        invoice=_invoice(known),
        closed=(known.closed_as or "cancelled") if known.closed else None,
        closed_on=known.closed_on or declared_on,
        replaced=known.replaced,
        overtaken=any(_comes_after(other, known) for other in subscription.renewals.values()),
    )


def _comes_after(other: RegistrationProgress, known: RegistrationProgress) -> bool:
    if other.registered_at is None or known.registered_at is None or other.closed:
        return False
    return other.registered_at > known.registered_at


def _form_by(subscription: SubscriptionStatus, id: UUID, today: date) -> date | None:
    """None also for a term to confirm: no event tells since when it waits."""
    known, facts = subscription.renewals[id], subscription.facts
    if facts is None or id != subscription.registration_id or known.turn is Turn.CONFIRM:
        return None
    form = AwaitedForm(turn=known.turn, may_show=not known.copy_sent, reminded_on=known.wait_until)
    deadline = form_deadline(form, situation(facts, today), today)
    return deadline.last_day if deadline else None


def _form_day(known: RegistrationProgress, declared_on: date, zone: str) -> date | None:
    """The day on which the form came; that of the registration where it isn't known. None while it is
    awaited."""
    if known.closed or (known.is_open and known.turn in _OFFICE_FORM):
        return None
    if known.send_by is SendBy.PAPER:
        return known.paper_on or declared_on
    return civil_date(known.signed_at, zone) if known.signed_at else declared_on


def _answer_by(known: RegistrationProgress) -> date | None:
    """Renewal tells no day for a form that was signed electronically, until it accepts it."""
    is_told = known.accepted or known.send_by is SendBy.PAPER
    return known.wait_until if is_told else None


def _payment_of(subscription: SubscriptionStatus, id: UUID) -> PaymentFacts | None:
    """A contract that gives full use at its payment has a last day of its own."""
    payment = _payment(subscription.renewals[id], _paid_before(subscription, id))
    if id not in subscription.unpaid or (payment and payment.paid_on):
        return payment
    return replace(payment or PaymentFacts(), due_on=subscription.pay_by)


def _paid_before(subscription: SubscriptionStatus, id: UUID) -> int:
    """The đồng that count for the registrations in whose place `id` is. The vendor moves them, and asks the
    office for none of them."""
    chain = [id]
    for place in chain:
        chain += [
            earlier
            for earlier, known in subscription.renewals.items()
            if known.replaced_by == place and earlier not in chain
        ]
    return sum(subscription.renewals[earlier].payment.paid or 0 for earlier in chain[1:])


def _payment(known: RegistrationProgress, paid_before: int) -> PaymentFacts | None:
    payment = known.payment
    total = payment.total if known.total is None else known.total
    if not total or known.closed:
        return None
    if payment.is_complete:
        return PaymentFacts(paid_on=payment.received_on or payment.pay_by)
    is_claimed = payment.claimed_on is not None or payment.seen_by is not None
    return PaymentFacts(
        due_on=payment.pay_by,
        is_here=(payment.paid or 0) + paid_before >= total,
        is_reported=is_claimed and not payment.claim_refused,
        seen_by=payment.seen_by,
        in_part=bool(payment.paid),
    )


def _invoice(known: RegistrationProgress) -> InvoiceFacts | None:
    invoice = known.invoice
    if not (invoice.requested or invoice.issued_on):
        return None
    return InvoiceFacts(wanted_on=invoice.wanted_on, issued_on=invoice.issued_on)
