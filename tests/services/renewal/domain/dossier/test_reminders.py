"""The reminders in the record are those that were sent: each has its event, and no other is told."""

from datetime import date, datetime, timedelta
from typing import Any

from services.renewal.domain.dossier.reminders import FOLLOWED, payment_reminders
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.commitment import Commitment, CommitmentStep
from services.renewal.domain.payment.commitment_steps import follow_commitment
from services.renewal.domain.payment.receivable import Receivable, claim_payment
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.audit import entries
from shared.audit.entries import START, AuditEntry, Head
from shared.events.commitment import PaymentAwaited
from shared.storage.aggregate import Cause, State
from shared.storage.mongo import plain
from tests.services.renewal.dossier.sample_dossier import renewal
from tests.services.renewal.examples import NOW, TODAY

PAY_BY = TODAY + timedelta(days=30)
Changes = list[tuple[str, State, datetime]]


def chain(changes: Changes) -> tuple[AuditEntry, ...]:
    found: list[AuditEntry] = []
    before: dict[str, Any] = {}
    for action, state, at in changes:
        after = plain(state.model_dump())
        head = Head(found[-1].n, found[-1].hash) if found else START
        row = entries.entry(head, "renewals/1", before, after, Cause.command(action), at)
        if row:
            found.append(AuditEntry.model_validate(row))
        before = after
    return tuple(found)


def begun(status: RegistrationStatus) -> Renewal:
    made = Commitment.made(PAY_BY, TODAY)
    accepted = made.decided(CommitmentStep.ACCEPT, "rule", "", NOW)
    return renewal().with_status(status, NOW).with_changes(commitment=accepted)


def followed(
    start: Renewal, receivable: Receivable, days: range, form_here: int = 0
) -> tuple[Changes, list[tuple[date, str]]]:
    """The changes of those days, and what was sent. The form comes after `form_here` days."""
    changes: Changes = [("register", start, NOW)]
    sent: list[tuple[date, str]] = []
    state = start
    for day in days:
        now = NOW + timedelta(days=day)
        if form_here and day == form_here:
            state = state.with_status(RegistrationStatus.ACCEPTED, now)
            changes.append(("accept", state, now))
        if decision := follow_commitment(state, receivable, EXAMPLE_VENDOR, now):
            state = decision.state
            changes.append((FOLLOWED, state, now))
            for event in decision.events:
                if isinstance(event, PaymentAwaited):
                    assert state.commitment
                    assert event.why
                    sent.append((state.commitment.reminders[event.reminder - 1].on, event.why))
    return changes, sent


def told(changes: Changes, receivables: Changes = []) -> list[tuple[date, str]]:  # noqa: B006
    found = payment_reminders(chain(changes), chain(receivables))
    return [(date.fromisoformat(each["on"]), each["why"]) for each in found]


def test_each_reminder_that_was_sent_is_told() -> None:
    start = begun(RegistrationStatus.ACCEPTED)
    changes, sent = followed(start, Receivable.of(start.registration), range(80))
    assert len(sent) == 5
    assert told(changes) == sent


def test_none_is_told_that_was_passed_over_before_the_form_was_here() -> None:
    start = begun(RegistrationStatus.AWAITING_PAPER)
    receivable = Receivable.of(start.registration)
    changes, sent = followed(start, receivable, range(80), form_here=28)
    assert 0 < len(sent) < 5
    assert told(changes) == sent


def test_none_is_told_that_an_outage_passed_over() -> None:
    start = begun(RegistrationStatus.ACCEPTED)
    changes, sent = followed(start, Receivable.of(start.registration), range(50, 52))
    assert len(sent) == 1
    assert told(changes) == sent


def test_none_is_told_while_the_office_said_that_it_paid() -> None:
    start = begun(RegistrationStatus.ACCEPTED)
    receivable = Receivable.of(start.registration)
    decision = claim_payment(receivable, start, TODAY, "", "office", NOW)
    assert decision
    claimed = decision.state
    changes, sent = followed(start, claimed, range(80))
    assert told(changes, [("claim", claimed, NOW)]) == sent
