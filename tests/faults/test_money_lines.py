"""What databases and topics hold of money is read as it is stored and told."""

from datetime import timedelta
from typing import Any

from services.renewal.domain.joint.allocation import allocate
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase, StatementSummary
from services.renewal.domain.registration import form
from services.renewal.settings import EXAMPLE_VENDOR
from shared.storage.aggregate import Cause, Decision, Stored, envelopes
from shared.storage.mongo import plain
from tests.faults.money_history import (
    AccessCause,
    FormProducts,
    StoredAllocation,
    StoredReceipt,
    StoredStatement,
    ToldReceipt,
    ToldShare,
)
from tests.faults.money_lines import Told, stored_money, told_money
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
    money = [line for line in told_money(_told(received)) if isinstance(line, ToldReceipt)]
    assert [(line.paid, line.total) for line in money] == [(made.total - 1, made.total)]


def test_an_allocation_is_told_to_the_products_and_is_no_receipt() -> None:
    renewal = lead()
    first, other, third = renewal.registration.on_form
    part = other.order.total
    received = record_receipt(
        Receivable.of(renewal.registration), renewal, part, TODAY, "FT1", "clerk-1", NOW
    )
    allocated = allocate(received.state, renewal, {other.renewal_id: part - 1, first.renewal_id: 1}, NOW)
    assert allocated
    told = _told(Decision(allocated.state, (*received.events, *allocated.events)))
    lines = list(told_money([*told, *told]))  # published again
    assert len({line.event for line in lines if isinstance(line, ToldReceipt)}) == 1
    shares = [(line.renewal, line.paid) for line in lines if isinstance(line, ToldShare)]
    ids = [str(each.renewal_id) for each in (first, other, third)]
    after = [(ids[0], 1), (ids[1], part - 1)]
    assert shares[: len(shares) // 2] == [*((id, 0) for id in ids), *after]
    stored = {name: plain(value) for name, value in allocated.state}
    (kept,) = [line for line in stored_money("receivables", stored) if isinstance(line, StoredAllocation)]
    assert kept.shares == {ids[0]: 1, ids[1]: part - 1, ids[2]: 0}


def test_a_receipt_that_is_told_again_with_the_same_share_stays_a_receipt() -> None:
    renewal = lead()
    received = record_receipt(Receivable.of(renewal.registration), renewal, 5, TODAY, "FT1", "clerk-1", NOW)
    told = _told(Decision(received.state, received.events * 2))
    assert len({line.event for line in told_money(told) if isinstance(line, ToldReceipt)}) == 2


def test_the_products_of_a_form_are_those_that_were_registered_on_it() -> None:
    made = lead().registration
    registered = for_each_product(form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW))
    (joint,) = [line for line in told_money(_told(registered)) if isinstance(line, FormProducts)]
    assert joint.products == tuple(str(each.renewal_id) for each in made.on_form)
    assert joint.form == joint.products[0]


def _told(decision: Decision[Any]) -> list[Told]:
    """The decision's events as they are published."""
    before = Stored("a", decision.state)
    events = decision.events
    return list(zip(envelopes("renewal", before, events, Cause.command(), NOW), events, strict=True))
