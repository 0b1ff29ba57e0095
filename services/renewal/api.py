"""HTTP: an office registers and follows its renewal, the desk accepts, both read the documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from services.renewal.desk import Desk
from services.renewal.domain.declaration import Declaration
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.text import Item
from services.renewal.store import Renewals
from services.renewal.texts import REFUSALS
from services.renewal.views import RegistrationView, field_errors
from shared.documents import Documents
from shared.events.base import SendBy
from shared.people import Keys, Person, Role, asking, forbidden
from shared.problems import Problem

_VENDOR = {Role.DESK, Role.OPS}


class RegistrationRequest(Declaration):
    """What an office declares, for which product, and how it sends the form."""

    office_ref: str = Field(min_length=1, max_length=64)
    product_code: str = Field(min_length=1, max_length=50)
    send_by: Literal[SendBy.ELECTRONIC]


class Acceptance(BaseModel):
    reason: Item


def registrations(desk: Desk, renewals: Renewals, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    anyone = Depends(asking(keys))
    registering = Depends(asking(keys, Role.RENEWER, Role.DESK))
    deciding = Depends(asking(keys, Role.DESK))

    @routes.post("/registrations", status_code=201)
    async def register(
        asked: RegistrationRequest, who: Annotated[Person, registering], response: Response
    ) -> RegistrationView:
        """Registers and issues the form. 409 names the registration that stands in the way."""
        _only_of(asked.office_ref, who)
        with _refusals():
            renewal, warnings = await desk.register(asked.office_ref, asked.product_code, asked)
        response.headers["location"] = f"/v1/registrations/{renewal.registration.renewal_id}"
        return RegistrationView.of(renewal, warnings)

    @routes.get("/registrations/{id}")
    async def one(id: UUID, who: Annotated[Person, anyone]) -> RegistrationView:
        stored = await renewals.load(id)
        if stored is None or not _may_see(who, stored.state):
            raise _unknown()
        return RegistrationView.of(stored.state)

    @routes.get("/registrations")
    async def history(office_ref: str, who: Annotated[Person, anyone]) -> list[RegistrationView]:
        """An office's registrations, the newest first."""
        _only_of(office_ref, who)
        return [RegistrationView.of(renewal) for renewal in await renewals.of_office(office_ref)]

    @routes.post("/registrations/{id}/accept")
    async def accept(id: UUID, asked: Acceptance, who: Annotated[Person, deciding]) -> RegistrationView:
        with _refusals():
            return RegistrationView.of(await desk.accept(id, who.sub, asked.reason))

    return routes


def dossiers(renewals: Renewals, documents: Documents, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    anyone = Depends(asking(keys))

    @routes.get("/documents/{sha256}")
    async def document(
        sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], who: Annotated[Person, anyone]
    ) -> Response:
        """The bytes, to those who may see a renewal that has the document in its dossier."""
        for stored in await renewals.with_document(sha256):
            if _may_see(who, stored.state):
                return _file(stored.state, sha256, await documents.get(sha256))
        raise _unknown()

    return routes


def _only_of(office_ref: str, who: Person) -> None:
    """The vendor's people, and the office's own."""
    if not (who.roles & _VENDOR or who.belongs_to(office_ref)):
        raise forbidden()


def _may_see(who: Person, renewal: Renewal) -> bool:
    return bool(who.roles & _VENDOR) or who.belongs_to(renewal.registration.office_ref)


def _file(renewal: Renewal, sha256: str, data: bytes) -> Response:
    ref = next(paper.document for paper in renewal.dossier if paper.document.sha256 == sha256)
    headers = {
        "content-disposition": f"inline; filename*=UTF-8''{quote(ref.name)}",
        "etag": f'"{sha256}"',
        "cache-control": "private, max-age=86400, immutable",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=ref.media_type, headers=headers)


def _unknown() -> Problem:
    """Told to strangers as well, so that it doesn't show whether there is something to see."""
    status, title = REFUSALS["registration-unknown"]
    return Problem(status, "registration-unknown", title)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        status, title = REFUSALS[refused.name]
        errors = field_errors(refused.faults)
        raise Problem(status, refused.name, title, errors, **refused.about) from None
