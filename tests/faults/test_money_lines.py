"""What databases and topics hold of money is read as it is stored and told."""

from datetime import timedelta

from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase, StatementSummary
from services.renewal.domain.registration import form
from services.renewal.settings import EXAMPLE_VENDOR
from shared.storage.aggregate import Cause, Stored, envelopes
from shared.storage.mongo import plain
from tests.faults.money_history import AccessCause, StoredReceipt, StoredStatement, ToldReceipt
from tests.faults.money_lines import stored_money, told_money
from tests.services.renewal.domain.joint.examples import lead
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, registration
from tests.services.renewal.messages import document
from tests.support.access_causes import WEEK_OF_NOTICES


def test_a_statement_is_read_with_its_lines_once_it_is_taken_in() -> None:
    file = StatementFile.uploaded(document("statement"), "", None, "clerk-1", NOW)
    summary = StatementSummary(first_on=TODAY, last_on=TODAY, lines=3, known=1)
    read = file.model_copy(update={"phase": StatementPhase.MATCHED, "summary": summary})
    for state, lines, known in ((file, 0, 0), (read, 3, 1)):
        stored = {"_id": str(state.id), **{name: plain(value) for name, value in state}}
        expected = StoredStatement(id=str(file.id), phase=state.phase.value, lines=lines, known=known)
        assert list(stored_money("statement_files", stored)) == [expected]


def test_receipts_are_read_as_they_count_and_as_they_are_told() -> None:
    made = registration()
    renewal = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
    total = made.order.total
    received = record_receipt(Receivable.of(made), renewal, total, TODAY, "FT1", "clerk-1", NOW)
    id = received.state.receipts[0].id
    later = NOW + timedelta(days=1)
    undone = reverse_receipt(received.state, renewal, id, "nhầm", "clerk-1", later)
    stored = {name: plain(value) for name, value in undone.state}
    receipt = StoredReceipt(id=str(id), renewal=str(RENEWAL), amount=total, counts=False)
    assert list(stored_money("receivables", stored)) == [receipt]
    before = Stored(str(undone.state.id), undone.state)
    events = (*received.events, *undone.events)
    told = list(zip(envelopes("renewal", before, events, Cause.command(), later), events, strict=True))
    money = [line for line in told_money(told) if isinstance(line, ToldReceipt)]
    assert [(line.reversed, line.paid) for line in money] == [(False, total), (True, 0)]
    assert {line.amount for line in money} == {total}
    (cause,) = [line for line in told_money(told) if isinstance(line, AccessCause)]
    assert cause.until == later.date() + WEEK_OF_NOTICES, "what was paid back gives no year"


def test_receipt_of_a_joint_registration_is_told_once_with_the_sum_of_the_form() -> None:
    renewal = lead()
    made = renewal.registration
    received = record_receipt(Receivable.of(made), renewal, made.total - 1, TODAY, "FT1", "clerk-1", NOW)
    before = Stored(str(received.state.id), received.state)
    told = list(
        zip(envelopes("renewal", before, received.events, Cause.command(), NOW), received.events, strict=True)
    )
    money = [line for line in told_money(told) if isinstance(line, ToldReceipt)]
    assert [(line.paid, line.total) for line in money] == [(made.total - 1, made.total)]
