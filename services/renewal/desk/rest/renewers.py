"""HTTP: the desk appoints another renewer for an office, with evidence, or withdraws the appointment.

`If-Match` with the version on the screen (`"0"` where nobody was ever appointed) prevents two clerks from
overwriting each other. The idempotency key prevents one clerk from doing it twice.
"""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Base64Bytes, BaseModel, ValidationError

from services.renewal.desk.renewers import AppointmentRequest, RenewerAppointments
from services.renewal.domain.desk.appointment import RenewerAppointment, RenewerDetails
from services.renewal.domain.refusal import RenewalError
from services.renewal.rest.requests import ReasonRequest, Seen, refusals
from services.renewal.scans.limits import EVIDENCE
from shared.events.base import DocumentRef
from shared.storage.aggregate import Stored
from shared.storage.documents import Documents
from shared.web.body_limit import whole_body
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

RENEWER = "/v1/offices/{office_ref}/renewer"
LARGEST = EVIDENCE.bytes * 4 // 3 + 64 * 1024
"""The largest request body in bytes: the evidence in base64, and the other fields."""


class RenewerRequest(RenewerDetails):
    """`evidence` is a PDF, JPEG or PNG in base64."""

    evidence: Base64Bytes


class RenewerView(BaseModel):
    user_ref: str
    name: str
    title: str
    email: str
    reason: str
    evidence: DocumentRef
    by: str
    at: datetime


class AppointmentView(BaseModel):
    """`renewer` is null where nobody is appointed. Send `version` back as If-Match."""

    office_ref: str
    version: int
    renewer: RenewerView | None

    @classmethod
    def of(cls, office_ref: str, stored: Stored[RenewerAppointment] | None) -> Self:
        named = stored.state.renewer if stored else None
        view = RenewerView(**named.model_dump()) if named else None
        return cls(office_ref=office_ref, version=stored.version if stored else 0, renewer=view)


def renewer_routes(
    appointments: RenewerAppointments, documents: Documents, verifier: TokenVerifier
) -> APIRouter:
    routes = APIRouter(prefix=RENEWER)
    clerk = Depends(require_person(verifier, Role.DESK))

    async def appointment_request(
        office_ref: str, who: Annotated[Person, clerk], seen: Seen = None, key: IdempotencyKey = None
    ) -> AppointmentRequest:
        return AppointmentRequest(office_ref, who, int(seen.strip('"')) if seen else None, key)

    request = Depends(appointment_request)

    @routes.get("")
    async def one(office_ref: str, who: Annotated[Person, clerk]) -> AppointmentView:
        with refusals():
            return AppointmentView.of(office_ref, await appointments.of(office_ref))

    @routes.put("")
    async def appoint(request: Request, change: Annotated[AppointmentRequest, request]) -> AppointmentView:
        """Appoints the renewer, in place of the one before. The body is a RenewerRequest: user_ref, name,
        title, email, reason, evidence (PDF, JPEG or PNG in base64, up to 20 MB and 20 pages)."""
        details, upload = _read(await whole_body(request, LARGEST))
        with refusals():
            return AppointmentView.of(change.office_ref, await appointments.appoint(change, details, upload))

    @routes.post("/withdrawal")
    async def withdraw(
        change: Annotated[AppointmentRequest, request], body: ReasonRequest
    ) -> AppointmentView:
        """Withdraws the appointment. 409 where nobody is appointed."""
        with refusals():
            return AppointmentView.of(change.office_ref, await appointments.withdraw(change, body.reason))

    @routes.get("/evidence")
    async def evidence(office_ref: str, who: Annotated[Person, clerk]) -> Response:
        """The document that proves why the appointed person may renew."""
        with refusals():
            stored = await appointments.of(office_ref)
            if stored is None or stored.state.renewer is None:
                raise RenewalError("nobody-named")
        ref = stored.state.renewer.evidence
        headers = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}
        return Response(await documents.get(ref.sha256), media_type=ref.media_type, headers=headers)

    return routes


def _read(body: bytes) -> tuple[RenewerDetails, bytes]:
    """The body isn't a parameter of the route because it may be large: it is read only after the person is
    known to be of the desk."""
    try:
        sent = RenewerRequest.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in problems]) from None
    return RenewerDetails(**sent.model_dump(exclude={"evidence"})), sent.evidence
