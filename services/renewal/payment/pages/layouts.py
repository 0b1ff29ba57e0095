"""The desk's page of layouts: which column of a bank's table holds what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.payment.layouts import LayoutName, StatementLayouts
from services.renewal.payment.statements.columns import ColumnMapping
from shared.storage.aggregate import Cause
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

_NAME: TypeAdapter[str] = TypeAdapter(LayoutName)
_COLUMNS = (
    "date", "memo", "credit", "debit", "amount", "direction", "reference", "payer", "payer_account",
    "balance", "currency",
)  # fmt: skip
_LABELS = ("account_label", "opening_label", "closing_label", "header_row")
_WORDS = ("end_words", "credit_words", "debit_words")
FIELDS = (*_COLUMNS, *_LABELS, *_WORDS)
_CHOICES = ("name", "date_order", "marks", "code_page", "two_digit_years")


@dataclass(frozen=True, slots=True)
class LayoutDesk:
    shell: DeskShell
    layouts: StatementLayouts

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: str = "",
    ) -> Response:
        values = {
            "layouts": await self.layouts.all(),
            "fields": FIELDS,
            "typed": dict.fromkeys((*FIELDS, *_CHOICES), "") | {"marks": ".,"} | dict(typed or {}),
            "said": said,
        }
        return self.shell.page(request, "payment/layouts.html", visitor, values, wrong)


def layout_pages(page: LayoutDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()

    @routes.get("/statement-layouts")
    async def show(
        request: Request,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        name: Annotated[str, Query(max_length=40)] = "",
        said: Literal["", "saved"] = "",
    ) -> Response:
        columns = await page.layouts.columns(name) if name else None
        return await page.show(request, visitor, _typed(name, columns) if columns else None, said=said)

    @routes.post("/statement-layouts")
    async def save(
        request: Request, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        typed = {name: submission.get(name) for name in (*FIELDS, *_CHOICES)}
        try:
            name, columns = _NAME.validate_python(typed["name"].strip()), _read(typed)
        except ValidationError:
            wrong = page.shell.site.words(request)("layouts.wrong")
            return await page.show(request, submission.visitor, typed, wrong)
        await page.layouts.define(
            name, columns, Cause.request(submission.visitor.person.sub, f"layout {name}")
        )
        return RedirectResponse(f"{urls.desk('statement-layouts')}?said=saved", 303)

    return routes


def _read(typed: Mapping[str, str]) -> ColumnMapping:
    """A column of digits is its number. Raises ValidationError."""
    places = {name: _place(text) for name in _COLUMNS if (text := typed[name].strip())}
    labels = {name: text for name in _LABELS if (text := typed[name].strip())}
    words = {name: _words(typed[name]) for name in _WORDS}
    marks = typed["marks"] if typed["marks"] in (".,", ",.", "  ") else ""
    choices = {
        "date_order": typed["date_order"] or "dmy",
        "code_page": typed["code_page"] or "unicode",
        "two_digit_years": bool(typed["two_digit_years"]),
        "thousands": marks[:1],
        "decimal": marks[1:].strip(),
    }
    return ColumnMapping.model_validate({**places, **labels, **words, **choices})


def _place(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for each in text.split(";") if (word := each.strip()))


def _typed(name: str, columns: ColumnMapping) -> dict[str, str]:
    known = {field: getattr(columns, field) for field in FIELDS}
    texts = {field: "" if value is None else str(value) for field, value in known.items()}
    texts |= {field: "; ".join(known[field]) for field in _WORDS}
    years = "yes" if columns.two_digit_years else ""
    choices = {"date_order": columns.date_order, "code_page": columns.code_page, "two_digit_years": years}
    marks = columns.thousands + (columns.decimal or (" " if columns.thousands == " " else ""))
    return {**texts, **choices, "name": name, "marks": marks}
