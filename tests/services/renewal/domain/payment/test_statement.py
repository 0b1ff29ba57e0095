"""The same line of the same statement is one; two equal lines of a day are two."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry

DAY = date(2026, 11, 30)
entries = st.builds(
    StatementEntry,
    row=st.integers(1, 100_000),
    booked_on=st.integers(0, 2).map(lambda days: DAY + timedelta(days)),
    direction=st.sampled_from(LineDirection),
    amount=st.integers(1, 3),
    memo=st.sampled_from(("", "GH1", "Gia hạn")),
    reference=st.sampled_from(("", "FT1", "FT2")),
)


def statement(*lines: StatementEntry, **balances: int) -> Statement:
    return Statement.of("970436", "001 1001234567", lines, period=(DAY, DAY), **balances)


def entry(**fields: object) -> StatementEntry:
    whole = {"row": 1, "booked_on": DAY, "direction": "credit", "amount": 5, "memo": "Gia hạn", **fields}
    return StatementEntry.model_validate(whole)


@given(st.lists(entries, max_size=12), st.randoms())
def test_each_line_has_its_own_id_in_any_order(lines: list[StatementEntry], random: object) -> None:
    made = [line.id for line in statement(*lines).lines]
    assert len(set(made)) == len(lines)
    random.shuffle(lines)  # type: ignore[attr-defined]
    assert {line.id for line in statement(*lines).lines} == set(made)


@given(st.lists(entries, max_size=12), st.lists(entries, max_size=6))
def test_overlapping_statement_repeats_ids(lines: list[StatementEntry], more: list[StatementEntry]) -> None:
    first = {line.id for line in statement(*lines).lines}
    assert first <= {line.id for line in statement(*lines, *more).lines}


def test_id_does_without_what_exports_print_differently() -> None:
    one = statement(entry(memo="Gia hạn  GH1", reference="ft-1", row=3)).lines[0]
    other = statement(entry(memo="GIA HAN GH1", reference="FT1", row=9)).lines[0]
    assert one.id == other.id


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 6},
        {"booked_on": date(2026, 12, 1)},
        {"memo": "x"},
        {"direction": "debit"},
        {"reference": "2"},
    ],
)
def test_another_line_has_another_id(other: dict[str, object]) -> None:
    assert statement(entry()).lines[0].id != statement(entry(**other)).lines[0].id


def test_id_is_the_same_in_every_release() -> None:
    """Stored: a changed id would let known lines in again."""
    assert str(statement(entry(reference="FT1")).lines[0].id) == "dcb4ab55-41d2-5d61-a9d7-c6f5e0ee4927"


def test_twin_does_without_the_memo() -> None:
    one, other = statement(entry(reference="FT1"), entry(reference="FT1", memo="cut")).lines
    assert one.twin_id == other.twin_id is not None
    assert one.id != other.id
    assert statement(entry()).lines[0].twin_id is None


@given(
    st.lists(st.tuples(st.sampled_from(LineDirection), st.integers(1, LIMIT))), st.integers(), st.integers()
)
def test_difference_is_what_the_lines_do_not_explain(
    lines: list[tuple[LineDirection, int]], opening: int, off: int
) -> None:
    total = sum(amount if direction == "credit" else -amount for direction, amount in lines)
    made = [entry(direction=direction, amount=amount) for direction, amount in lines]
    assert statement(*made, opening=opening, closing=opening + total + off).difference == off
    assert statement(*made, opening=opening).difference is None


def test_statement_without_lines_has_a_period() -> None:
    assert statement().lines == ()
    with pytest.raises(ValueError, match="period"):
        Statement.of("", "1", [])
