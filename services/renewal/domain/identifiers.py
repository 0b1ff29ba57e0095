"""Numbers by which an office is known: tax code, budget code, phone, e-mail."""

import re
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field
from stdnum.vn import mst

from services.renewal.domain.rules import broken

_TAX_CODE = re.compile(r"(?P<unit>\d{10})(?:-(?P<branch>(?!000)\d{3}))?|\d{12}", re.ASCII)
_PHONE = re.compile(r"0[35789]\d{8}|02\d{9}", re.ASCII)  # mobile, landline
_BRANCH_WITHOUT_DASH = re.compile(r"\d{13}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def tax_code(value: str) -> str:
    """MST: 10 digits, 10-3 for a branch (001-999), or a 12-digit personal id. Leading zeros stay."""
    digits = "".join(value.split())
    if _BRANCH_WITHOUT_DASH.fullmatch(digits):
        digits = f"{digits[:10]}-{digits[10:]}"
    if not _TAX_CODE.fullmatch(digits):
        raise broken("tax_code_format")
    return digits


def check_digit_fails(code: str) -> bool:
    """Whether a tax code's tenth digit is unusual. No law publishes the rule: warn, never refuse."""
    unit = code.partition("-")[0]
    return len(unit) == 10 and not mst.is_valid(unit)


def budget_code(value: str) -> str:
    """Mã đơn vị có quan hệ với ngân sách: a string of 7 digits, no check digit."""
    digits = "".join(value.split())
    if not re.fullmatch(r"\d{7}", digits, re.ASCII):
        raise broken("budget_code_format")
    return digits


def phone(value: str) -> str:
    """A Vietnamese number as dialled at home (`0912345678`); any other country's as `+…`.

    Of Vietnamese ones the shape is checked, not the list of prefixes in use: that one ages.
    """
    try:
        number = phonenumbers.parse(value, "VN")
    except phonenumbers.NumberParseException as error:
        raise broken("phone_format") from error
    at_home = f"0{number.national_number}"
    if number.country_code == 84 and _PHONE.fullmatch(at_home) and not number.extension:
        return at_home
    if number.country_code == 84 or number.extension or not phonenumbers.is_valid_number(number):
        raise broken("phone_format")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(value: str) -> str:
    address = value.strip()
    if not _EMAIL.fullmatch(address):
        raise broken("email_format")
    return address


TaxCode = Annotated[str, AfterValidator(tax_code)]
BudgetCode = Annotated[str, AfterValidator(budget_code)]
Phone = Annotated[str, Field(max_length=20), AfterValidator(phone)]
Email = Annotated[str, AfterValidator(email), Field(max_length=50)]
