"""No payment is lost or counted twice, each is told once, and nobody has access without its cause.

These hold at rest: once all that was imported, recorded and published had its time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from tests.faults.history import Lines, of
from tests.faults.invariants.shares import (
    each_share_is_told_once,
    last_shares,
    no_full_grant_without_its_contract,
    shares_make_what_came,
)
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

T = TypeVar("T", ToldReceipt, ToldInvoiceRequest)
_READ = {"matched", "refused"}
_DECIDED = {"recorded", "waiting", "set_aside"}


def no_line_is_lost(lines: Lines) -> list[str]:
    """Each line of each statement is stored once, and ends recorded, at the desk, or set aside."""
    stored = Counter(line.statement for line in of(StoredBankLine, lines))
    statements = of(StoredStatement, lines)
    return [
        *(f"statement {each.id} is {each.phase}" for each in statements if each.phase not in _READ),
        *(
            f"statement {each.id}: {each.lines} lines, {each.known} known, {stored[each.id]} stored"
            for each in statements
            if each.known + stored[each.id] != each.lines
        ),
        *(
            f"line {line.id} is {line.status}"
            for line in of(StoredBankLine, lines)
            if line.status not in _DECIDED
        ),
    ]


def each_line_counts_once(lines: Lines) -> list[str]:
    """What is recorded of a line is what it was decided to pay, once. Of a line that waits again, what others
    took may stay theirs; of one that is set aside nothing counts."""
    receipts = of(StoredReceipt, lines)
    made = Counter((each.line, each.decided_at, each.renewal) for each in receipts if each.line)
    found = [f"line {line} has {n} receipts of one decision" for (line, _, _), n in made.items() if n > 1]
    known = {line.id: line for line in of(StoredBankLine, lines)}
    counting: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in receipts:
        if each.line and each.counts:
            counting[each.line][each.renewal] += each.amount
    found += [f"receipts of line {line}, which nobody imported" for line in counting if line not in known]
    for id, line in known.items():
        due = line.shares if line.status == "recorded" else {}
        taken, most = dict(counting[id]), line.amount if line.status == "waiting" else sum(due.values())
        if (line.status == "recorded" and taken != due) or sum(taken.values()) > most:
            found.append(f"line {id} of {line.amount} is {line.status} and counts {taken} of {dict(due)}")
        if line.status == "waiting" and line.shares and taken == line.shares:
            found.append(f"line {id} waits for the desk, and counts already")
    return found


def each_receipt_is_told_once(lines: Lines) -> list[str]:
    """Each receipt, and each reversal, has one event with its amount; the last one of a registration tells
    what counts."""
    receipts = of(StoredReceipt, lines)
    told = _once(of(ToldReceipt, lines))
    due = Counter((each.id, False, each.amount) for each in receipts)
    due += Counter((each.id, True, each.amount) for each in receipts if not each.counts)
    got = Counter((each.receipt, each.reversed, each.amount) for each in told)
    found = [f"never told: {_receipt(what)}" for what in due - got]
    found += [f"told too often, or nobody recorded it: {_receipt(what)}" for what in got - due]
    paid = _paid(receipts)
    last = {each.renewal: each for each in told}
    return found + [
        f"{renewal}: the last event tells {each.paid}, {paid[renewal]} counts"
        for renewal, each in last.items()
        if each.paid != paid[renewal]
    ]


def payments_are_known_alike(lines: Lines) -> list[str]:
    """Another service knows as paid what is paid in full, and nothing else. A product of a joint form is paid
    by its own share."""
    paid, totals = _paid(of(StoredReceipt, lines)), {t.renewal: t.total for t in of(ToldReceipt, lines)}
    for renewal, share in last_shares(lines).items():
        paid[renewal], totals[renewal] = share.paid, share.total
    return [
        f"{known.service}: {known.renewal} is paid: {known.paid}, and {paid[known.renewal]} counts"
        for known in of(KnownPayment, lines)
        if known.paid != (known.renewal in totals and paid[known.renewal] >= totals[known.renewal])
    ]


def each_invoice_is_requested_once(lines: Lines) -> list[str]:
    told = Counter((each.renewal, each.revision) for each in _once(of(ToldInvoiceRequest, lines)))
    return [f"{renewal}: request {nth} told {n} times" for (renewal, nth), n in told.items() if n > 1]


def no_access_without_its_cause(lines: Lines) -> list[str]:
    """A contract counts only if it was sealed; access beyond the term ends when its last cause does."""
    sealed = {(cause.subscription, cause.contract) for cause in of(AccessCause, lines)}
    last: dict[str, date] = {}
    for cause in of(AccessCause, lines):
        if cause.until:
            last[cause.subscription] = max(cause.until, last.get(cause.subscription, cause.until))
    found = []
    for granted in of(GrantedAccess, lines):
        id, until = granted.subscription, granted.temporary_until
        forged = [each for each in granted.contracts if (id, each) not in sealed]
        found += [f"{id}: a term by {each}, which nobody sealed" for each in forged]
        if until and max(granted.full_until, granted.today, last.get(id, until.min)) < until:
            found.append(f"{id}: access until {until}, causes until {last.get(id)}")
    return found


def _paid(receipts: Iterable[StoredReceipt]) -> Counter[str]:
    paid: Counter[str] = Counter()
    for each in receipts:
        paid[each.renewal] += each.amount if each.counts else 0
    return paid


def _receipt(what: tuple[str, bool, int]) -> str:
    id, reversed_, amount = what
    return f"{'reversal' if reversed_ else 'receipt'} {id} of {amount}"


def _once(told: Iterable[T]) -> list[T]:
    """Without the copies of an event that was published again, in the order of first appearance."""
    return list({each.event: each for each in told}.values())


MONEY_INVARIANTS: Mapping[str, Callable[[Lines], list[str]]] = {
    "no line is lost": no_line_is_lost,
    "each line counts once": each_line_counts_once,
    "each receipt is told once": each_receipt_is_told_once,
    "payments are known alike": payments_are_known_alike,
    "each invoice is requested once": each_invoice_is_requested_once,
    "no access without its cause": no_access_without_its_cause,
    "shares make what came": shares_make_what_came,
    "each share is told once": each_share_is_told_once,
    "no full grant without its contract": no_full_grant_without_its_contract,
}
