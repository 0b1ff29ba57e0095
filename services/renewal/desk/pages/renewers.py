"""Pages on which the desk appoints another renewer for an office, with evidence, or withdraws this."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.pages.board import Board
from services.renewal.desk.renewers import AppointmentRequest, RenewerAppointments
from services.renewal.domain.desk.appointment import RenewerDetails
from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.paths import OfficeRef
from services.renewal.pages.urls import PATH
from services.renewal.scans.limits import EVIDENCE
from services.renewal.texts import REFUSALS
from shared.ids import fresh
from shared.storage.documents import Documents
from shared.text.i18n import Text
from shared.text.names import Item
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FileSubmission, FormSubmission, not_found
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords

_REASON: TypeAdapter[str] = TypeAdapter(Item)
FIELDS = ("user_ref", "name", "title", "email", "reason")
LARGER = {f"{PATH}/desk/offices/{{office_ref}}/renewer": EVIDENCE.bytes + 64 * 1024}
"""The largest request body of the form with a file, in bytes, by path."""
_HEADERS = {
    "content-security-policy": "frame-ancestors 'self'",
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
}


class InvalidRenewer(Exception):
    """The form can't be accepted: what is wrong, by field, in the visitor's language."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class RenewerPage:
    board: Board
    appointments: RenewerAppointments
    documents: Documents

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk/offices/{{office_ref}}/renewer"
        route_class = self.board.site.route_class()
        return APIRouter(prefix=prefix, route_class=route_class, include_in_schema=False)

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        office_ref: str,
        *,
        typed: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        said: str = "",
    ) -> Response:
        """`wrong`: errors by field; an error of the whole form is under "office"."""
        office = await self.appointments.office(office_ref)
        stored = await self.appointments.of(office_ref)
        values = {
            "office": {"ref": office_ref, "name": office[0].name},
            "named": stored.state.renewer if stored else None,
            "seen": stored.version if stored else 0,
            "fields": FIELDS,
            "typed": dict.fromkeys((*FIELDS, "withdrawal"), "") | dict(typed or {}),
            "errors": dict(wrong or {}),
            "key": fresh(),
            "said": said,
            "tab": "offices",
        }
        first = next(iter(wrong.values())) if wrong else ""
        return self.board.page(request, "desk/renewer.html", visitor, values, first)


def renewer_pages(page: RenewerPage, guard: DeskGuard) -> APIRouter:
    routes, visiting = page.routes(), Depends(guard.visitor)

    @routes.get("")
    async def look(
        request: Request,
        office_ref: OfficeRef,
        visitor: Annotated[Visitor, visiting],
        said: Literal["", "named", "withdrawn"] = "",
    ) -> Response:
        return await page.show(request, visitor, office_ref, said=said)

    @routes.get("/evidence")
    async def evidence(office_ref: OfficeRef, visitor: Annotated[Visitor, visiting]) -> Response:
        stored = await page.appointments.of(office_ref)
        if stored is None or stored.state.renewer is None:
            raise not_found()
        ref = stored.state.renewer.evidence
        data = await page.documents.get(ref.sha256)
        return Response(data, media_type=ref.media_type, headers=_HEADERS)

    return routes


def appointment_pages(page: RenewerPage, guard: DeskGuard) -> APIRouter:
    routes = page.routes()

    @routes.post("")
    async def name(
        request: Request,
        office_ref: OfficeRef,
        upload: Annotated[FileSubmission, Depends(guard.file_submission)],
    ) -> Response:
        submission, words = upload.submission, page.board.site.words(request)
        typed = {field: submission.get(field).strip() for field in FIELDS}
        appointment = _request(office_ref, submission)
        try:
            details = _read_details(typed, upload.file, words)
            await page.appointments.appoint(appointment, details, upload.file or b"")
        except InvalidRenewer as unfit:
            return await page.show(request, submission.visitor, office_ref, typed=typed, wrong=unfit.errors)
        except RenewalError as refused:
            wrong = _refusal_errors(refused, words)
            return await page.show(request, submission.visitor, office_ref, typed=typed, wrong=wrong)
        return RedirectResponse(f"{urls.renewer(office_ref)}?said=named", 303)

    return routes


def withdrawal_pages(page: RenewerPage, guard: DeskGuard) -> APIRouter:
    routes = page.routes()

    @routes.post("/withdraw")
    async def withdraw(
        request: Request,
        office_ref: OfficeRef,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
    ) -> Response:
        words, appointment = page.board.site.words(request), _request(office_ref, submission)
        typed = {"withdrawal": submission.get("reason")}
        try:
            await page.appointments.withdraw(appointment, _REASON.validate_python(submission.get("reason")))
        except ValidationError as error:
            wrong = {"withdrawal": next(iter(_field_errors(error, words).values()))}
            return await page.show(request, submission.visitor, office_ref, typed=typed, wrong=wrong)
        except RenewalError as refused:
            wrong = _refusal_errors(refused, words)
            return await page.show(request, submission.visitor, office_ref, typed=typed, wrong=wrong)
        return RedirectResponse(f"{urls.renewer(office_ref)}?said=withdrawn", 303)

    return routes


def _read_details(typed: Mapping[str, str], file: bytes | None, words: PageWords) -> RenewerDetails:
    """Raises InvalidNaming with all errors, including that no file was chosen."""
    errors = {} if file else {"file": words("show.empty")}
    try:
        details = RenewerDetails.model_validate(typed)
    except ValidationError as error:
        raise InvalidRenewer(_field_errors(error, words) | errors) from None
    if errors:
        raise InvalidRenewer(errors)
    return details


def _request(office_ref: str, submission: FormSubmission) -> AppointmentRequest:
    return AppointmentRequest(office_ref, submission.visitor.person, *submission.seen_and_key())


def _field_errors(error: ValidationError, words: PageWords) -> dict[str, str]:
    """The first error of each field."""
    found: dict[str, str] = {}
    for each in error.errors(include_input=False, include_url=False):
        context = each.get("ctx", {})
        text = (
            words.pick(Text(context["vi"], context["en"]))
            if "vi" in context
            else words("renewer.user_ref_wrong")
        )
        found.setdefault(str(each["loc"][0] if each["loc"] else ""), text)
    return found


def _refusal_errors(refused: RenewalError, words: PageWords) -> dict[str, str]:
    if refused.errors:
        return {"file": words.pick(refused.errors[0].message)}
    return {"office": words.pick(REFUSALS[refused.name][1])}
