"""A licence in JSON. It follows the same rules as a row of the CSV; each error names its field."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue, ValidationError

from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.products import Products
from services.subscription.domain.subscription import Subscription
from services.subscription.spreadsheet.reader import error_parts
from services.subscription.spreadsheet.row import COLUMNS, Row, day_doubts, row_doubts
from services.subscription.spreadsheet.rules import rule_text
from services.subscription.texts import FIELDS
from shared.text.characters import visible
from shared.time.calendar import civil_date
from shared.web.problems import FieldError, Problem, invalid

Cells = Mapping[str, JsonValue]
Found = tuple[str, str, Mapping[str, str]]
"""A field, the rule it breaks, and the rule's figures."""

_MAY_BE_EMPTY = {"tax_code", "budget_code", "zone", "policy"}
_FIXED = {"office_ref", "product_code", "policy"}
"""The fields that a correction can't change: whose licence it is, and the stage table, which comes in
lists."""


def read_row(cells: Cells, policies: Policies, under: str = "") -> Row:
    """The valid row of these cells. Raises a 422 problem with a pointer `under`/FIELD for each error.

    Codes must be text: a number would have lost its leading zeros.
    """
    if errors := list(_form_errors(cells)):
        raise _invalid(under, errors)
    texts = {column: _text(cells.get(column)) for column in COLUMNS}
    try:
        return Row.model_validate(texts, context={"policies": policies})
    except ValidationError as error:
        found = [error_parts(detail) for detail in error.errors(include_url=False, include_input=False)]
        # The only rule about the whole row requires one of two codes: the error points at the tax code.
        raise _invalid(
            under, [(field or "tax_code", rule, figures) for field, rule, figures in found]
        ) from None


def corrected_row(state: Subscription, changes: Cells, policies: Policies) -> Row:
    """The row of the present licence with `changes` applied. Raises a 422 problem."""
    under = "/licence"
    fixed: list[Found] = [(field, "not_correctable", {}) for field in changes if field in _FIXED]
    if fixed:
        raise _invalid(under, fixed)
    known = state.licence.model_dump(mode="json", exclude={"policy"})
    whose = {"office_ref": state.office_ref, "product_code": state.product_code}
    return read_row({**known, **whose, **changes}, policies, under)


def warnings_of(row: Row, cells: Cells, now: datetime, products: Products) -> list[FieldError]:
    """What looks doubtful in the `cells` that the row was read from, and is accepted."""
    typed = row.cells() | {column: _text(cell) for column, cell in cells.items()}
    found = [*row_doubts(row, typed), *day_doubts(row, civil_date(now, row.zone), products)]
    return [_error("", *doubt) for doubt in found if doubt.field in cells]


def _form_errors(cells: Cells) -> Iterator[Found]:
    for field in cells:
        if field not in COLUMNS:
            yield field, "extra_forbidden", {}
    for column in COLUMNS:
        cell = cells.get(column)
        if not (cell is None or isinstance(cell, str) or (column == "users" and type(cell) is int)):
            yield column, "not_text", {}
        elif column not in _MAY_BE_EMPTY and not visible(_text(cell)):
            yield column, "required", {}


def _text(cell: JsonValue) -> str:
    return "" if cell is None else str(cell)


def _invalid(under: str, errors: Sequence[Found]) -> Problem:
    return invalid([_error(under, *each) for each in errors])


def _error(under: str, field: str, rule: str, figures: Mapping[str, str]) -> FieldError:
    escaped = field.replace("~", "~0").replace("/", "~1")
    message = FIELDS[rule] if rule in FIELDS else rule_text(rule, figures, field)
    return FieldError(pointer=f"{under}/{escaped}", rule=rule, message=message)
