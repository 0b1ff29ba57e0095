"""VietQR payloads, against NAPAS's published examples and against what a reader finds in the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain.payment.vietqr import VietQr

# NAPAS, QR code format of the FAS-IFT service: the account of its example, without and with an amount. The
# bill number of the second one (62-01) is left out, because ours is in the purpose.
_STATIC = "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"


def test_payload_of_an_account_is_the_published_one() -> None:
    assert VietQr(bank_bin="970403", account="0011012345678").payload == _STATIC


def test_payload_with_amount_and_purpose() -> None:
    code = VietQr(bank_bin="970403", account="0011012345678", amount=180000, purpose="thanh toan don hang")
    head, _, tail = code.payload.partition("5303704")
    assert head == "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA"
    assert tail.startswith("54061800005802VN62230819thanh toan don hang6304")


@given(
    amount=st.none() | st.integers(1, 10**13 - 1),
    account=st.from_regex(r"[0-9A-Z]{6,19}", fullmatch=True),
    purpose=st.from_regex(r"[0-9A-Za-z ]{0,25}", fullmatch=True),
)
def test_payload_reads_back_field_by_field(amount: int | None, account: str, purpose: str) -> None:
    code = VietQr(bank_bin="970499", account=account, amount=amount, purpose=purpose)
    fields = _read(code.payload)
    beneficiary = _read(_read(fields["38"])["01"])
    assert (beneficiary["00"], beneficiary["01"]) == ("970499", account)
    assert fields.get("54") == (None if amount is None else str(amount))
    assert _read(fields.get("62", "")).get("08", "") == purpose
    assert list(fields) == sorted(fields), "in the order of their ids, the checksum last"
    assert code.payload[-4:] == _checksum(code.payload[:-4])


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank_bin": "97040"},
        {"account": "0011 0123"},
        {"account": "1" * 20},
        {"amount": 0},
        {"purpose": "Gia hạn"},
        {"purpose": "A" * 26},
    ],
)
def test_what_no_bank_reads_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VietQr.model_validate({"bank_bin": "970403", "account": "0011012345678", **wrong})


def _checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE, bit by bit as its definition says."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return f"{crc:04X}"


def _read(text: str) -> dict[str, str]:
    """The fields of a text, by id."""
    found: dict[str, str] = {}
    while text:
        length = int(text[2:4])
        found[text[:2]], text = text[4 : 4 + length], text[4 + length :]
    return found
