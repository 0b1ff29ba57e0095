"""Whatever the bytes are: a statement, or a refusal with a text."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.renewal.domain.payment.statement import Statement
from services.renewal.payment.statements import refusal
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.reader import (
    StatementFormat,
    StatementSource,
    format_of,
    read_statements,
)
from services.renewal.payment.statements.refusal import StatementFault, StatementRefused
from shared.text.i18n import read_texts
from tests.services.renewal.payment.statements.samples import (
    ACCOUNT,
    SIGNED,
    VIETCOMBANK,
    read,
    sample,
)

SAMPLES: list[tuple[bytes, ColumnMapping | None]] = [
    (sample("vietcombank.csv"), VIETCOMBANK),
    (sample("signed.csv"), SIGNED),
    (sample("mt940.sta"), None),
    (sample("camt053-v02.xml"), None),
    (sample("camt053-v08.xml"), None),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vietcombank.csv", StatementFormat.TABLE),
        ("vietinbank.csv", StatementFormat.TABLE),
        ("mt940.sta", StatementFormat.MT940),
        ("camt053-v08.xml", StatementFormat.CAMT053),
    ],
)
def test_format_is_told_by_the_beginning(name: str, expected: StatementFormat) -> None:
    data = sample(name)
    assert format_of(data) is expected
    if expected is not StatementFormat.TABLE:
        assert format_of(b"\xef\xbb\xbf\r\n" + data) is expected
        assert format_of(data.decode().encode("utf-16")) is expected


@pytest.mark.parametrize(("data", "columns"), SAMPLES)
def test_same_file_twice_is_one(data: bytes, columns: ColumnMapping | None) -> None:
    ids = [line.id for line in read(data, columns).lines]
    assert len(set(ids)) == len(ids)
    assert [line.id for line in read(data, columns).lines] == ids


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, ColumnMapping | None]:
    """A sample of which parts are cut out, repeated or overwritten."""
    data, columns = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(data)))
        end = min(begin + draw(st.integers(0, 60)), len(data))
        put = draw(
            st.one_of(st.binary(max_size=8), st.just(data[begin:end] * 2), st.just(b"9"), st.just(b"\n"))
        )
        data = data[:begin] + put + data[end:]
    return data, columns


def attempt(
    data: bytes, columns: ColumnMapping | None
) -> tuple[tuple[Statement, ...], tuple[StatementFault, ...]]:
    """What the file has, or what is wrong with it."""
    try:
        return read_statements(data, StatementSource(account=ACCOUNT, columns=columns)), ()
    except StatementRefused as refused:
        return (), refused.faults


@settings(max_examples=150, deadline=None)
@given(st.one_of(damaged(), st.tuples(st.binary(max_size=200), st.sampled_from((SIGNED, None)))))
@example((b"\xff\xfe<", None))
@example((b":20:\n:61:", None))
@example((b"<a/>", None))
def test_any_bytes_are_read_or_refused(file: tuple[bytes, ColumnMapping | None]) -> None:
    data, columns = file
    if data.startswith((b"PK", b"\xd0\xcf")):
        return  # a workbook: read in a process of its own
    statements, faults = attempt(data, columns)
    assert bool(statements) != bool(faults)
    assert all(fault.message.vi and fault.message.en for fault in faults)
    assert all(statement.difference in (0, None) for statement in statements)


def test_every_rule_has_a_text() -> None:
    """The rules that the code names are those of the catalogue, but for what another reader names."""
    folder = refusal.TEXTS_FOLDER.parent
    named = re.compile(r'(?:CellError|StatementFault|refuse)\(\s*"(\w+)"')
    code = {rule for file in folder.glob("*.py") for rule in named.findall(file.read_text())}
    texts = {
        key.removeprefix("rule.") for key in read_texts(refusal.TEXTS_FOLDER / "vi.toml") if "rule." in key
    }
    assert code <= texts
    for rule in texts:
        assert StatementFault(rule, 3, "x", {"most": 1, "account": "1", "difference": "1"}).message.vi
