"""The transfer that an office is asked to make."""

import pytest
from pydantic import ValidationError

from services.renewal.domain.numbers import value_of
from services.renewal.domain.payment.transfer import order_code, transfer_of
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.settings import EXAMPLE_VENDOR
from tests.services.renewal.examples import NOW, registration
from tests.services.renewal.messages import document


def registered() -> Renewal:
    return form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state


def test_transfer_names_sum_account_and_order_code() -> None:
    asked = transfer_of(registered(), EXAMPLE_VENDOR, 1_234_567)
    made = registration()
    assert (asked.amount, asked.memo) == (1_234_567, made.number.replace("-", ""))
    assert (asked.bank, asked.account, asked.holder, asked.due_on) == (
        EXAMPLE_VENDOR.bank,
        EXAMPLE_VENDOR.bank_account,
        EXAMPLE_VENDOR.name,
        made.payment_day,
    )
    assert asked.vietqr is not None
    assert "54071234567" in asked.vietqr


def test_other_services_are_told_the_whole_sum() -> None:
    (event,) = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).events
    total = registration().order.total
    assert getattr(event, "transfer", None) == transfer_of(registered(), EXAMPLE_VENDOR, total)


def test_order_code_is_the_number_and_keeps_its_check() -> None:
    number = registration().number
    code = order_code(number)
    assert len(code) == len("GH") + 8 <= 25
    assert value_of(f"{code[:2]}-{code[2:6]}-{code[6:]}") == value_of(number)


def test_vendor_without_a_number_at_napas_has_no_qr() -> None:
    vendor = EXAMPLE_VENDOR.model_copy(update={"bank_bin": None, "bank_account": "1500 205 012345"})
    asked = transfer_of(registered(), vendor, 1000)
    assert (asked.vietqr, asked.account) == (None, "1500 205 012345")


def test_account_that_no_qr_can_hold_is_a_wrong_setting() -> None:
    with pytest.raises(ValidationError):
        Vendor.model_validate({**EXAMPLE_VENDOR.model_dump(), "bank_account": "1500 205 012345"})
