"""What becomes of a line of a statement, by its match and by a clerk."""

from datetime import date

import pytest

from services.renewal.domain.payment.bank_line import (
    BankLine,
    LineStatus,
    assign,
    match_bank_line,
    not_recorded,
    recorded,
    reopen,
    set_aside,
    undo,
)
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.payment_match import PaymentShare, match_line
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.domain.payment.transfer import order_code
from services.renewal.domain.refusal import RenewalError
from shared.ids import fresh
from tests.services.renewal.examples import NOW, RENEWAL, registration

CODE = order_code(registration().number)
INDEX = OrderIndex.of([PayableOrder(renewal_id=RENEWAL, code=CODE, open_amount=1000)])


def line(memo: str = CODE, amount: int = 1000, direction: LineDirection = LineDirection.CREDIT) -> BankLine:
    entry = StatementEntry(
        row=2, booked_on=date(2026, 1, 5), direction=direction, amount=amount, memo=memo, reference="FT1"
    )
    (printed,) = Statement.of("970436", "123456", [entry]).lines
    return BankLine(id=printed.id, file_id=fresh(), line=printed)


def matched(state: BankLine, *, has_twin: bool = False) -> BankLine:
    return match_bank_line(state, match_line(state.line, INDEX), NOW, has_twin=has_twin)


def share(amount: int = 1000) -> PaymentShare:
    return PaymentShare(renewal_id=RENEWAL, code=CODE, amount=amount)


def test_only_an_exact_match_is_recorded_by_itself() -> None:
    exact = matched(line())
    assert (exact.status, exact.shares) == (LineStatus.RECORDING, (share(),))
    assert exact.decision is not None
    assert exact.decision.by == "rule"
    for other in (line(amount=999), line(amount=1001), line(memo="gia han"), line(memo=CODE[:-1])):
        waits = matched(other)
        assert (waits.status, waits.shares, waits.decision) == (LineStatus.WAITING, (), None)


def test_money_out_is_set_aside_unless_it_names_an_order() -> None:
    assert matched(line("phi", 11, LineDirection.DEBIT)).status is LineStatus.SET_ASIDE
    assert matched(line(CODE, 1000, LineDirection.DEBIT)).status is LineStatus.WAITING


def test_a_line_that_another_statement_prints_otherwise_waits() -> None:
    assert matched(line(), has_twin=True).status is LineStatus.WAITING


@pytest.mark.parametrize("shares", [(), (share(999),), (share(400), share(600))])
def test_shares_make_the_whole_line_each_registration_once(shares: tuple[PaymentShare, ...]) -> None:
    with pytest.raises(RenewalError, match="shares-untrue"):
        assign(matched(line(amount=1000, memo="?")), shares, "clerk-1", "", NOW)


def test_a_decided_line_is_decided_once() -> None:
    waits = matched(line(memo="?"))
    decided = assign(waits, [share()], "clerk-1", "", NOW).state
    assert decided.status is LineStatus.RECORDING
    for again in (decided, recorded(decided)):
        with pytest.raises(RenewalError, match="line-decided"):
            assign(again, [share()], "clerk-2", "", NOW)
        with pytest.raises(RenewalError, match="line-decided"):
            set_aside(again, "clerk-2", "không phải", NOW)


def test_money_out_is_nobodys_payment_whatever_a_clerk_says() -> None:
    refund = matched(line(CODE, 1000, LineDirection.DEBIT))
    with pytest.raises(RenewalError, match="line-not-received"):
        assign(refund, [share()], "clerk-1", "", NOW)


def test_what_was_undone_waits_again() -> None:
    done = recorded(assign(matched(line(memo="?")), [share()], "clerk-1", "", NOW).state)
    undone = undo(done, "nhầm đơn vị")
    assert undone is not None
    assert (undone.state.status, undone.state.undone) == (LineStatus.WAITING, "nhầm đơn vị")
    assert undo(undone.state, "lần nữa") is None
    aside = set_aside(undone.state, "clerk-1", "tiền khác", NOW).state
    assert reopen(aside, "nhầm").state.status is LineStatus.WAITING
    with pytest.raises(RenewalError, match="line-decided"):
        reopen(done, "nhầm")
    assert not_recorded(done, "receipt-known").status is LineStatus.WAITING
