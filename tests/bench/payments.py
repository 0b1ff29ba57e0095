"""Statements against open orders: 50,000 lines, 20,000 orders, and 10,000 memos as banks and people alter
them.

The bare peer drops what is no letter or digit, finds `GH` and eight characters with one regular expression,
and looks them up in a dict. The wrong matches of both are counted; of ours there must be none.
"""

import csv
import io
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from statistics import median

from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.payment_match import MatchVerdict, match_line, match_lines
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry, StatementLine
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.reader import StatementSource, read_statements
from shared.runtime.settings import Settings
from tests.bench.result import Result, compare, limit
from tests.services.renewal.domain.payment.altered_memos import (
    AROUND,
    DAY,
    VALUES,
    altered,
    code_of,
    line_of,
    order,
    run_in,
)

LINES, ORDERS, ALTERED = 50_000, 20_000, 10_000
ALIKE = 500
"""Groups of four orders whose codes follow each other; chance makes hardly any."""
ROUNDS = 3
_CODE, _OTHER = re.compile("GH[0-9A-Z]{8}"), re.compile("[^0-9A-Z]+")
_COLUMNS = ColumnMapping(date=1, amount=2, memo=3, reference=4, header_row=0, thousands=",", decimal=".")


async def run(settings: Settings) -> list[Result]:
    """The servers that `settings` names are not used."""
    random = Random(30)
    orders = [
        order(code, open_amount=4_000_000 + 100_000 * (n % 40)) for n, code in enumerate(_codes(random))
    ]
    random.shuffle(orders)
    by_code = {each.code: each for each in orders}
    began = time.perf_counter()
    index = OrderIndex.of(orders)
    built = time.perf_counter() - began
    lines = _lines(orders, random)
    ours = _rate(lambda: match_lines(lines, index), LINES)
    bare = _rate(lambda: [_bare(line.memo, line.amount, by_code) for line in lines], LINES)
    return [
        compare(
            "payments_matched", ours, bare, unit="lines/s", note=f"index of {ORDERS} built in {built:.1f} s"
        ),
        _read(lines),
        _wrong(orders, index, by_code, random),
    ]


def _codes(random: Random) -> list[str]:
    codes: dict[str, None] = {}
    for _ in range(ALIKE):
        value = random.randrange(VALUES)
        codes.update(dict.fromkeys(code_of(value + 37 * step) for step in range(4)))
    while len(codes) < ORDERS:
        codes[code_of(random.randrange(VALUES))] = None
    return list(codes)


def _lines(orders: Sequence[PayableOrder], random: Random) -> tuple[StatementLine, ...]:
    """Seven of ten lines name an order; the others are other business of the account."""
    entries = []
    for row in range(1, LINES + 1):
        each = random.choice(orders)
        before, after = random.choice(AROUND)
        entries.append(
            StatementEntry(
                row=row,
                booked_on=DAY + timedelta(random.randrange(30)),
                direction=LineDirection.CREDIT if random.random() < 0.8 else LineDirection.DEBIT,
                amount=each.open_amount,
                memo=f"{before}{each.code if random.random() < 0.7 else ''}{after}",
                reference=f"FT{row}",
            )
        )
    return Statement.of("970436", "0011001234567", entries).lines


def _bare(memo: str, amount: int, by_code: Mapping[str, PayableOrder]) -> str | None:
    found = _CODE.search(_OTHER.sub("", memo.upper()))
    known = by_code.get(found[0]) if found else None
    return known.code if known and known.open_amount == amount else None


def _read(lines: Sequence[StatementLine]) -> Result:
    """A CSV, from its bytes to lines with ids; the peer is the csv module alone."""
    out = io.StringIO()
    csv.writer(out).writerows((line.booked_on, line.amount, line.memo, line.reference) for line in lines)
    data, source = out.getvalue().encode(), StatementSource(account="0011001234567", columns=_COLUMNS)
    ours = _rate(lambda: read_statements(data, source), LINES)
    bare = _rate(lambda: list(csv.reader(io.StringIO(data.decode(), newline=""))), LINES)
    return compare("statement_read_csv", ours, bare, unit="lines/s")


def _wrong(
    orders: Sequence[PayableOrder], index: OrderIndex, by_code: Mapping[str, PayableOrder], random: Random
) -> Result:
    """The amount never helps: it is always what is open for the order that is found."""
    exact, wrong, wrong_bare = 0, 0, 0
    for code, memo in _altered(orders, index, random):
        amounts = {by_code[each].open_amount for each in _named(memo, code, by_code)}
        wrong_bare += any(_bare(memo, amount, by_code) not in (None, code) for amount in amounts)
        for amount in amounts:
            match = match_line(line_of(memo, amount), index)
            if match.verdict is MatchVerdict.EXACT:
                exact += match.candidates[0].code == code
                wrong += match.candidates[0].code != code
    note = (
        f"of {ALTERED} altered memos {exact} matched their order; the bare peer matched {wrong_bare} wrongly"
    )
    return limit("payments_matched_wrongly", wrong, at_most=0, unit="matches", note=note)


def _altered(orders: Sequence[PayableOrder], index: OrderIndex, random: Random) -> list[tuple[str, str]]:
    """Codes and memos. Of codes that are alike, one is cut and runs into the characters of another."""
    memos = []
    for each in random.sample(orders, ALTERED):
        alike = [core for core in index.beginning(each.core[:5]) if core != each.core]
        memo = run_in(each.code, f"GH{alike[0]}", random) if alike else altered(each.code, random)
        memos.append((each.code, memo))
    return memos


def _named(memo: str, code: str, by_code: Mapping[str, PayableOrder]) -> set[str]:
    plain = _OTHER.sub("", memo.upper())
    places = range(len(plain) - 9)
    return {code, *(plain[at : at + 10] for at in places if plain[at : at + 10] in by_code)}


def _rate(work: Callable[[], object], count: int) -> float:
    """The median of ROUNDS, in lines a second."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(count / (time.perf_counter() - began))
    return median(took)
