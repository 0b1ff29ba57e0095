"""A line of a bank statement: what came of it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.memo import memo_keys
from services.renewal.domain.payment.payment_match import MatchVerdict, PaymentMatch, PaymentShare
from services.renewal.domain.payment.statement import LineDirection, StatementLine
from services.renewal.domain.refusal import RenewalError
from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit
from shared.storage.aggregate import Decision, State

RULE = "rule"


class LineStatus(StrEnum):
    """`WAITING`: a clerk decides. `RECORDING`: it is decided, and being recorded for its registrations.
    `SET_ASIDE`: it pays none of our registrations."""

    NEW = "new"
    WAITING = "waiting"
    RECORDING = "recording"
    RECORDED = "recorded"
    SET_ASIDE = "set_aside"


class LineStep(StrEnum):
    """A step that changes a line. `MATCH`: the rule reads it. `UNDO`: a receipt of it was reversed."""

    MATCH = "match"
    ASSIGN = "assign"
    SET_ASIDE = "set_aside"
    REOPEN = "reopen"
    RECORD = "record"
    UNDO = "undo"


S, Step = LineStatus, LineStep
LINE_FLOW = FlowTable(
    first=(S.NEW,),
    transitions={
        S.NEW: {Step.MATCH: (S.WAITING, S.RECORDING, S.SET_ASIDE)},
        S.WAITING: {Step.ASSIGN: (S.RECORDING,), Step.SET_ASIDE: (S.SET_ASIDE,)},
        S.RECORDING: {Step.RECORD: (S.RECORDED, S.WAITING), Step.UNDO: (S.WAITING,)},
        S.RECORDED: {Step.UNDO: (S.WAITING,)},
        S.SET_ASIDE: {Step.REOPEN: (S.WAITING,)},
    },
    step_owners={
        Step.MATCH: (Owner.RULE,),
        Step.ASSIGN: (Owner.DESK,),
        Step.SET_ASIDE: (Owner.DESK,),
        Step.REOPEN: (Owner.DESK,),
        Step.RECORD: (Owner.RULE,),
        Step.UNDO: (Owner.DESK,),
    },
    limits={
        S.NEW: WaitLimit(Owner.RULE, 1, LimitStart.BOOKED_DAY),
        S.WAITING: WaitLimit(Owner.DESK, 3, LimitStart.BOOKED_DAY),
        S.RECORDING: WaitLimit(Owner.RULE, 1, LimitStart.BOOKED_DAY),
    },
    settled=(S.RECORDED, S.SET_ASIDE),
    corrections=frozenset({Step.UNDO, Step.REOPEN}),
)


class LineDecision(Frozen):
    """`by` is a clerk's subject, or "rule"."""

    by: str
    at: datetime
    reason: str = ""


class BankLine(State):
    """`file_id`: the first statement in which it stood. `shares`: what it pays of which registration; they
    make its whole amount. `has_twin`: another line says the same day, sum and reference, but another memo.
    `undone`: why it wasn't recorded as decided, or why that no longer counts. `found_by` are its search keys;
    None in lines that an earlier release stored, until the loop adds them."""

    id: UUID
    file_id: UUID
    line: StatementLine
    status: LineStatus = LineStatus.NEW
    match: PaymentMatch | None = None
    shares: tuple[PaymentShare, ...] = ()
    has_twin: bool = False
    decision: LineDecision | None = None
    undone: str | None = None
    found_by: tuple[str, ...] | None = None

    @classmethod
    def of(cls, line: StatementLine, file_id: UUID) -> Self:
        """A new line of the statement `file_id`."""
        return cls(id=line.id, file_id=file_id, line=line).with_keys()

    def with_keys(self) -> Self:
        line = self.line
        keys = memo_keys(line.memo, line.payer, line.reference, line.payer_account)
        return self.model_copy(update={"found_by": keys})

    @property
    def reference(self) -> str:
        """The bank's number of the transfer; where it gives none, the day and what tells the line apart."""
        return self.line.reference or f"{self.line.booked_on:%d/%m/%Y} {self.id.hex[:8]}"


_BY_ITSELF = {MatchVerdict.EXACT: LineStatus.RECORDING, MatchVerdict.IGNORED: LineStatus.SET_ASIDE}


def match_bank_line(
    state: BankLine, match: PaymentMatch, now: datetime, *, has_twin: bool = False
) -> BankLine:
    """Only an exact match is recorded, and only what is surely nobody's payment is set aside: all others wait
    for a clerk. So does a line of which another statement says the same with another memo (`has_twin`)."""
    status = LineStatus.WAITING if has_twin else _BY_ITSELF.get(match.verdict, LineStatus.WAITING)
    if status is LineStatus.WAITING:
        return state.model_copy(update={"status": status, "match": match, "has_twin": has_twin})
    best = match.candidates[:1] if status is LineStatus.RECORDING else ()
    shares = tuple(
        PaymentShare(renewal_id=each.renewal_id, code=each.code, amount=state.line.amount) for each in best
    )
    decision = LineDecision(by=RULE, at=now, reason=match.reason)
    changes = {"status": status, "match": match, "shares": shares, "decision": decision}
    return state.model_copy(update=changes)


def assign(
    state: BankLine, shares: Sequence[PaymentShare], by: str, reason: str, now: datetime
) -> Decision[BankLine]:
    """A clerk says which registrations it pays, and how much of each. Raises RenewalError."""
    _check(state, LineStep.ASSIGN)
    if state.line.direction is not LineDirection.CREDIT or state.line.reversal:
        raise RenewalError("line-not-received")
    renewals = {share.renewal_id for share in shares}
    whole = sum(share.amount for share in shares) == state.line.amount
    if not whole or len(renewals) != len(shares) or any(share.amount <= 0 for share in shares):
        raise RenewalError("shares-untrue")
    decision = LineDecision(by=by, at=now, reason=reason)
    changes = {"status": LineStatus.RECORDING, "shares": tuple(shares), "decision": decision, "undone": None}
    return Decision(state.model_copy(update=changes))


def set_aside(state: BankLine, by: str, reason: str, now: datetime) -> Decision[BankLine]:
    """A clerk says that it pays none of our registrations. Raises RenewalError."""
    _check(state, LineStep.SET_ASIDE)
    decision = LineDecision(by=by, at=now, reason=reason)
    return Decision(state.model_copy(update={"status": LineStatus.SET_ASIDE, "decision": decision}))


def recorded(state: BankLine) -> BankLine:
    return state.model_copy(update={"status": LineStatus.RECORDED})


def not_recorded(state: BankLine, why: str) -> BankLine:
    """One of its registrations couldn't take it. A clerk decides anew; what others took stays theirs."""
    return state.model_copy(update={"status": LineStatus.WAITING, "undone": why})


def reopen(state: BankLine, reason: str) -> Decision[BankLine]:
    """It was set aside in error: a clerk decides anew. Raises RenewalError."""
    _check(state, LineStep.REOPEN)
    return Decision(state.model_copy(update={"status": LineStatus.WAITING, "undone": reason}))


def undo(state: BankLine, reason: str) -> Decision[BankLine] | None:
    """A receipt of its decision was reversed: a clerk decides anew. None where it waits already."""
    if not LINE_FLOW.may(state.status, LineStep.UNDO):
        return None
    return Decision(not_recorded(state, reason))


def _check(state: BankLine, step: LineStep) -> None:
    if not LINE_FLOW.may(state.status, step):
        raise RenewalError("line-decided")
