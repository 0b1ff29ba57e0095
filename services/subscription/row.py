"""One row of the CSV of subscriptions, as it is once it is sound."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Annotated, NamedTuple, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator
from stdnum.vn import mst

from services.subscription.rules import broken
from shared.events.subscription import Licence
from shared.ids import subscription_id

HOME_ZONE = "Asia/Ho_Chi_Minh"
_NOT_SHOWN = {"Cc", "Cf", "Co", "Cs"}
_IGNORED = re.compile("[\u200b\u2060\ufeff]")
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+")


def _clean(value: str) -> str:
    """NFC, without what spreadsheets leave at the ends; a line break inside a cell becomes a space."""
    text = _BREAKS.sub(" ", _IGNORED.sub("", unicodedata.normalize("NFC", value))).strip()
    if any(unicodedata.category(letter) in _NOT_SHOWN for letter in text):
        raise broken("characters")
    return text


def _text(most: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value:
            raise broken("required")
        if len(value) > most:
            raise broken("too_long")
        return value

    return check


def _form(pattern: str) -> Callable[[str], str]:
    whole = re.compile(pattern)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise broken("format")
        return value

    return check


def _tax_code(value: str) -> str | None:
    """10 digits, 10-3 for a branch (a missing dash is put in), or 12."""
    if not value:
        return None
    if re.fullmatch(r"[0-9]{9}(-[0-9]{3})?|[0-9]{11}", value):
        raise broken("leading_zero")
    if re.fullmatch(r"[0-9]{13}", value):
        return f"{value[:10]}-{value[10:]}"
    return _form(r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}")(value)


def _budget_code(value: str) -> str | None:
    if not value:
        return None
    if re.fullmatch(r"[0-9]{6}", value):
        raise broken("leading_zero")
    return _form(r"[0-9]{7}")(value)


def _province_code(value: str) -> str:
    if re.fullmatch(r"[1-9]", value):
        raise broken("leading_zero")
    return _form(r"[0-9]{2}")(value)


def _phone(value: str) -> str:
    """A Vietnamese number in national form: mobile, landline, or 1800/1900."""
    digits = re.sub(r"^(\+84|84(?=[0-9]{9,10}$))", "0", re.sub(r"[ .()\u00a0-]", "", value))
    if re.fullmatch(r"[35789][0-9]{8}|2[0-9]{9}", digits):
        raise broken("leading_zero")
    return _form(r"0[35789][0-9]{8}|02[0-9]{9}|1[89]00[0-9]{4,6}")(digits)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value and value not in _zones():
        raise broken("unknown_zone")
    return value or HOME_ZONE


def _policy(value: str, info: ValidationInfo) -> str | None:
    """Empty: the product's, as it is on the day on which a term begins."""
    if value and value not in (info.context or {}).get("policies", ()):
        raise broken("unknown_policy")
    return value or None


def _users(value: object) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", str(value)):
        raise broken("not_a_number")
    if not 1 <= int(str(value)) <= 1_000_000:
        raise broken("out_of_range")
    return int(str(value))


def _day(value: str) -> date:
    """ISO, or day/month/year as Vietnamese spreadsheets write it."""
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", value):
        day, month, year = map(int, found.groups())
    else:
        raise broken("not_a_date")
    try:
        read = date(year, month, day)
    except ValueError:
        raise broken("not_a_date") from None
    if not 2000 <= read.year <= 2100:
        raise broken("out_of_range")
    return read


_Cleaned = BeforeValidator(_clean)
_Name = Annotated[str, _Cleaned, AfterValidator(_text(400))]
_Short = Annotated[str, _Cleaned, AfterValidator(_text(200))]


_OFFICE_REF = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PRODUCT_CODE = r"[a-z0-9][a-z0-9-]{0,31}"


class Key(NamedTuple):
    """What a row is about; a part that can't be told is empty."""

    office_ref: str
    product_code: str


class Row(BaseModel):
    """Field lengths follow what an invoice can carry. `expires_on` is a date in `zone`."""

    model_config = ConfigDict(frozen=True)

    office_ref: Annotated[str, _Cleaned, AfterValidator(_form(_OFFICE_REF))]
    name: _Name
    tax_code: Annotated[str | None, BeforeValidator(_tax_code), _Cleaned]
    budget_code: Annotated[str | None, BeforeValidator(_budget_code), _Cleaned]
    address: _Name
    province_code: Annotated[str, _Cleaned, AfterValidator(_province_code)]
    zone: Annotated[str, _Cleaned, AfterValidator(_zone)]
    representative: _Short
    title: _Short
    contact_name: _Short
    contact_phone: Annotated[str, _Cleaned, AfterValidator(_phone)]
    contact_email: Annotated[
        str,
        _Cleaned,
        AfterValidator(_text(100)),
        AfterValidator(_form(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")),
    ]
    product_code: Annotated[str, _Cleaned, AfterValidator(_form(_PRODUCT_CODE))]
    package: Annotated[str, _Cleaned, AfterValidator(_text(64))]
    users: Annotated[int, BeforeValidator(_users), _Cleaned]
    expires_on: Annotated[date, BeforeValidator(_day), _Cleaned]
    policy: Annotated[str | None, BeforeValidator(_policy), _Cleaned]

    @model_validator(mode="after")
    def _known_to_the_state(self) -> Self:
        if self.tax_code is None and self.budget_code is None:
            raise broken("one_code_needed")
        return self

    @property
    def key(self) -> Key:
        return Key(self.office_ref, self.product_code)

    @property
    def subscription_id(self) -> UUID:
        return subscription_id(self.office_ref, self.product_code)

    @property
    def tax_code_looks_mistyped(self) -> bool:
        """Its check digit doesn't fit. No law publishes the digit, so that it refuses nothing."""
        code = self.tax_code
        return code is not None and len(code) != 12 and not mst.is_valid(code)

    def cells(self) -> dict[str, str]:
        """By column, as a file has them."""
        values = ((column, getattr(self, column)) for column in COLUMNS)
        return {column: "" if value is None else str(value) for column, value in values}

    def licence(self, policy: str) -> Licence:
        """Under `policy` where the row names none."""
        return Licence(
            **self.model_dump(exclude={"office_ref", "product_code", "policy"}), policy=self.policy or policy
        )


COLUMNS = tuple(Row.model_fields)


def key_of(cells: Mapping[str, str]) -> Key:
    """Of a row that isn't sound. Nothing but a code: another column's cell may have slipped in."""
    office_ref, product_code = cells["office_ref"].strip(), cells["product_code"].strip()
    return Key(
        office_ref if re.fullmatch(_OFFICE_REF, office_ref) else "",
        product_code if re.fullmatch(_PRODUCT_CODE, product_code) else "",
    )
