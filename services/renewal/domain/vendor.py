"""The vendor as documents name it. It comes from a setting."""

from typing import Self

from pydantic import model_validator

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.vietqr import BankBin, VietQr
from shared.text.identifiers import TaxCode
from shared.text.names import Address, OrganisationName, PersonName


class Vendor(Frozen):
    """The vendor's data. Contracts print `place` before their date. With `bank_bin`, the bank's number at
    NAPAS, offices get a VietQR to pay by."""

    name: OrganisationName
    tax_code: TaxCode
    address: Address
    place: PersonName
    representative: PersonName
    title: PersonName
    phone: PersonName
    email: PersonName
    bank: OrganisationName
    bank_account: PersonName
    bank_bin: BankBin | None = None

    @model_validator(mode="after")
    def _account_fits_a_qr(self) -> Self:
        if self.bank_bin:
            VietQr(bank_bin=self.bank_bin, account=self.bank_account)
        return self
