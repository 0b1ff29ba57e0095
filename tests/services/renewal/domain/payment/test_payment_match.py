"""A payment is recorded by itself only where no doubt is left whose it is."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.renewal.domain.payment.candidates import MatchReason
from services.renewal.domain.payment.order_index import OrderIndex
from services.renewal.domain.payment.payment_match import MatchVerdict, PaymentMatch, match_line, match_lines
from services.renewal.domain.payment.statement import LineDirection
from services.renewal.texts import MATCH_REASONS, MATCH_VERDICTS
from tests.services.renewal.domain.payment.altered_memos import (
    AROUND,
    VALUES,
    altered,
    code_of,
    line_of,
    lines_of,
    order,
)

CODE, OTHER = code_of(12_345_678_901), code_of(30_000_000_001)
OPEN = 4_800_000
values = st.integers(0, VALUES - 1)


@st.composite
def alike(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A code, and others that begin or end like it or follow it."""
    value = draw(values)
    near = [
        value + draw(st.integers(1, 32**4)),
        value + draw(st.integers(1, 40)),
        value - draw(st.integers(1, 32**3)),
        value ^ (draw(st.integers(1, 31)) << 30),
        value ^ (draw(st.integers(1, 31)) << 25),
        draw(values),
    ]
    code = code_of(value)
    return code, sorted({code_of(each) for each in near} - {code})


def matched(memo: str, *codes: str, amount: int = OPEN) -> PaymentMatch:
    return match_line(line_of(memo, amount), OrderIndex.of(order(code) for code in codes))


def is_another(match: PaymentMatch, code: str) -> bool:
    return match.verdict is MatchVerdict.EXACT and match.candidates[0].code != code


@settings(max_examples=600)
@given(alike(), st.integers(0, 2**64))
def test_altered_memo_never_pays_another_order(codes: tuple[str, list[str]], seed: int) -> None:
    code, others = codes
    match = matched(altered(code, Random(seed)), code, *others)
    assert not is_another(match, code)
    assert match.verdict is not MatchVerdict.SEVERAL


@settings(max_examples=300)
@given(alike(), st.integers(4, 7), st.sampled_from(("", " ", ".", "-", "\n")), st.sampled_from(AROUND))
def test_cut_code_that_runs_into_anothers_characters_never_pays_it(
    codes: tuple[str, list[str]], kept: int, gap: str, around: tuple[str, str]
) -> None:
    """The rest of a code that is alike follows: a date, a telephone number."""
    code, others = codes
    for other in others:
        if other[2 : 2 + kept] != code[2 : 2 + kept]:
            continue
        memo = f"{around[0]}{code[: 2 + kept]}{gap}{other[2 + kept :]}{around[1]}"
        match = matched(memo, code, *others)
        if kept > 4 or gap:
            assert match.verdict is not MatchVerdict.EXACT, memo


@given(alike(), st.sampled_from(AROUND), st.sampled_from((str.upper, str.lower, str.title)))
def test_whole_code_is_found_whatever_stands_around_it(
    codes: tuple[str, list[str]], around: tuple[str, str], case: object
) -> None:
    assert callable(case)
    code = codes[0]
    match = matched(case(f"{around[0]}{code}{around[1]}"), code)
    assert (match.verdict, match.candidates[0].code) == (MatchVerdict.EXACT, code)


@pytest.mark.parametrize(
    "memo",
    [
        CODE,
        CODE.lower(),
        f"{CODE[:2]}-{CODE[2:6]}-{CODE[6:]}",
        " ".join(CODE),
        f"{CODE[:5]}\n{CODE[5:]}",
        CODE.replace("0", "O").replace("1", "l"),
        f"\u200b{CODE[:4]}\u00ad{CODE[4:]}",
        "".join(chr(ord(letter) + 0xFEE0) for letter in CODE),
        f"Nghĩa Hưng{CODE}",
    ],
)
def test_code_is_read_through_what_banks_do(memo: str) -> None:
    assert matched(memo, CODE, OTHER).verdict is MatchVerdict.EXACT


@given(st.integers(1, 10**12 - 1), st.integers(0, 10**12 - 1))
@example(OPEN, OPEN)
@example(OPEN, 0)
def test_verdict_follows_the_amount(amount: int, open_amount: int) -> None:
    index = OrderIndex.of([order(CODE, open_amount, paid=1)])
    verdict = match_line(line_of(CODE, amount), index).verdict
    if not open_amount:
        assert verdict is MatchVerdict.DUPLICATE
    elif amount == open_amount:
        assert verdict is MatchVerdict.EXACT
    else:
        assert verdict is (MatchVerdict.PARTIAL if amount < open_amount else MatchVerdict.OVER)


def test_closed_order_is_no_duplicate() -> None:
    match = match_line(line_of(CODE), OrderIndex.of([order(CODE, 0)]))
    assert (match.verdict, match.reason) == (MatchVerdict.OVER, MatchReason.NOTHING_TO_PAY)


@pytest.mark.parametrize(
    ("memo", "reason"),
    [
        (CODE[2:], MatchReason.NO_PREFIX),
        (CODE[1:], MatchReason.NO_PREFIX),
        (f"MBVCB{CODE[2:]}FT", MatchReason.NO_PREFIX),
        (CODE[:-1], MatchReason.ONE_CHARACTER),
        (f"{CODE[:5]}{CODE[6:]} ok", MatchReason.ONE_CHARACTER),
        (f"{CODE[:5]}U{CODE[6:]}", MatchReason.ONE_CHARACTER),
        (f"{CODE[:4]}{CODE[5]}{CODE[4]}{CODE[6:]}", MatchReason.ONE_CHARACTER),
        (f"{CODE[:6]}7{CODE[6:]}", MatchReason.ONE_CHARACTER),
        (CODE[:-2], MatchReason.CUT),
        (f"tien {CODE[:-3]}", MatchReason.CUT),
        (f"{CODE[-6:]} tien", MatchReason.CUT),
    ],
)
def test_damaged_code_is_a_candidate_and_never_more(memo: str, reason: MatchReason) -> None:
    match = match_line(line_of(memo), OrderIndex.of([order(CODE), order(OTHER, 7)]))
    assert (match.verdict, match.reason) == (MatchVerdict.UNKNOWN, MatchReason.DAMAGED_CODE)
    assert [(each.code, each.reasons) for each in match.candidates] == [(CODE, (reason, MatchReason.AMOUNT))]


def test_two_damaged_codes_are_ambiguous() -> None:
    assert matched(f"{CODE[:-1]} {OTHER[:-1]}", CODE, OTHER).verdict is MatchVerdict.AMBIGUOUS


def test_second_code_leaves_a_doubt() -> None:
    """Damaged, without its prefix, or of no order that is known."""
    for second in (OTHER[:-1], OTHER[2:], code_of(1_000_000_007)):
        match = matched(f"{CODE} va {second}", CODE, OTHER)
        assert match.verdict is MatchVerdict.AMBIGUOUS
        assert match.candidates[0].code == CODE


def test_one_payment_for_several_is_split_only_where_the_sum_fits() -> None:
    memo, index = f"{CODE} {OTHER}", OrderIndex.of([order(CODE, 100), order(OTHER, 250)])
    match = match_line(line_of(memo, 350), index)
    assert match.verdict is MatchVerdict.SEVERAL
    assert {share.code: share.amount for share in match.shares} == {CODE: 100, OTHER: 250}
    for amount in (100, 250, 349, 351):
        other = match_line(line_of(memo, amount), index)
        assert (other.verdict, other.shares) == (MatchVerdict.AMBIGUOUS, ())


@given(st.permutations(range(12)))
def test_order_of_the_lines_changes_nothing(places: list[int]) -> None:
    memos = [CODE, CODE, OTHER, f"{CODE} {OTHER}", "khac", CODE[:-1]]
    lines = [*lines_of(*memos), *lines_of(*memos, amount=1_000)]
    index = OrderIndex.of([order(CODE), order(OTHER)])
    assert match_lines([lines[at] for at in places], index) == match_lines(lines, index)
    assert index.order(CODE[2:]).open_amount == OPEN


def test_second_payment_of_one_order_is_a_duplicate() -> None:
    matches = match_lines(lines_of(CODE, CODE, CODE), OrderIndex.of([order(CODE)]))
    assert [match.verdict for match in matches] == [MatchVerdict.EXACT, *[MatchVerdict.DUPLICATE] * 2]


@pytest.mark.parametrize(
    ("memo", "direction", "reversal", "verdict"),
    [
        (f"hoan tien {CODE}", LineDirection.DEBIT, False, MatchVerdict.REFUND),
        (f"hoan tien {CODE[:-1]}", LineDirection.DEBIT, False, MatchVerdict.REFUND),
        ("phi dich vu", LineDirection.DEBIT, False, MatchVerdict.IGNORED),
        ("dieu chinh", LineDirection.DEBIT, True, MatchVerdict.REFUND),
        (CODE, LineDirection.CREDIT, True, MatchVerdict.IGNORED),
    ],
)
def test_debit_is_no_payment(
    memo: str, direction: LineDirection, reversal: bool, verdict: MatchVerdict
) -> None:
    line = line_of(memo, direction=direction, reversal=reversal)
    assert match_line(line, OrderIndex.of([order(CODE)])).verdict is verdict


def test_payer_tax_code_and_amount_are_candidates_only() -> None:
    known = order(CODE).model_copy(update={"office_name": "UBND xã An Bình", "tax_code": "0101243150"})
    line = line_of("MST 0101243150 nop tien", payer="UBND XA AN BINH")
    match = match_line(line, OrderIndex.of([known, order(OTHER, 7)]))
    assert (match.verdict, match.reason) == (MatchVerdict.UNKNOWN, MatchReason.NO_CODE)
    assert match.candidates[0].reasons == (MatchReason.TAX_CODE, MatchReason.PAYER, MatchReason.AMOUNT)


def test_every_verdict_and_reason_has_a_text() -> None:
    assert MATCH_VERDICTS.keys() == set(MatchVerdict)
    assert MATCH_REASONS.keys() == set(MatchReason)


@given(st.text(max_size=300))
def test_any_text_is_matched_with_nothing(memo: str) -> None:
    assert matched(memo, CODE, OTHER).verdict in (MatchVerdict.UNKNOWN, MatchVerdict.AMBIGUOUS)
