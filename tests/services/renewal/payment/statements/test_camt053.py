"""camt.053 of two versions, and hostile XML."""

from datetime import date

import pytest

from services.renewal.domain.payment.statement import LineDirection
from tests.services.renewal.payment.statements.samples import CODE, faults_of, read, sample

OLD, NEW = sample("camt053-v02.xml"), sample("camt053-v08.xml")


@pytest.mark.parametrize("data", [OLD, NEW, NEW.replace(b"001.08", b"001.13")], ids=["2", "8", "13"])
def test_sample(data: bytes) -> None:
    """A batch is its transactions; what isn't booked yet is left out."""
    statement = read(data)
    assert (statement.opening, statement.closing, statement.difference) == (10**9, 1_009_589_000, 0)
    first, second, third, fee = statement.lines
    assert (first.row, first.booked_on, first.amount) == (12, date(2026, 11, 30), 4_800_000)
    assert (first.payer, first.payer_account) == ("UBND XÃ AN BÌNH", "0351000646393")
    assert first.memo == f"MBVCB.5523998112.031567.{CODE} thanh toán gia hạn"
    assert first.reference == "FT26334001"
    assert [(line.reference, line.amount, line.memo) for line in (second, third)] == [
        ("FT26334002", 2_400_000, CODE),
        ("FT26334003", 2_400_000, CODE),
    ]
    assert (fee.direction, fee.memo) == (LineDirection.DEBIT, "Phí chuyển tiền")


def test_both_versions_are_one_statement() -> None:
    assert [line.id for line in read(OLD).lines] == [line.id for line in read(NEW).lines]


def test_batch_whose_parts_do_not_make_its_sum_is_one_line() -> None:
    odd = NEW.replace(b'<Amt Ccy="VND">2400000</Amt>', b'<Amt Ccy="VND">2400001</Amt>', 1)
    lines = read(odd).lines
    assert [(line.amount, line.reference) for line in lines[1:2]] == [(4_800_000, "BATCH1")]
    assert lines[1].memo == f"{CODE} {CODE}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b'"VND">4800000<', b'"VND">x<', ("camt053_field", 13, "Ntry/Amt")),
        (b'<Amt Ccy="VND">4800000<', b"<Amt>4800000<", ("camt053_field", 13, "Ntry/Amt")),
        (b'"VND">4800000<', b'"VND">4800000.5<', ("amount_fraction", 12, "Ntry/Amt")),
        (b'"VND">4800000<', b'"VND">NaN<', ("camt053_field", 13, "Ntry/Amt")),
        (b'"VND">4800000<', b'"USD">4800000<', ("currency_other", 12, "Ntry/Amt")),
        (b"<BookgDt><Dt>2026-11-30</Dt></BookgDt>", b"<BookgDt/>", ("required", 12, "Ntry")),
        (
            b"<Dt>2026-11-30</Dt></BookgDt>",
            b"<Dt>86400</Dt></BookgDt>",
            ("camt053_field", 14, "Ntry/BookgDt"),
        ),
        (b"11000<", b"11001<", ("balance_differs", None, "")),
        (b"<Id>0011001234567<", b"<Id>9<", ("account_other", 5, "Acct")),
        (b"camt.053", b"camt.054", ("not_camt053", None, "")),
        (b"</Document>", b"", ("not_xml", 44, "")),
    ],
)
def test_fault_names_line_and_element(old: bytes, new: bytes, fault: tuple[str, int | None, str]) -> None:
    assert faults_of(NEW.replace(old, new, 1)) == [fault]


def doctype(declared: str) -> bytes:
    return NEW.replace(b"<Document", f"<!DOCTYPE Document [{declared}]><Document".encode(), 1)


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + "&a;" * 1000 + '"><!ENTITY c "' + "&b;" * 1000 + '">',
        "",
    ],
)
def test_no_doctype(declared: str) -> None:
    data = doctype(declared).replace(b"BATCH1", b"&c;" if "ENTITY c" in declared else b"BATCH1")
    assert faults_of(data)[0][0] in ("xml_doctype", "not_xml")


def test_deep_nesting_is_refused() -> None:
    deep = b"<a>" * 100_000
    assert faults_of(NEW.replace(b"<AddtlNtryInf>", deep + b"<AddtlNtryInf>"))[0][0] == "not_xml"
