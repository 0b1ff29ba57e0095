"""A small correct history of money. The tests of the invariants change it to break one of them.

Of a statement of three lines one was known; one pays a registration, one waits for the desk. A clerk recorded
another receipt, which was reversed. Of a form of two products a part is paid, which the desk allocated.
"""

from datetime import date, timedelta
from typing import Any

from tests.faults import sample_history as a
from tests.faults.history import Lines
from tests.faults.money_history import (
    AccessCause,
    FormProducts,
    GrantedAccess,
    KnownPayment,
    StoredAllocation,
    StoredBankLine,
    StoredReceipt,
    StoredStatement,
    ToldGrant,
    ToldInvoiceRequest,
    ToldReceipt,
    ToldShare,
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


FORM = FormProducts(form="j1", products=("j1", "j2"))
PART = receipt(id="q7", renewal="j1", amount=700, line=None, decided_at=None)
TOLD_PART = told(event="p7", renewal="j1", receipt="q7", amount=700, paid=700, total=1000)
ALLOCATION = StoredAllocation(form="j1", shares={"j1": 100, "j2": 600})
GRANT = ToldGrant(subscription="s", contract="r0")


def share(**changes: Any) -> ToldShare:
    """What the product that leads is told, once it is allocated."""
    given: dict[str, Any] = {
        "event": "p8",
        "renewal": "j1",
        "receipt": "q7",
        "reversed": False,
        "paid": 100,
        "total": 400,
    }
    return ToldShare(**{**given, **changes})


def joined(**changes: Any) -> ToldShare:
    """What the other product is told."""
    return share(**{"event": "p9", "renewal": "j2", "paid": 600, "total": 600, **changes})


KNOWN_SHARE = KnownPayment(service="subscription", renewal="j2", paid=True)
SHARES: Lines = (
    FORM,
    PART,
    TOLD_PART,
    share(event="p7", paid=0),
    joined(event="p7b", paid=0),
    ALLOCATION,
    share(),
    joined(),
    KNOWN_SHARE,
    GRANT,
)

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
    *SHARES,
)


def without(*gone: object) -> Lines:
    kept = tuple(each for each in MONEY if each not in gone)
    assert len(kept) < len(MONEY), "nothing was taken away"
    return kept
