"""HTTP: an office's draft, and what it would come to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.registration.draft import Draft
from services.renewal.refusal_texts import REFUSALS
from services.renewal.registration.drafts import DraftMoved, Drafts
from services.renewal.registration.rest.views import DraftView, ReviewView
from services.renewal.rest.requests import refusals
from shared.storage.aggregate import Stored
from shared.web.people import Keys, Person, Role, require_person
from shared.web.problems import Problem

Version = Annotated[str, Header(alias="If-Match", pattern=r'^"\d{1,9}"$')]
"""The draft's version, as its ETag told it."""


class Fields(BaseModel):
    """The form's inputs by name, as typed; one that isn't given is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, str] = Field(max_length=100)


def router(drafts: Drafts, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/products/{product_code}")
    anyone = Depends(require_person(keys))
    theirs = Depends(require_person(keys, Role.RENEWER, Role.DESK))

    @routes.get("/draft")
    async def read(
        office_ref: str, product_code: str, who: Annotated[Person, anyone], response: Response
    ) -> DraftView:
        """The office's draft for the present term, prefilled from its licence on first use."""
        with refusals():
            return _seen(await drafts.open(office_ref, product_code, who), response)

    @routes.put("/draft")
    async def save(
        office_ref: str,
        product_code: str,
        asked: Fields,
        version: Version,
        who: Annotated[Person, theirs],
        response: Response,
    ) -> DraftView:
        """Keeps what was typed, faults and all. 409 brings the version that somebody else saved meanwhile."""
        with refusals(), _moves():
            saved = await drafts.save(office_ref, product_code, asked.fields, int(version.strip('"')), who)
            return _seen(saved, response)

    @routes.delete("/draft", status_code=204)
    async def discard(
        office_ref: str, product_code: str, version: Version, who: Annotated[Person, theirs]
    ) -> None:
        """The next one begins from the licence."""
        with refusals(), _moves():
            await drafts.discard(office_ref, product_code, int(version.strip('"')), who)

    @routes.post("/review")
    async def review(
        office_ref: str, product_code: str, who: Annotated[Person, anyone], asked: Fields | None = None
    ) -> ReviewView:
        """What these fields, or the draft, would come to today. Registers and keeps nothing."""
        with refusals():
            if asked:
                return ReviewView.of(await drafts.look(office_ref, product_code, asked.fields, who))
            return ReviewView.of(await drafts.review(office_ref, product_code, who))

    return routes


def draft_copy_routes(drafts: Drafts, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    theirs = Depends(require_person(keys, Role.RENEWER, Role.DESK))

    @routes.post("/{id}/again")
    async def fill(
        id: UUID, version: Version, who: Annotated[Person, theirs], response: Response
    ) -> DraftView:
        """The office's draft, filled in as a cancelled or refused registration was. Registers nothing."""
        with refusals(), _moves():
            return _seen(await drafts.again(id, int(version.strip('"')), who), response)

    return routes


def _seen(stored: Stored[Draft], response: Response) -> DraftView:
    response.headers["etag"] = f'"{stored.version}"'
    return DraftView.of(stored)


@contextmanager
def _moves() -> Iterator[None]:
    try:
        yield
    except DraftMoved as moved:
        status, title = REFUSALS["draft-moved"]
        newer = DraftView.of(moved.newer).model_dump(mode="json")
        raise Problem(status, "draft-moved", title, draft=newer) from None
