"""HTTP: scans and photos of a stamped form, from the office beforehand and from the desk when it came.

The body is the file: PDF, JPEG or PNG, to 20 MB and 20 pages.
"""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.renewal.desk import Asked
from services.renewal.domain.post import Post
from services.renewal.domain.renewal import Renewal
from services.renewal.rest.asking import Key, refusals
from services.renewal.rest.views import RegistrationView
from services.renewal.scanned import LIMITS, ScannedForm
from services.renewal.showing import Showing
from services.renewal.taking_in import TakingIn
from shared.body_limit import whole_body
from shared.people import Keys, Person, Role, asking

COPY = "/v1/registrations/{id}/paper/copy"
PAPER = "/v1/registrations/{id}/paper"


class ScanView(RegistrationView):
    """`code_read`: the form's own code was found. `remarks` say what is odd about the pictures:
    `low_resolution` (under 200 dots to an inch), `several_codes`."""

    code_read: bool
    remarks: list[str]

    @classmethod
    def after(cls, renewal: Renewal, form: ScannedForm) -> Self:
        known = RegistrationView.of(renewal).model_dump()
        return cls(**known, code_read=form.code is not None, remarks=sorted(form.remarks))


def showing(shown: Showing, keys: Keys) -> APIRouter:
    routes = APIRouter()
    theirs = Depends(asking(keys, Role.RENEWER, Role.DESK))

    @routes.post(COPY)
    async def show(id: UUID, request: Request, who: Annotated[Person, theirs], key: Key = None) -> ScanView:
        """The office shows its stamped form; the same picture again changes nothing."""
        upload = await whole_body(request, LIMITS.bytes)
        with refusals():
            return ScanView.after(*await shown.show(id, upload, who, key=key))

    return routes


def taking_in(taken: TakingIn, keys: Keys) -> APIRouter:
    routes = APIRouter()
    clerk = Depends(asking(keys, Role.DESK))

    @routes.post(PAPER)
    async def take_in(
        id: UUID,
        request: Request,
        who: Annotated[Person, clerk],
        received_on: date,
        postmarked_on: date | None = None,
        key: Key = None,
    ) -> ScanView:
        """The stamped form came by post on `received_on`; the desk judges it next."""
        upload = await whole_body(request, LIMITS.bytes)
        post = Post(received_on=received_on, postmarked_on=postmarked_on)
        with refusals():
            return ScanView.after(*await taken.take_in(Asked(id, who, key=key), post, upload))

    return routes
