"""Matches a line of a statement with the orders that it may pay.

Only one verdict, `EXACT`, is recorded by itself. All others are for a person, with the best candidates.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.candidates import (
    MatchReason,
    PaymentCandidate,
    fact_candidates,
    near_cores,
    rank,
)
from services.renewal.domain.payment.memo import code_readings, fold_memo, read_alike, written_cores
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.statement import LineDirection, StatementLine

_MOST_SHARES = 20


class MatchVerdict(StrEnum):
    """`EXACT`: one whole code, and the amount that is open. `PARTIAL` and `OVER`: less, or more, than that.
    `DUPLICATE`: the order is paid already. `SEVERAL`: several whole codes whose open amounts make the sum.
    `AMBIGUOUS`: more than one order may be meant. `UNKNOWN`: no whole code. `REFUND`: money that is
    known to be an order's left the account, or the bank took a credit back. `IGNORED`: nobody's payment.
    """

    EXACT = "exact"
    PARTIAL = "partial"
    OVER = "over"
    DUPLICATE = "duplicate"
    SEVERAL = "several"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    REFUND = "refund"
    IGNORED = "ignored"


class PaymentShare(Frozen):
    """What a payment for several orders would give to one of them, in đồng."""

    renewal_id: UUID
    code: str
    amount: int


class PaymentMatch(Frozen):
    """`candidates` are the best ones first. `reason` is why a person has to look, or why the line is clear.
    `shares` is the split that is proposed for `SEVERAL`.
    """

    line_id: UUID
    verdict: MatchVerdict
    reason: MatchReason
    candidates: tuple[PaymentCandidate, ...] = ()
    shares: tuple[PaymentShare, ...] = ()


def match_lines(lines: Iterable[StatementLine], index: OrderIndex) -> list[PaymentMatch]:
    """The matches in the order of the days. An exact match pays its order, so that a second one is a
    duplicate. The order of `lines` changes nothing."""
    matches, index = [], index.copy()
    for line in sorted(lines, key=lambda line: (line.booked_on, line.id.int)):
        match = match_line(line, index)
        if match.verdict is MatchVerdict.EXACT:
            index.pay(match.candidates[0].core, line.amount)
        matches.append(match)
    return matches


def match_line(line: StatementLine, index: OrderIndex) -> PaymentMatch:
    """The match of one line."""
    memo = read_alike(fold_memo(line.memo))
    readings = [reading for reading in code_readings(memo) if index.get(reading.core)]
    orders = {reading.core: index.order(reading.core) for reading in readings}
    if line.direction is LineDirection.DEBIT or line.reversal:
        return _nobodys_payment(line, memo, index, orders)
    if not orders:
        return _without_code(line, memo, index)
    rivals = {core for reading in readings for core in index.rivals(reading)}
    near = near_cores(memo, index)
    others = {core: near.get(core, MatchReason.NEIGHBOUR) for core in (*rivals, *near) if core not in orders}
    if others:
        return _ambiguous(line, index, orders, others, MatchReason.NEIGHBOUR)
    if written_cores(memo, orders):
        return _ambiguous(line, index, orders, {}, MatchReason.ANOTHER_CODE)
    if len(orders) > 1:
        return _several(line, index, orders)
    return _one(line, next(iter(orders.values())))


def _one(line: StatementLine, order: PayableOrder) -> PaymentMatch:
    """The line names one order, and no doubt which."""
    verdict, reason = MatchVerdict.EXACT, MatchReason.WHOLE_CODE
    if not order.open_amount:
        paid = order.paid > 0
        verdict = MatchVerdict.DUPLICATE if paid else MatchVerdict.OVER
        reason = MatchReason.PAID_ALREADY if paid else MatchReason.NOTHING_TO_PAY
    elif line.amount != order.open_amount:
        less = line.amount < order.open_amount
        verdict = MatchVerdict.PARTIAL if less else MatchVerdict.OVER
        reason = MatchReason.LESS_THAN_OPEN if less else MatchReason.MORE_THAN_OPEN
    candidates = rank([(order, {MatchReason.WHOLE_CODE})], line.amount)
    return PaymentMatch(line_id=line.id, verdict=verdict, reason=reason, candidates=candidates)


def _several(line: StatementLine, index: OrderIndex, orders: Mapping[str, PayableOrder]) -> PaymentMatch:
    each = sorted(orders.values(), key=lambda order: order.code)
    fits = all(order.open_amount for order in each) and line.amount == sum(o.open_amount for o in each)
    if not fits or len(each) > _MOST_SHARES:
        return _ambiguous(line, index, orders, {}, MatchReason.SEVERAL_CODES)
    return PaymentMatch(
        line_id=line.id,
        verdict=MatchVerdict.SEVERAL,
        reason=MatchReason.SEVERAL_CODES,
        candidates=rank([(order, {MatchReason.WHOLE_CODE}) for order in each], line.amount),
        shares=tuple(
            PaymentShare(renewal_id=order.renewal_id, code=order.code, amount=order.open_amount)
            for order in each
        ),
    )


def _ambiguous(
    line: StatementLine,
    index: OrderIndex,
    orders: Mapping[str, PayableOrder],
    others: Mapping[str, MatchReason],
    reason: MatchReason,
) -> PaymentMatch:
    found = [(order, {MatchReason.WHOLE_CODE}) for order in orders.values()]
    found += [(index.order(core), {why}) for core, why in others.items()]
    return PaymentMatch(
        line_id=line.id,
        verdict=MatchVerdict.AMBIGUOUS,
        reason=reason,
        candidates=rank(found, line.amount),
    )


def _without_code(line: StatementLine, memo: str, index: OrderIndex) -> PaymentMatch:
    near = near_cores(memo, index, anywhere=True)
    verdict = MatchVerdict.AMBIGUOUS if len(near) > 1 else MatchVerdict.UNKNOWN
    reason = MatchReason.DAMAGED_CODE if near else MatchReason.NO_CODE
    if not near and written_cores(memo):
        reason = MatchReason.ANOTHER_CODE
    reasons = {core: {why} for core, why in near.items()}
    for core, why in fact_candidates(line, memo, index):
        reasons.setdefault(core, set()).add(why)
    found = [(index.order(core), why) for core, why in reasons.items()]
    return PaymentMatch(line_id=line.id, verdict=verdict, reason=reason, candidates=rank(found, line.amount))


def _nobodys_payment(
    line: StatementLine, memo: str, index: OrderIndex, orders: Mapping[str, PayableOrder]
) -> PaymentMatch:
    """Money that left the account, or a line that the bank takes back."""
    if line.direction is LineDirection.CREDIT:
        return PaymentMatch(line_id=line.id, verdict=MatchVerdict.IGNORED, reason=MatchReason.REVERSED_DEBIT)
    found = [(order, {MatchReason.WHOLE_CODE}) for order in orders.values()]
    near = near_cores(memo, index)
    found += [(index.order(core), {why}) for core, why in near.items() if core not in orders]
    noted = found or line.reversal
    return PaymentMatch(
        line_id=line.id,
        verdict=MatchVerdict.REFUND if noted else MatchVerdict.IGNORED,
        reason=MatchReason.REVERSED_CREDIT if line.reversal else MatchReason.DEBIT,
        candidates=rank(found, line.amount),
    )
