"""What is stored apart follows a payment."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from services.renewal.domain.payment.bank_line import BankLine, LineDecision, LineStatus
from services.renewal.domain.payment.receivable import Receipt, Reversal
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.payment.settlement import undo_reversed
from shared.ids import fresh
from tests.services.renewal.examples import NOW, TODAY

(PRINTED,) = Statement.of(
    "970436", "123456", [StatementEntry(row=2, booked_on=TODAY, direction=LineDirection.CREDIT, amount=1000)]
).lines
RECORDED = BankLine(
    id=PRINTED.id,
    file_id=fresh(),
    line=PRINTED,
    status=LineStatus.RECORDED,
    decision=LineDecision(by="clerk-1", at=NOW),
)


def receipt(line_id: UUID, days_ago: int, why: str) -> Receipt:
    """A receipt of a decision so many days ago. `why` it was reversed, or empty."""
    at = NOW - timedelta(days=days_ago)
    fields: dict[str, Any] = {
        "amount": 1000,
        "received_on": TODAY,
        "reference": "FT1",
        "recorded_by": "clerk-1",
        "recorded_at": at,
        "line_id": line_id,
        "line_decided_at": at,
        "reversal": Reversal(reason=why, refunded=False, by="clerk-1", at=NOW) if why else None,
    }
    return Receipt(id=fresh(), **fields)


def test_line_waits_again_whatever_else_was_reversed_of_it() -> None:
    """Guards against: an earlier decision's receipt, of another registration that is settled at the same
    time, hid that the present one's is reversed, and the money belonged to nobody."""
    earlier, present = receipt(PRINTED.id, 9, "nhầm đơn vị"), receipt(PRINTED.id, 0, "nhầm số")
    for order in permutations([earlier, present, receipt(fresh(), 0, "dòng khác")]):
        undone = undo_reversed(RECORDED, order)
        assert undone is not None
        assert (undone.state.status, undone.state.undone) == (LineStatus.WAITING, "nhầm số")


def test_line_whose_present_decision_counts_stays_recorded() -> None:
    earlier, present = receipt(PRINTED.id, 9, "nhầm đơn vị"), receipt(PRINTED.id, 0, "")
    assert undo_reversed(RECORDED, [earlier, present]) is None
