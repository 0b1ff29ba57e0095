"""The bank transfer that pays a registration, as the office is asked to make it."""

from datetime import date

from services.renewal.domain.flow import VALID
from services.renewal.domain.payment.vietqr import VietQr
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from shared.events.order import TransferDetails


def transfer_of(renewal: Renewal, vendor: Vendor, amount: int) -> TransferDetails:
    """The transfer of `amount` đồng, at least one."""
    return _transfer(renewal.registration, vendor, amount, due_day(renewal))


def declared_transfer(registration: Registration, vendor: Vendor) -> TransferDetails | None:
    """The transfer of the whole sum, as the form asks for it. None where the office has paid already, or
    nothing is to be paid."""
    if registration.payment.kind == "paid" or not registration.total:
        return None
    return _transfer(registration, vendor, registration.total, registration.payment_day)


def _transfer(
    registration: Registration, vendor: Vendor, amount: int, due_on: date | None
) -> TransferDetails:
    memo = order_code(registration.number)
    code = vendor.bank_bin and VietQr(
        bank_bin=vendor.bank_bin, account=vendor.bank_account, amount=amount, purpose=memo
    )
    return TransferDetails(
        bank=vendor.bank,
        account=vendor.bank_account,
        holder=vendor.name,
        amount=amount,
        memo=memo,
        vietqr=code.payload if code else None,
        due_on=due_on,
    )


def due_day(renewal: Renewal) -> date | None:
    """The last day to pay; None where the office declared that it has paid."""
    commitment = renewal.commitment
    return commitment.pay_by if commitment else renewal.registration.pay_by


def is_payable(renewal: Renewal) -> bool:
    """Whether there is something to pay: not if it is cancelled or refused, or costs nothing. What an older
    release registered may be paid long since, and nobody asks for it again."""
    return renewal.payment_followed and renewal.status in VALID and renewal.registration.total > 0


def order_code(number: str) -> str:
    """The registration's number as banks keep it: letters and digits only. Its check character tells a
    mistyped one."""
    return number.replace("-", "")
