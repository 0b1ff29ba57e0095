"""Orders that a payment may be for, with a score from 1 to 100 and what speaks for each."""

from collections.abc import Iterable, Iterator, Set
from enum import StrEnum
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.memo import CORE, after_anchors
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.statement import StatementLine

_MOST = 5
_TAX_CODE_LENGTHS = (10, 12, 13)


class MatchReason(StrEnum):
    """What speaks for an order, or what a person has to look at."""

    WHOLE_CODE = "whole_code"
    NO_PREFIX = "no_prefix"
    ONE_CHARACTER = "one_character"
    CUT = "cut"
    NEIGHBOUR = "neighbour"
    TAX_CODE = "tax_code"
    PAYER = "payer"
    AMOUNT = "amount"
    LESS_THAN_OPEN = "less_than_open"
    MORE_THAN_OPEN = "more_than_open"
    PAID_ALREADY = "paid_already"
    NOTHING_TO_PAY = "nothing_to_pay"
    SEVERAL_CODES = "several_codes"
    ANOTHER_CODE = "another_code"
    DAMAGED_CODE = "damaged_code"
    NO_CODE = "no_code"
    DEBIT = "debit"
    REVERSED_CREDIT = "reversed_credit"
    REVERSED_DEBIT = "reversed_debit"


_WEIGHTS = {
    MatchReason.WHOLE_CODE: 85,
    MatchReason.NO_PREFIX: 70,
    MatchReason.ONE_CHARACTER: 60,
    MatchReason.CUT: 45,
    MatchReason.NEIGHBOUR: 40,
    MatchReason.TAX_CODE: 30,
    MatchReason.PAYER: 25,
    MatchReason.AMOUNT: 15,
}
"""What each reason adds to a candidate's score."""


class PaymentCandidate(Frozen):
    """`score` is at most 100. `open_amount` is what was open before this line, in đồng."""

    renewal_id: UUID
    code: str
    open_amount: int
    score: int
    reasons: tuple[MatchReason, ...]

    @property
    def core(self) -> str:
        """The code without its `GH`."""
        return self.code[2:]


def rank(found: Iterable[tuple[PayableOrder, Set[MatchReason]]], amount: int) -> tuple[PaymentCandidate, ...]:
    """The best candidates first, at most five."""
    each = sorted((_candidate(*pair, amount) for pair in found), key=lambda one: (-one.score, one.code))
    return tuple(each[:_MOST])


def _candidate(order: PayableOrder, reasons: Set[MatchReason], amount: int) -> PaymentCandidate:
    fits = {MatchReason.AMOUNT} if order.open_amount == amount else set()
    all_reasons = sorted(reasons | fits, key=lambda reason: -_WEIGHTS[reason])
    return PaymentCandidate(
        renewal_id=order.renewal_id,
        code=order.code,
        open_amount=order.open_amount,
        score=min(sum(_WEIGHTS[reason] for reason in all_reasons), 100),
        reasons=tuple(all_reasons),
    )


def near_cores(memo: str, index: OrderIndex, *, anywhere: bool = False) -> dict[str, MatchReason]:
    """The orders whose code stands damaged in the memo (folded, read alike), each with its best reason.

    With `anywhere`, also a code that is glued to other characters and lost its `GH`.
    """
    near: dict[str, MatchReason] = {}
    for core, reason in _damaged(memo, index, anywhere):
        if core not in near or _WEIGHTS[reason] > _WEIGHTS[near[core]]:
            near[core] = reason
    return near


def _damaged(memo: str, index: OrderIndex, anywhere: bool) -> Iterator[tuple[str, MatchReason]]:
    for _, after in after_anchors(memo):
        if index.get(after[:CORE]):
            continue
        for length in (CORE - 1, CORE, CORE + 1):
            yield from ((core, MatchReason.ONE_CHARACTER) for core in index.nearly(after[:length]))
        for length in (5, 6):
            yield from ((core, MatchReason.CUT) for core in index.beginning(after[:length]))
    for token in memo.split(" "):
        core = _bare(token)
        if core and index.get(core):
            yield core, MatchReason.NO_PREFIX
    if anywhere:
        glued = memo.replace(" ", "")
        places = range(len(glued) - CORE + 1)
        yield from ((c, MatchReason.NO_PREFIX) for at in places if index.get(c := glued[at : at + CORE]))
        first = memo.partition(" ")[0]
        if 5 <= len(first) < CORE:
            yield from ((core, MatchReason.CUT) for core in index.ending(first))


def _bare(token: str) -> str | None:
    """A code that stands alone, without its `GH` or with the `H` only."""
    if len(token) == CORE:
        return token
    return token[1:] if len(token) == CORE + 1 and token[0] == "H" else None


def fact_candidates(line: StatementLine, memo: str, index: OrderIndex) -> Iterator[tuple[str, MatchReason]]:
    """What else speaks for an order: the office's tax code in the memo, the payer's name, the amount."""
    for token in memo.split(" "):
        if len(token) in _TAX_CODE_LENGTHS:
            yield from ((core, MatchReason.TAX_CODE) for core in index.of_tax_code(token))
    if line.payer:
        yield from ((core, MatchReason.PAYER) for core in index.of_payer(line.payer))
    yield from ((core, MatchReason.AMOUNT) for core in index.of_amount(line.amount))
