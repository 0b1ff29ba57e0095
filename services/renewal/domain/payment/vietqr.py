"""VietQR: a bank transfer as the text of a QR code, which a bank's app reads.

Source: EMVCo's QR Code Specification for Payment Systems (merchant-presented mode), as NAPAS uses it: fields
of a two-digit id, a two-digit length and a value, the last one a checksum.
"""

from binascii import crc_hqx
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from services.renewal.domain.frozen import Frozen

BankBin = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
"""The number that NAPAS gives a bank."""
QrAccount = Annotated[str, Field(pattern=r"^[0-9A-Z]{6,19}$")]

_NAPAS, _TO_ACCOUNT = "A000000727", "QRIBFTTA"
_STATIC, _DYNAMIC = "11", "12"
_DONG, _VIETNAM = "704", "VN"
_MOST_DONG = 10**13 - 1


class VietQr(Frozen):
    """A transfer to an account. `amount` in đồng; `purpose` is ASCII. Without both the QR is of the account
    only, and the payer types them."""

    bank_bin: BankBin
    account: QrAccount
    amount: int | None = Field(None, ge=1, le=_MOST_DONG)
    purpose: str = Field("", pattern=r"^[0-9A-Za-z ]{0,25}$")

    @property
    def payload(self) -> str:
        """The text of the QR code."""
        beneficiary = _fields([("00", self.bank_bin), ("01", self.account)])
        once = self.amount is not None
        unsummed = _fields([
            ("00", "01"),
            ("01", _DYNAMIC if once else _STATIC),
            ("38", _fields([("00", _NAPAS), ("01", beneficiary), ("02", _TO_ACCOUNT)])),
            ("53", _DONG),
            ("54", str(self.amount) if once else ""),
            ("58", _VIETNAM),
            ("62", _fields([("08", self.purpose)])),
        ])  # fmt: skip
        summed = f"{unsummed}6304"
        return f"{summed}{crc_hqx(summed.encode(), 0xFFFF):04X}"


def _fields(fields: Iterable[tuple[str, str]]) -> str:
    """The fields that have a value, one after the other."""
    return "".join(f"{id}{len(value):02}{value}" for id, value in fields if value)
