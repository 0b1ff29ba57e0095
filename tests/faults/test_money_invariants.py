"""The invariants of money fail on every history that breaks them, and only on those."""

from datetime import timedelta

import pytest

from tests.faults import sample_money as m
from tests.faults.checker import check
from tests.faults.history import Lines
from tests.faults.invariants.money import MONEY_INVARIANTS
from tests.faults.sample_history import NOON

BREAKS: dict[str, tuple[str, Lines]] = {
    "a line of the statement that nobody stored": ("no line is lost", m.without(m.waiting())),
    "a line stored under two statements": (
        "no line is lost",
        (*m.MONEY, m.waiting(id="l3")),
    ),
    "a statement that was never read": (
        "no line is lost",
        (*m.MONEY, m.STATEMENT.model_copy(update={"id": "f2", "phase": "uploaded", "lines": 0, "known": 0})),
    ),
    "a line that is being recorded for ever": (
        "no line is lost",
        (*m.without(m.waiting()), m.waiting(status="recording")),
    ),
    "a line counted twice": (
        "each line counts once",
        (*m.MONEY, m.receipt(id="q3")),
    ),
    "a line counted again by another decision": (
        "each line counts once",
        (*m.MONEY, m.receipt(id="q3", decided_at=NOON + timedelta(days=1))),
    ),
    "a line counted for a registration that it doesn't pay": (
        "each line counts once",
        (*m.without(m.receipt()), m.receipt(renewal="r2")),
    ),
    "a line recorded, and not counted": ("each line counts once", m.without(m.receipt())),
    "a line counted in part": ("each line counts once", (*m.without(m.receipt()), m.receipt(amount=999))),
    "a line that was set aside, and counts": (
        "each line counts once",
        (*m.without(m.line()), m.line(status="set_aside", shares={})),
    ),
    "a line that the desk decides once more, and counts": (
        "each line counts once",
        (*m.without(m.line()), m.line(status="waiting")),
    ),
    "a receipt of a line that no statement had": (
        "each line counts once",
        (*m.MONEY, m.receipt(id="q3", line="l9")),
    ),
    "a receipt that nobody was told": ("each receipt is told once", m.without(m.told())),
    "a receipt told under two ids": ("each receipt is told once", (*m.MONEY, m.told(event="p9"))),
    "a receipt told with another amount": (
        "each receipt is told once",
        (*m.without(m.told()), m.told(amount=999)),
    ),
    "a reversal that nobody was told": ("each receipt is told once", m.without(m.TOLD_REVERSAL)),
    "a payment told that nobody recorded": (
        "each receipt is told once",
        (*m.MONEY, m.told(event="p9", receipt="q9")),
    ),
    "a sum told that isn't what counts": (
        "each receipt is told once",
        (*m.without(m.TOLD_REVERSAL), m.TOLD_REVERSAL.model_copy(update={"paid": 1005})),
    ),
    "a service that knows of no payment": (
        "payments are known alike",
        (*m.without(m.KNOWN), m.KNOWN.model_copy(update={"paid": False})),
    ),
    "a service that knows of a payment that nobody made": (
        "payments are known alike",
        (*m.MONEY, m.KNOWN.model_copy(update={"renewal": "r2"})),
    ),
    "an invoice requested twice": (
        "each invoice is requested once",
        (*m.MONEY, m.REQUEST.model_copy(update={"event": "i2"})),
    ),
    "access that nothing gives": ("no access without its cause", m.without(m.COMMITTED)),
    "access longer than its cause": (
        "no access without its cause",
        (*m.without(m.granted()), m.granted(temporary_until=m.LATER + timedelta(days=1))),
    ),
    "access by another subscription's cause": (
        "no access without its cause",
        (*m.without(m.COMMITTED), m.COMMITTED.model_copy(update={"subscription": "t"})),
    ),
    "a term by a contract that nobody sealed": ("no access without its cause", m.without(m.SEALED)),
    "a share that nobody allocated": ("shares make what came", m.without(m.ALLOCATION)),
    "shares of more than came": (
        "shares make what came",
        (*m.without(m.PART, m.TOLD_PART), m.PART.model_copy(update={"amount": 699})),
    ),
    "a product whose share is another's": (
        "shares make what came",
        (*m.without(m.share()), m.share(paid=101)),
    ),
    "a part that counts for a product before it is allocated": (
        "shares make what came",
        (*m.without(m.ALLOCATION, m.share(), m.joined()), m.joined()),
    ),
    "a product that is never told its share": (
        "shares make what came",
        m.without(m.joined(), m.joined(event="p7b", paid=0)),
    ),
    "a share told again": ("each share is told once", (*m.MONEY, m.joined(event="p10"))),
    "a product known as paid by the money of the whole form": (
        "payments are known alike",
        (*m.MONEY, m.KNOWN_SHARE.model_copy(update={"renewal": "j1"})),
    ),
    "a product that is known as unpaid though its share pays it": (
        "payments are known alike",
        (*m.without(m.KNOWN_SHARE), m.KNOWN_SHARE.model_copy(update={"paid": False})),
    ),
    "full resources by the contract of another product": (
        "no full grant without its contract",
        (*m.MONEY, m.GRANT.model_copy(update={"subscription": "t"})),
    ),
    "full resources without a contract": (
        "no full grant without its contract",
        (*m.MONEY, m.GRANT.model_copy(update={"contract": "j2"})),
    ),
}


def test_what_is_right_holds() -> None:
    assert check(m.MONEY) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_wrong_fails_and_nothing_else_does(name: str) -> None:
    invariant, lines = BREAKS[name]
    assert invariant in {violation.invariant for violation in check(lines)}


def test_every_invariant_has_a_history_that_breaks_it() -> None:
    assert {invariant for invariant, _ in BREAKS.values()} == MONEY_INVARIANTS.keys()


HOLDS: dict[str, Lines] = {
    "an event published again": (*m.MONEY, m.told(), m.TOLD_BY_HAND, m.TOLD_REVERSAL, m.REQUEST),
    "a changed request": (*m.MONEY, m.REQUEST.model_copy(update={"event": "i2", "revision": 2})),
    "a line whose one share was reversed": (
        *m.without(m.line(), m.receipt(), m.told(), m.TOLD_BY_HAND, m.TOLD_REVERSAL, m.KNOWN),
        m.line(status="waiting", shares={"r1": 400, "r2": 600}),
        m.receipt(amount=400),
        m.receipt(id="q3", renewal="r2", amount=600, counts=False),
        m.told(amount=400, paid=400),
        m.TOLD_BY_HAND.model_copy(update={"paid": 405}),
        m.TOLD_REVERSAL.model_copy(update={"paid": 400}),
        m.told(event="p8", receipt="q3", renewal="r2", amount=600, paid=600),
        m.told(event="p9", receipt="q3", renewal="r2", amount=600, paid=0, reversed=True),
    ),
    "access that is over": (
        *m.without(m.COMMITTED, m.granted()),
        m.granted(temporary_until=m.TODAY),
    ),
    "access by the term alone": (*m.without(m.granted()), m.granted(full_until=m.LATER)),
    "a form that is paid for all its products, and more": (
        *m.without(m.PART, m.TOLD_PART, m.share(), m.joined()),
        m.PART.model_copy(update={"amount": 1005}),
        m.TOLD_PART.model_copy(update={"amount": 1005, "paid": 1005}),
        m.share(paid=405),
        m.joined(),
    ),
    "an allocation of money that went back": (
        *m.without(m.PART, m.KNOWN_SHARE),
        m.PART.model_copy(update={"counts": False}),
        m.TOLD_PART.model_copy(update={"event": "p11", "reversed": True, "paid": 0}),
        m.share(event="p11", reversed=True, paid=0),
        m.joined(event="p12", reversed=True, paid=0),
    ),
    "shares that were published again": (*m.MONEY, m.share(), m.joined()),
    "a statement that nobody could read": (
        *m.MONEY,
        m.STATEMENT.model_copy(update={"id": "f2", "phase": "refused", "lines": 0, "known": 0}),
    ),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_may_be_holds(name: str) -> None:
    assert check(HOLDS[name]) == []
