"""HTTP: the desk uploads bank statements and decides about their lines. A decision needs an idempotency key:
nothing about money may be done twice. An upload needs none: the same bytes are the same statement."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.renewal.domain.payment.bank_line import BankLine, LineStatus
from services.renewal.domain.payment.payment_match import PaymentMatch, PaymentShare
from services.renewal.domain.payment.statement import StatementLine
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase, StatementSummary
from services.renewal.domain.refusal import RenewalError
from services.renewal.payment.bank_lines import LineFilter
from services.renewal.payment.layouts import LayoutName
from services.renewal.payment.service import Clerk
from services.renewal.payment.statement_service import AssignmentRequest, StatementService
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.limits import MOST_BYTES
from services.renewal.rest.requests import ReasonRequest, Seen, problem, refusals
from shared.storage.aggregate import Cause, Stored
from shared.text.i18n import Text
from shared.web.body_limit import whole_body
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

STATEMENTS = "/v1/desk/statements"
_MOST, _LINES = 200, "/v1/desk/bank-lines"


class StatementView(BaseModel):
    """`counts`: its new lines by the verdict of the match. `faults`: why it was refused."""

    id: UUID
    layout: str
    uploaded_at: datetime
    phase: StatementPhase
    summary: StatementSummary | None
    counts: dict[str, int]
    faults: list[Text]

    @classmethod
    def of(cls, file: StatementFile) -> Self:
        return cls(
            id=file.id,
            layout=file.layout,
            uploaded_at=file.uploaded_at,
            phase=file.phase,
            summary=file.summary,
            counts=dict(file.counts),
            faults=file.texts,
        )


class BankLineView(BaseModel):
    """A line of a statement. `version` goes into `If-Match` of a decision."""

    id: UUID
    version: int
    status: LineStatus
    line: StatementLine
    match: PaymentMatch | None
    shares: tuple[PaymentShare, ...]
    has_twin: bool
    undone: str | None

    @classmethod
    def of(cls, stored: Stored[BankLine]) -> Self:
        state = stored.state
        names = cls.model_fields.keys() - {"version"}
        return cls(version=stored.version, **{name: getattr(state, name) for name in names})


class LineSearchParameters(LineFilter):
    """`after`: from the last answer, for the next page."""

    limit: int = Field(100, ge=1, le=_MOST)
    after: UUID | None = None

    @property
    def sought(self) -> LineFilter:
        return LineFilter.model_validate(self.model_dump(include=set(LineFilter.model_fields)))


class FoundLinesView(BaseModel):
    """`after`: send it for the next page; null where this is the last one."""

    lines: list[BankLineView]
    after: UUID | None

    @classmethod
    def of(cls, found: list[Stored[BankLine]], most: int) -> Self:
        after = found[most - 1].state.id if len(found) > most else None
        return cls(lines=[BankLineView.of(stored) for stored in found[:most]], after=after)


class LayoutView(BaseModel):
    name: str
    columns: ColumnMapping


def statement_routes(statements: StatementService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()
    desk = Depends(require_person(verifier, Role.DESK))
    uploading = Depends(require_person(verifier, Role.DESK, cost=4))

    @routes.post(STATEMENTS, status_code=202)
    async def upload(
        request: Request,
        who: Annotated[Person, uploading],
        response: Response,
        layout: Annotated[str, Query(max_length=40)] = "",
    ) -> StatementView:
        """The body is the file: CSV, XLSX, MT940 or camt.053, up to 20 MB and 100,000 lines. `layout` names
        the columns of a table. It is read in the background; 200 if it is known already."""
        data = await whole_body(request, MOST_BYTES)
        with refusals():
            file, is_new = await statements.upload(data, layout, who)
        response.status_code = 202 if is_new else 200
        return StatementView.of(file)

    @routes.get(STATEMENTS, dependencies=[desk])
    async def listed() -> list[StatementView]:
        """The newest 200, the newest first."""
        return [StatementView.of(file) for file in await statements.files.newest(_MOST)]

    @routes.get(f"{STATEMENTS}/{{id}}", dependencies=[desk])
    async def one(id: UUID) -> StatementView:
        if (stored := await statements.files.load(id)) is None:
            raise problem(RenewalError("statement-unknown"))
        return StatementView.of(stored.state)

    @routes.get("/v1/desk/statement-layouts", dependencies=[desk])
    async def layouts() -> list[LayoutView]:
        found = await statements.layouts.all()
        return [
            LayoutView(name=layout.name, columns=ColumnMapping.model_validate_json(layout.columns))
            for layout in found
        ]

    @routes.put("/v1/desk/statement-layouts/{name}")
    async def put_layout(name: LayoutName, body: ColumnMapping, who: Annotated[Person, desk]) -> LayoutView:
        """How the tables of one bank are read. The last one counts, for what is uploaded then."""
        await statements.layouts.define(name, body, Cause.request(who.sub, f"put layout {name}"))
        return LayoutView(name=name, columns=body)

    return routes


def bank_line_list_routes(statements: StatementService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=_LINES)
    desk = Depends(require_person(verifier, Role.DESK))

    @routes.get("", dependencies=[desk])
    async def listed(
        status: Literal["waiting", "set_aside", "recording"] = "waiting",
        skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> list[BankLineView]:
        """At most 200 after the first `skip`, the oldest first."""
        found = await statements.lines.with_status(LineStatus(status), _MOST, skip)
        return [BankLineView.of(stored) for stored in found]

    @routes.get("/found", dependencies=[desk])
    async def found(query: Annotated[LineSearchParameters, Query()]) -> FoundLinesView:
        """Lines of every status that match, the newest first."""
        lines, last = statements.lines, None
        if query.after and (last := await lines.load(query.after)) is None:
            raise problem(RenewalError("line-unknown"))
        with refusals():
            stored = await lines.found(query.sought, query.limit + 1, last.state if last else None)
        return FoundLinesView.of(stored, query.limit)

    return routes


def bank_line_routes(statements: StatementService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=_LINES)
    desk = Depends(require_person(verifier, Role.DESK))

    def clerk(who: Annotated[Person, desk], key: RequiredIdempotencyKey, seen: Seen = None) -> Clerk:
        return Clerk(who, key, int(seen.strip('"')) if seen else None)

    asking = Depends(clerk)

    async def view(id: UUID) -> BankLineView:
        return BankLineView.of(await statements.known(id))

    @routes.post("/{id}/assignment")
    async def assign(id: UUID, body: AssignmentRequest, clerk: Annotated[Clerk, asking]) -> BankLineView:
        """The line pays these registrations. Their amounts make the line's."""
        with refusals():
            await statements.assign(id, body, clerk)
        return await view(id)

    @routes.post("/{id}/set-aside")
    async def set_aside(id: UUID, body: ReasonRequest, clerk: Annotated[Clerk, asking]) -> BankLineView:
        """The line pays none of our registrations."""
        with refusals():
            await statements.set_aside(id, body.reason, clerk)
        return await view(id)

    @routes.post("/{id}/reopening")
    async def reopen(id: UUID, body: ReasonRequest, clerk: Annotated[Clerk, asking]) -> BankLineView:
        """A line that was set aside waits again."""
        with refusals():
            await statements.reopen(id, body.reason, clerk)
        return await view(id)

    return routes
