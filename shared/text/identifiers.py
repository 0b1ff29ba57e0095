"""Codes and contact data of an office: tax code, budget code, phone, e-mail."""

import re
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator
from stdnum.vn import mst

from shared.text.characters import code, digits, is_fraction, visible
from shared.text.rules import TEXTS, broken_rule

LONGEST_EMAIL = 100
_TAX_CODE = re.compile(r"(?P<unit>\d{10})(-?(?P<branch>(?!000)\d{3}))?|\d{12}", re.ASCII)
_PHONE = re.compile(r"0[35789]\d{8}|02\d{9}", re.ASCII)  # mobile, landline
_HOTLINE = re.compile(r"(00)?(84)?(?P<number>1[89]00\d{4,6})", re.ASCII)  # at home only
_PHONE_CHARACTERS = re.compile(r"[-+0-9 .()]+", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?=[A-Za-z])[A-Za-z0-9-]{1,62}[A-Za-z0-9]"
)


def tax_code(value: str) -> str:
    """MST: 10 digits, 10-3 for a branch (001-999), or a 12-digit personal id. Leading zeros stay."""
    typed = "" if is_fraction(value) else code(value).replace(".", "")
    found = _TAX_CODE.fullmatch(typed)
    if not found and re.fullmatch(r"\d{10}", plain := typed.replace("-", ""), re.ASCII):
        return plain
    if not found:
        raise broken_rule(TEXTS, "tax_code_format")
    return f"{found['unit']}-{found['branch']}" if found["branch"] else found[0]


def check_digit_fails(tax_code: str) -> bool:
    """Whether a tax code's check digit (the tenth) is wrong. No law publishes the rule: warn, never
    refuse."""
    unit = tax_code.partition("-")[0]
    return len(unit) == 10 and not mst.is_valid(unit)


def budget_code(value: str) -> str:
    """Mã đơn vị có quan hệ với ngân sách: a string of 7 digits, no check digit."""
    found = digits(value)
    if is_fraction(value) or not re.fullmatch(r"\d{7}", found, re.ASCII):
        raise broken_rule(TEXTS, "budget_code_format")
    return found


def phone(value: str) -> str:
    """A Vietnamese number as dialled in Vietnam (`0912345678`, `19006134`); a foreign one as `+…`.

    Of a Vietnamese number only the shape is checked: a list of prefixes in use would become outdated.
    """
    typed = code(value)
    if not _PHONE_CHARACTERS.fullmatch(typed) or is_fraction(value):
        raise broken_rule(TEXTS, "phone_format")
    if _PHONE.fullmatch(typed):
        return typed
    if hotline := _HOTLINE.fullmatch(re.sub(r"[^0-9]", "", typed)):
        return hotline["number"]
    try:
        number = phonenumbers.parse(typed, "VN")
    except phonenumbers.NumberParseException as error:
        raise broken_rule(TEXTS, "phone_format") from error
    at_home = f"0{number.national_number}"
    if number.country_code == 84 and _PHONE.fullmatch(at_home) and not number.extension:
        return at_home
    if number.country_code == 84 or number.extension or not phonenumbers.is_valid_number(number):
        raise broken_rule(TEXTS, "phone_format")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(value: str) -> str:
    address = visible(value)
    if not _EMAIL.fullmatch(address):
        raise broken_rule(TEXTS, "email_format")
    if len(address) > LONGEST_EMAIL:
        raise broken_rule(TEXTS, "too_long", most=str(LONGEST_EMAIL))
    return address


TaxCode = Annotated[str, AfterValidator(tax_code)]
BudgetCode = Annotated[str, AfterValidator(budget_code)]
Phone = Annotated[str, AfterValidator(phone)]
Email = Annotated[str, AfterValidator(email)]
