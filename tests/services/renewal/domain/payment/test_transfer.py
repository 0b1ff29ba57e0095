"""The transfer that an office is asked to make."""

import pytest
from pydantic import ValidationError

from services.renewal.domain.numbers import value_of
from services.renewal.domain.payment.transfer import order_code, transfer_of
from services.renewal.domain.registration import form, sending
from services.renewal.domain.vendor import Vendor
from services.renewal.settings import EXAMPLE_VENDOR
from tests.services.renewal.examples import NOW, registration
from tests.services.renewal.messages import document


def test_transfer_names_sum_account_and_order_code() -> None:
    made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW)
    number, total = registration().number, registration().order.total
    asked = transfer_of(made.state, EXAMPLE_VENDOR)
    assert asked is not None
    assert (asked.amount, asked.memo) == (total, number.replace("-", ""))
    assert (asked.bank, asked.account, asked.holder) == (
        EXAMPLE_VENDOR.bank,
        EXAMPLE_VENDOR.bank_account,
        EXAMPLE_VENDOR.name,
    )
    assert asked.vietqr is not None
    assert f"54{len(str(total)):02}{total}" in asked.vietqr
    assert asked in [getattr(event, "transfer", None) for event in made.events], "other services are told"


def test_order_code_is_the_number_and_keeps_its_check() -> None:
    number = registration().number
    code = order_code(number)
    assert len(code) == len("GH") + 8 <= 25
    assert value_of(f"{code[:2]}-{code[2:6]}-{code[6:]}") == value_of(number)


def test_closed_registration_asks_for_no_money() -> None:
    made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    closed = sending.cancel(made, "office", "không cần nữa", NOW).state
    assert transfer_of(closed, EXAMPLE_VENDOR) is None


def test_vendor_without_a_number_at_napas_has_no_qr() -> None:
    vendor = EXAMPLE_VENDOR.model_copy(update={"bank_bin": None, "bank_account": "1500 205 012345"})
    made = form.register(registration(), document("form 1"), vendor, NOW).state
    asked = transfer_of(made, vendor)
    assert asked is not None
    assert (asked.vietqr, asked.account) == (None, "1500 205 012345")


def test_account_that_no_qr_can_hold_is_a_wrong_setting() -> None:
    with pytest.raises(ValidationError):
        Vendor.model_validate({**EXAMPLE_VENDOR.model_dump(), "bank_account": "1500 205 012345"})
