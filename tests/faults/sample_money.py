"""A small correct history of money. The tests of the invariants change it to break one of them.

Of a statement of three lines one was known; one pays a registration, one waits for the desk. A clerk recorded
another receipt, which was reversed.
"""

from datetime import date, timedelta
from typing import Any

from tests.faults import sample_history as a
from tests.faults.history import Lines
from tests.faults.money_history import (
    AccessCause,
    GrantedAccess,
    KnownPayment,
    StoredBankLine,
    StoredReceipt,
    StoredStatement,
    ToldInvoiceRequest,
    ToldReceipt,
)

TODAY = date(2026, 12, 31)
LATER = TODAY + timedelta(days=30)
STATEMENT = StoredStatement(id="f1", phase="matched", lines=3, known=1)
REQUEST = ToldInvoiceRequest(event="i1", renewal="r1", revision=1)
KNOWN = KnownPayment(service="subscription", renewal="r1", paid=True)
COMMITTED = AccessCause(subscription="s", why="CommitmentAccepted", until=LATER)
SEALED = AccessCause(subscription="s", why="contract", contract="r0")


def line(**changes: Any) -> StoredBankLine:
    """The line that pays the registration."""
    given: dict[str, Any] = {
        "id": "l1",
        "statement": "f1",
        "status": "recorded",
        "amount": 1000,
        "decided_at": a.NOON,
        "shares": {"r1": 1000},
    }
    return StoredBankLine(**{**given, **changes})


def waiting(**changes: Any) -> StoredBankLine:
    """The line that nobody has decided about."""
    return line(**{"id": "l2", "status": "waiting", "decided_at": None, "shares": {}, **changes})


def receipt(**changes: Any) -> StoredReceipt:
    """What was received by the line."""
    given: dict[str, Any] = {
        "id": "q1",
        "renewal": "r1",
        "amount": 1000,
        "counts": True,
        "line": "l1",
        "decided_at": a.NOON,
    }
    return StoredReceipt(**{**given, **changes})


def by_hand(**changes: Any) -> StoredReceipt:
    """What a clerk recorded, and reversed."""
    return receipt(**{"id": "q2", "amount": 5, "counts": False, "line": None, "decided_at": None, **changes})


def told(**changes: Any) -> ToldReceipt:
    given: dict[str, Any] = {
        "event": "p1",
        "renewal": "r1",
        "receipt": "q1",
        "reversed": False,
        "amount": 1000,
        "paid": 1000,
        "total": 1000,
    }
    return ToldReceipt(**{**given, **changes})


TOLD_BY_HAND = told(event="p2", receipt="q2", amount=5, paid=1005)
TOLD_REVERSAL = told(event="p3", receipt="q2", reversed=True, amount=5, paid=1000)


def granted(**changes: Any) -> GrantedAccess:
    given: dict[str, Any] = {
        "subscription": "s",
        "today": TODAY,
        "full_until": TODAY - timedelta(days=5),
        "temporary_until": LATER,
        "contracts": ("r0",),
    }
    return GrantedAccess(**{**given, **changes})


MONEY: Lines = (
    *a.SOUND,
    STATEMENT,
    line(),
    waiting(),
    receipt(),
    by_hand(),
    told(),
    TOLD_BY_HAND,
    TOLD_REVERSAL,
    KNOWN,
    REQUEST,
    SEALED,
    COMMITTED,
    granted(),
)


def without(*gone: object) -> Lines:
    kept = tuple(each for each in MONEY if each not in gone)
    assert len(kept) < len(MONEY), "nothing was taken away"
    return kept
