"""HTTP: the invoice of a registration, and what the e-invoice system records about it.

The idempotency key is required: no invoice may be recorded or requested twice. `If-Match` with the version of
the last answer prevents two people from overwriting each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Base64Bytes, Field, ValidationError

from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.requested_invoice import InvoiceDetails
from services.renewal.domain.refusal import RenewalError
from services.renewal.invoice.download import invoice_file_response
from services.renewal.invoice.files import LARGEST as LARGEST_FILE
from services.renewal.invoice.service import Author, InvoiceService
from services.renewal.invoice.views import InvoiceView, RecordedInvoiceView
from services.renewal.pages.paths import Sha256
from services.renewal.rest.requests import ReasonRequest, Seen, refusals, unknown
from shared.text.names import Item
from shared.web.body_limit import whole_body
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

RECORDS = "/v1/invoices"
FILES = "/v1/registrations/{id}/invoices/{invoice_id}/files"
_MOST_FILES, _MOST = 3, 200
LARGEST = _MOST_FILES * LARGEST_FILE * 4 // 3 + 64 * 1024
"""The largest request body in bytes: the files in base64, and the other fields."""


class InvoiceRecord(InvoiceEntry):
    """What the e-invoice system did for the registration `renewal_id`. `files`: PDF and XML in base64, up to
    5 MB each."""

    renewal_id: UUID
    files: tuple[Base64Bytes, ...] = Field((), max_length=_MOST_FILES)

    @property
    def entry(self) -> InvoiceEntry:
        return InvoiceEntry.model_validate(self.model_dump(include=set(InvoiceEntry.model_fields)))


class InvoiceChangeRequest(InvoiceDetails):
    """`reason`: a clerk of the desk must give one."""

    reason: Item | None = None

    @property
    def details(self) -> InvoiceDetails:
        return InvoiceDetails.model_validate(self.model_dump(exclude={"reason"}))


@dataclass(frozen=True, slots=True)
class InvoiceAnswers:
    invoices: InvoiceService
    lookup_url: str

    async def of(self, id: UUID, who: Person, response: Response) -> InvoiceView:
        """The invoice as it is stored. Its ETag is the version."""
        stored = await self.invoices.renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        invoice, version = await self.invoices.of(stored.state)
        response.headers["etag"] = f'"{version}"'
        warnings = await self.invoices.warnings(invoice, stored.state) if who.is_vendor else None
        return InvoiceView.of(invoice, stored.state, self.lookup_url, warnings)


def invoice_routers(invoices: InvoiceService, lookup_url: str, verifier: TokenVerifier) -> list[APIRouter]:
    answers = InvoiceAnswers(invoices, lookup_url)
    return [
        invoice_routes(answers, verifier),
        invoice_desk_routes(answers, verifier),
        invoice_record_routes(answers, verifier),
    ]


def invoice_routes(answers: InvoiceAnswers, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/invoice")
    anyone = Depends(require_person(verifier))
    theirs = Depends(author(verifier, Role.RENEWER, Role.DESK))

    @routes.get("")
    async def invoice(id: UUID, who: Annotated[Person, anyone], response: Response) -> InvoiceView:
        """Who the invoice of the registration is for, and what was issued."""
        return await answers.of(id, who, response)

    @routes.put("")
    async def change(
        id: UUID, body: InvoiceChangeRequest, by: Annotated[Author, theirs], response: Response
    ) -> InvoiceView:
        """Changes the buyer or the wanted date, until the invoice is issued."""
        with refusals():
            if by.who.is_desk and not body.reason:
                raise RenewalError("reason-missing")
            await answers.invoices.change(id, body.details, body.reason or "", by)
        return await answers.of(id, by.who, response)

    @routes.get("/files/{sha256}")
    async def file(id: UUID, sha256: Sha256, who: Annotated[Person, anyone]) -> Response:
        """A file of one of the registration's invoices, for download."""
        stored = await answers.invoices.renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        with refusals():
            return invoice_file_response(*await answers.invoices.file(stored.state, sha256))

    return routes


def invoice_desk_routes(answers: InvoiceAnswers, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/invoice")
    clerk = Depends(author(verifier, Role.DESK))

    @routes.post("/request")
    async def request(id: UUID, by: Annotated[Author, clerk], response: Response) -> InvoiceView:
        """Requests the invoice before the contract is in force, or again after it was cancelled."""
        with refusals():
            await answers.invoices.request(id, by)
        return await answers.of(id, by.who, response)

    @routes.post("/cancellation")
    async def cancel(
        id: UUID, body: ReasonRequest, by: Annotated[Author, clerk], response: Response
    ) -> InvoiceView:
        """The invoice isn't to be issued. The office reads the reason."""
        with refusals():
            await answers.invoices.cancel(id, body.reason, by)
        return await answers.of(id, by.who, response)

    @routes.post("/look")
    async def clear_look(
        id: UUID, body: ReasonRequest, by: Annotated[Author, clerk], response: Response
    ) -> InvoiceView:
        """A clerk looked at the issued invoice (`look_since`): nothing is left to do. Only the vendor reads
        the reason."""
        with refusals():
            await answers.invoices.clear_look(id, body.reason, by)
        return await answers.of(id, by.who, response)

    return routes


def invoice_record_routes(answers: InvoiceAnswers, verifier: TokenVerifier) -> APIRouter:
    routes, invoices = APIRouter(), answers.invoices
    issuers = (Role.EINVOICE, Role.DESK)
    issuer, recorder = Depends(require_person(verifier, *issuers)), Depends(author(verifier, *issuers))

    @routes.get(RECORDS)
    async def waiting(who: Annotated[Person, issuer], after: UUID | None = None) -> list[InvoiceView]:
        """The requests that wait to be issued, the longest waiting first; at most 200. `after`: the
        `renewal_id` of the last one of the page before, for the next page."""
        with refusals():
            found = await invoices.waiting(_MOST, after)
        return [
            InvoiceView.of(each.invoice, each.renewal, answers.lookup_url, each.warnings) for each in found
        ]

    @routes.post(RECORDS)
    async def record(request: Request, by: Annotated[Author, recorder]) -> RecordedInvoiceView:
        """Records an invoice that was issued, adjusted or replaced. The body is an InvoiceRecord:
        renewal_id, kind (original, adjustment, replacement), symbol, number, dated, lookup_code, lookup_url,
        total, request_revision, reason, files (PDF and XML in base64, up to 5 MB each)."""
        body = await asyncio.to_thread(_read, await whole_body(request, LARGEST))
        with refusals():
            return RecordedInvoiceView.of(await invoices.record(body.renewal_id, body.entry, body.files, by))

    @routes.post(FILES)
    async def add_file(
        id: UUID, invoice_id: UUID, request: Request, by: Annotated[Author, recorder]
    ) -> RecordedInvoiceView:
        """A file that came later. The body is the PDF or the XML itself."""
        upload = await whole_body(request, LARGEST_FILE)
        with refusals():
            return RecordedInvoiceView.of(await invoices.add_file(id, invoice_id, upload, by))

    return routes


def author(verifier: TokenVerifier, *roles: Role) -> Callable[..., Awaitable[Author]]:
    """A FastAPI dependency: the Author of a request, who must have one of `roles`."""
    person = Depends(require_person(verifier, *roles))

    async def read(who: Annotated[Person, person], key: RequiredIdempotencyKey, seen: Seen = None) -> Author:
        return Author(who, key, int(seen.strip('"')) if seen else None)

    return read


def _read(body: bytes) -> InvoiceRecord:
    """The body isn't a parameter of the route because it may be large: it is read only after the sender is
    known. Use it in a thread: large files in base64 take long."""
    try:
        return InvoiceRecord.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in problems]) from None
