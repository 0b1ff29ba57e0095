"""MT940, and what is wrong with it by line and field."""

import logging
from datetime import date

import pytest

from services.renewal.domain.payment.statement import LineDirection
from services.renewal.payment.statements.reader import StatementSource, read_statements
from services.renewal.payment.statements.refusal import StatementRefused
from services.renewal.payment.statements.swift import read_mt940
from tests.services.renewal.payment.statements.samples import ACCOUNT, CODE, FOLDER, faults_of, read, sample

SAMPLE = sample("mt940.sta")


def test_sample() -> None:
    statement = read(SAMPLE)
    assert (statement.opening, statement.closing, statement.difference) == (10**9, 1_002_389_000, 0)
    assert (statement.first_on, statement.last_on) == (date(2026, 11, 30), date(2026, 11, 30))
    first, structured, fee, back = statement.lines
    assert (first.row, first.amount, first.reference) == (6, 4_800_000, "FT26334001")
    assert CODE in first.memo
    assert (structured.memo, structured.payer) == (f"NOP TIEN {CODE} PHAN MEM", "KBNN GIA LAM")
    assert (fee.direction, fee.amount, fee.reversal) == (LineDirection.DEBIT, 11_000, False)
    assert (back.direction, back.amount, back.reversal) == (LineDirection.DEBIT, 4_800_000, True)
    assert type(first.booked_on) is date


def test_several_statements_in_one_file() -> None:
    source = StatementSource(account=ACCOUNT, bank_bin="970436")
    first, second = read_statements(SAMPLE + SAMPLE.replace(b"2611301130", b"2612011201"), source)
    assert not {line.id for line in first.lines} & {line.id for line in second.lines}
    assert second.lines[0].row == 24


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"2611301130C48", b"2611301130X48", ("mt940_field", 6, ":61:")),
        (b"2611301130D", b"2613401130D", ("mt940_field", 13, ":61:")),
        (b"C4800000,00", b"C4800000,50", ("amount_fraction", 6, ":61:")),
        (b"C4800000,00", b"C0,00", ("amount_zero", 6, ":61:")),
        (b"VND1000000000", b"USD1000000000", ("currency_other", None, ":60F:")),
        (b":62F:", b":64:", ("mt940_field", None, ":62F:")),
        (b":25:0011001234567", b":25:9", ("account_other", None, ":25:")),
        (b":61:2611301130D", b"61:2611301130D", ("balance_differs", None, "")),
        (b"D11000,00", b"D11001,00", ("balance_differs", None, "")),
        (b"PHI", b"\xff\xff", ("not_decoded", None, "")),
    ],
)
def test_fault_names_line_and_field(old: bytes, new: bytes, fault: tuple[str, int | None, str]) -> None:
    assert faults_of(SAMPLE.replace(old, new)) == [fault]


@pytest.mark.parametrize("account", [b"970436/0011001234567", b"0011001234567VND", b"001 1001 234567"])
def test_account_is_known_as_banks_write_it(account: bytes) -> None:
    assert read(SAMPLE.replace(b":25:0011001234567", b":25:" + account)).account == ACCOUNT


def test_text_is_never_the_name_of_a_file() -> None:
    with pytest.raises(StatementRefused):
        read_mt940(str(FOLDER / "mt940.sta").encode(), "970436", ACCOUNT)


def test_memos_do_not_get_into_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        faults_of(SAMPLE.replace(b"2611301130C48", b"2611301130X48"))
    assert "UBND" not in caplog.text
