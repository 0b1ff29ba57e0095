"""HTTP: an office shows its stamped form before the original comes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.renewal.rest.asking import Key, refusals
from services.renewal.rest.views import RegistrationView
from services.renewal.showing import LIMITS, Showing
from shared.body_limit import whole_body
from shared.people import Keys, Person, Role, asking

PATH = "/v1/registrations/{id}/paper/copy"


class CopyView(RegistrationView):
    """`remarks` say what is odd about the pictures: `low_resolution` (under 200 dots to an inch),
    `several_codes`."""

    remarks: list[str]


def showing(shown: Showing, keys: Keys) -> APIRouter:
    routes = APIRouter()
    theirs = Depends(asking(keys, Role.RENEWER, Role.DESK))

    @routes.post(PATH)
    async def show(id: UUID, request: Request, who: Annotated[Person, theirs], key: Key = None) -> CopyView:
        """The body is the file: PDF, JPEG or PNG, to 20 MB. The same picture again changes nothing."""
        upload = await whole_body(request, LIMITS.bytes)
        with refusals():
            renewal, remarks = await shown.show(id, upload, who, key=key)
        return CopyView(**RegistrationView.of(renewal).model_dump(), remarks=sorted(remarks))

    return routes
