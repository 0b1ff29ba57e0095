"""HTTP: the office uploads a scan or photo of its stamped form before the original comes by post.

The body is the file: PDF, JPEG or PNG, up to 20 MB and 20 pages.
"""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.renewal.domain.renewal import Renewal
from services.renewal.paper.copy import CopyService
from services.renewal.rest.requests import refusals
from services.renewal.rest.views import RegistrationView
from services.renewal.scans.limits import ONE_FORM
from services.renewal.scans.scanned_form import ScannedForm
from shared.web.body_limit import whole_body
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

COPY = "/v1/registrations/{id}/paper/copy"


class ScanView(RegistrationView):
    """The registration with the copy. `code_read`: the form's own code was found. `remarks` say what is
    unusual about the pictures: `low_resolution` (under 200 dpi), `several_codes`."""

    code_read: bool
    remarks: list[str]

    @classmethod
    def after(cls, renewal: Renewal, form: ScannedForm) -> Self:
        known = RegistrationView.of(renewal).model_dump()
        return cls(**known, code_read=form.code is not None, remarks=sorted(form.remarks))


def copy_routes(copies: CopyService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK, cost=4))

    @routes.post(COPY)
    async def show(
        id: UUID, request: Request, who: Annotated[Person, theirs], key: IdempotencyKey = None
    ) -> ScanView:
        """Uploads a copy of the stamped form. The same picture again changes nothing."""
        upload = await whole_body(request, ONE_FORM.bytes)
        with refusals():
            return ScanView.after(*await copies.upload(id, upload, who, key=key))

    return routes
