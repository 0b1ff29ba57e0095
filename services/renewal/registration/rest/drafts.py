"""HTTP: an office's draft, and its review before registering."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.registration.draft import Draft
from services.renewal.registration.drafts import DraftMoved, Drafts
from services.renewal.registration.rest.views import DraftView, ReviewView
from services.renewal.rest.requests import refusals
from services.renewal.texts import REFUSALS
from shared.storage.aggregate import Stored
from shared.web.people import Person, Role, TokenVerifier, require_person
from shared.web.problems import Problem

Version = Annotated[str, Header(alias="If-Match", pattern=r'^"\d{1,9}"$')]
"""The draft's version, from its ETag."""


class DraftFields(BaseModel):
    """The form's inputs by name, as typed. A missing one is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, str] = Field(max_length=100)


def draft_routes(drafts: Drafts, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/products/{product_code}")
    anyone = Depends(require_person(verifier))
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.get("/draft")
    async def read(
        office_ref: str, product_code: str, who: Annotated[Person, anyone], response: Response
    ) -> DraftView:
        """The office's draft for the current term. A new one is prefilled from the licence."""
        with refusals():
            return _seen(await drafts.open(office_ref, product_code, who), response)

    @routes.put("/draft")
    async def save(
        office_ref: str,
        product_code: str,
        body: DraftFields,
        version: Version,
        who: Annotated[Person, theirs],
        response: Response,
    ) -> DraftView:
        """Saves what was typed, errors included. 409 returns the version that somebody else saved in the
        meantime."""
        with refusals(), _draft_moved():
            saved = await drafts.save(office_ref, product_code, body.fields, int(version.strip('"')), who)
            return _seen(saved, response)

    @routes.delete("/draft", status_code=204)
    async def discard(
        office_ref: str, product_code: str, version: Version, who: Annotated[Person, theirs]
    ) -> None:
        """Replaces the draft by a new one from the licence."""
        with refusals(), _draft_moved():
            await drafts.discard(office_ref, product_code, int(version.strip('"')), who)

    @routes.post("/review")
    async def review(
        office_ref: str, product_code: str, who: Annotated[Person, anyone], body: DraftFields | None = None
    ) -> ReviewView:
        """The registration that these fields, or the draft, would make today. Registers and saves nothing."""
        with refusals():
            if body:
                return ReviewView.of(await drafts.review_fields(office_ref, product_code, body.fields, who))
            return ReviewView.of(await drafts.review(office_ref, product_code, who))

    return routes


def draft_copy_routes(drafts: Drafts, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.post("/{id}/again")
    async def fill(
        id: UUID, version: Version, who: Annotated[Person, theirs], response: Response
    ) -> DraftView:
        """Fills the office's draft from a cancelled or refused registration. Registers nothing."""
        with refusals(), _draft_moved():
            return _seen(await drafts.copy_registration(id, int(version.strip('"')), who), response)

    return routes


def _seen(stored: Stored[Draft], response: Response) -> DraftView:
    response.headers["etag"] = f'"{stored.version}"'
    return DraftView.of(stored)


@contextmanager
def _draft_moved() -> Iterator[None]:
    try:
        yield
    except DraftMoved as moved:
        status, title = REFUSALS["draft-moved"]
        newer = DraftView.of(moved.newer).model_dump(mode="json")
        raise Problem(status, "draft-moved", title, draft=newer) from None
