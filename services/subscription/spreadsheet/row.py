"""One valid row of a list of subscriptions, and how its cells are read."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.subscription.domain.stages.products import Products
from services.subscription.spreadsheet.cells import broken_rule, unquote
from services.subscription.spreadsheet.rules import rule_error
from shared.events.subscription import Licence
from shared.ids import subscription_id
from shared.spreadsheet.cells import NumberCell
from shared.text import identifiers, names, provinces
from shared.text.characters import code, digits, visible
from shared.text.days import read_day
from shared.time.calendar import add_years
from shared.time.zones import known_zones

HOME_ZONE = "Asia/Ho_Chi_Minh"
_RULES = {
    "unprintable": "characters",
    "empty": "required",
    **dict.fromkeys(("tax_code_format", "budget_code_format", "phone_format", "email_format"), "format"),
}
"""The names that rules of `shared.text` have here."""


def _shared_reader(reading: Callable[[str], str]) -> Callable[[str], str]:
    """A reader of `shared.text`, whose errors get the rule names of this file."""

    def check(value: str) -> str:
        try:
            return reading(value)
        except PydanticCustomError as error:
            figures = {name: str(value) for name, value in (error.context or {}).items()}
            raise rule_error(_RULES.get(error.type, error.type), **figures) from None

    return check


def _pattern_reader(pattern: str) -> Callable[[str], str]:
    whole = re.compile(pattern)

    def check(value: str) -> str:
        if not whole.fullmatch(found := code(value) if " " not in value else value):
            raise rule_error("format")
        return found

    return check


_read_tax_code = _shared_reader(identifiers.tax_code)
_read_budget_code = _shared_reader(identifiers.budget_code)
_read_phone = _shared_reader(identifiers.phone)
_two_digits = _pattern_reader(r"[0-9]{2}")

# Codes whose leading zero a spreadsheet has eaten.
_SHORT_TAX_CODE = re.compile(r"[0-9]{9}(-[0-9]{3})?|[0-9]{11}")
_SHORT_BUDGET_CODE = re.compile(r"[0-9]{6}")
_SHORT_PROVINCE_CODE = re.compile(r"[1-9]")
_SHORT_PHONE = re.compile(r"[35789][0-9]{8}|2[0-9]{9}")


def _tax_code(value: str) -> str | None:
    if not value:
        return None
    if _SHORT_TAX_CODE.fullmatch(code(value).replace(".", "")):
        raise rule_error("leading_zero")
    return _read_tax_code(value)


def _budget_code(value: str) -> str | None:
    if not value:
        return None
    if _SHORT_BUDGET_CODE.fullmatch(digits(value)):
        raise rule_error("leading_zero")
    return _read_budget_code(value)


def _province_code(value: str) -> str:
    """The present code. The code of a merged province is read as that of the province it became part of."""
    if _SHORT_PROVINCE_CODE.fullmatch(code(value)):
        raise rule_error("leading_zero")
    found = _two_digits(value)
    if (current := provinces.current(found)) is None:
        raise rule_error("unknown_province")
    return current


def _phone(value: str) -> str:
    if _SHORT_PHONE.fullmatch(digits(value)):
        raise rule_error("leading_zero")
    return _read_phone(value)


def _zone(value: str) -> str:
    if value and value not in known_zones():
        raise rule_error("unknown_zone")
    return value or HOME_ZONE


def _policy(value: str, info: ValidationInfo) -> str | None:
    """The policy's id. None if empty: the product's policy on the day on which a term begins."""
    if value and code(value) not in (info.context or {}).get("policies", ()):
        raise rule_error("unknown_policy")
    return code(value) or None


def _users(value: object) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", str(value)):
        raise rule_error("not_a_number")
    if not 1 <= int(str(value)) <= 1_000_000:
        raise rule_error("out_of_range")
    return int(str(value))


_DAY_ZERO = date(1899, 12, 30)
"""Day zero of the serial numbers by which spreadsheets store dates."""
_MIDNIGHT = re.compile(r"[T ](0?0:00(:00(\.0+)?)?|12:00(:00)? (AM|SA))$")
_SERIAL = re.compile(r"[0-9]{5}(\.0+)?")


def _day(value: str) -> date:
    """A date as people write it, with or without midnight after it, or a spreadsheet's serial number."""
    day = _MIDNIGHT.sub("", value)
    if _SERIAL.fullmatch(day):
        read: date | None = _DAY_ZERO + timedelta(days=int(day[:5]))
    else:
        read = read_day(day)
    if read is None:
        raise rule_error("not_a_date")
    if not 2000 <= read.year <= 2100:
        raise rule_error("out_of_range")
    return read


_OFFICE_REF = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PRODUCT_CODE = r"[a-z0-9][a-z0-9-]{0,31}"
_Name = Annotated[str, AfterValidator(_shared_reader(names.organisation_name))]
_Person = Annotated[str, AfterValidator(_shared_reader(names.person_name))]


class RowKey(NamedTuple):
    """The office and product of a row. A part that can't be read is empty."""

    office_ref: str
    product_code: str


class RowDoubt(NamedTuple):
    """What looks doubtful in a row that is accepted."""

    field: str
    rule: str
    figures: Mapping[str, str] = {}


class Row(BaseModel):
    """A valid row. Its cells are read like the form's fields (`shared.text`): the form accepts what is valid
    here. `expires_on` is a date in `zone`."""

    model_config = ConfigDict(frozen=True)

    office_ref: Annotated[str, AfterValidator(_pattern_reader(_OFFICE_REF))]
    name: _Name
    tax_code: Annotated[str | None, BeforeValidator(_tax_code)]
    budget_code: Annotated[str | None, BeforeValidator(_budget_code)]
    address: _Name
    province_code: Annotated[str, AfterValidator(_province_code)]
    zone: Annotated[str, AfterValidator(_zone)]
    representative: _Person
    title: _Person
    contact_name: _Person
    contact_phone: Annotated[str, AfterValidator(_phone)]
    contact_email: Annotated[str, AfterValidator(_shared_reader(identifiers.email))]
    product_code: Annotated[str, AfterValidator(_pattern_reader(_PRODUCT_CODE))]
    package: Annotated[str, AfterValidator(_shared_reader(names.package_code))]
    users: Annotated[int, BeforeValidator(_users)]
    expires_on: Annotated[date, BeforeValidator(_day)]
    policy: Annotated[str | None, BeforeValidator(_policy)]

    @field_validator("*", mode="before")
    @classmethod
    def _as_seen(cls, value: Any, info: ValidationInfo) -> Any:
        """The cell without invisible characters. Raises an error if a spreadsheet program damaged it."""
        if not isinstance(value, str):
            return value
        if rule := broken_rule(str(info.field_name), value):
            raise rule_error(rule)
        return unquote(visible(value))

    @model_validator(mode="after")
    def _known_to_the_state(self) -> Self:
        if self.tax_code is None and self.budget_code is None:
            raise rule_error("one_code_needed")
        return self

    @property
    def key(self) -> RowKey:
        return RowKey(self.office_ref, self.product_code)

    @property
    def subscription_id(self) -> UUID:
        return subscription_id(self.office_ref, self.product_code)

    def cells(self) -> dict[str, str]:
        """The cells by column, as a file has them."""
        values = ((column, getattr(self, column)) for column in COLUMNS)
        return {column: "" if value is None else str(value) for column, value in values}

    def licence(self, policy: str) -> Licence:
        """The row's licence, with `policy` if the row names none."""
        return Licence(
            **self.model_dump(exclude={"office_ref", "product_code", "policy"}), policy=self.policy or policy
        )


COLUMNS = tuple(Row.model_fields)


def row_doubts(row: Row, cells: Mapping[str, str]) -> Iterator[RowDoubt]:
    """What looks doubtful in a valid row and the `cells` that it was read from."""
    if row.tax_code and identifiers.check_digit_fails(row.tax_code):
        yield RowDoubt("tax_code", "check_digit")
    if code(cells["province_code"]) != row.province_code:
        figures = {"code": row.province_code, "name": provinces.NAMES[row.province_code]}
        yield RowDoubt("province_code", "province_merged", figures)
    if isinstance(cells["office_ref"], NumberCell):
        yield RowDoubt("office_ref", "number_cell")


def day_doubts(row: Row, today: date, products: Products) -> Iterator[RowDoubt]:
    """What looks doubtful in a last day of use: its year may have a typing error."""
    longest = products.longest_years(row.product_code, today)
    if row.expires_on > add_years(today, longest):
        yield RowDoubt("expires_on", "beyond_longest_term", {"most": str(longest)})
    if row.expires_on < add_years(today, -1):
        yield RowDoubt("expires_on", "long_overdue")


def key_of(cells: Mapping[str, str]) -> RowKey:
    """The office and product of an invalid row. Only a code is taken: the cell may be another column's."""
    office_ref, product_code = code(cells["office_ref"]), code(cells["product_code"])
    return RowKey(
        office_ref if re.fullmatch(_OFFICE_REF, office_ref) else "",
        product_code if re.fullmatch(_PRODUCT_CODE, product_code) else "",
    )
