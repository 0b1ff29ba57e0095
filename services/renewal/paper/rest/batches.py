"""HTTP: the desk enters the day's post in batches, and closes the batches."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.paper.entry import ManualInput
from services.renewal.domain.paper.postal_date import Post
from services.renewal.paper.intake import Intake
from services.renewal.paper.rest.views import BatchView, EnteredView, EntryView, PreviewView
from services.renewal.rest.requests import refusals
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

PATH = "/v1/desk/batches"
_MOST = 50


class EntryRequest(BaseModel):
    """A form to enter. `code`: as the hand scanner types it, or a registration's number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(min_length=1, max_length=100)
    envelope: int | None = Field(None, ge=1, le=99_999)
    postmarked_on: date | None = None


def batch_routes(intake: Intake, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=PATH)
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.post("", status_code=201)
    async def open_(post: Post, who: Annotated[Person, clerk], key: IdempotencyKey = None) -> BatchView:
        """Opens a batch. Nothing in it has an effect before it is closed."""
        with refusals():
            batch = await intake.open(post, who, key=key)
            return BatchView.of(batch, await intake.tally(batch.id))

    @routes.get("")
    async def newest(who: Annotated[Person, clerk]) -> list[BatchView]:
        """At most 50 batches, the newest first."""
        found = await intake.batches.newest(_MOST)
        return [BatchView.of(batch, await intake.tally(batch.id)) for batch in found]

    @routes.get("/{batch}")
    async def one(batch: UUID, who: Annotated[Person, clerk]) -> BatchView:
        with refusals():
            return BatchView.of(await intake.batches.batch(batch), await intake.tally(batch))

    @routes.get("/{batch}/closing")
    async def preview(batch: UUID, who: Annotated[Person, clerk]) -> PreviewView:
        """The outcome if the batch were closed now."""
        with refusals():
            await intake.batches.batch(batch)
        return PreviewView.of(await intake.lines(batch), await intake.tally(batch))

    @routes.post("/{batch}/closing")
    async def close(batch: UUID, who: Annotated[Person, clerk]) -> BatchView:
        """Closes the batch. Its forms are then received or refused in the background. Closing it again
        changes nothing."""
        with refusals():
            return BatchView.of(await intake.close(batch, who), await intake.tally(batch))

    return routes


def entry_routes(intake: Intake, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=f"{PATH}/{{batch}}/entries")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.post("", status_code=201)
    async def enter(
        batch: UUID, body: EntryRequest, who: Annotated[Person, clerk], key: IdempotencyKey = None
    ) -> EnteredView:
        """Enters a form by its code, and returns the expected outcome. The same form again returns the
        existing entry."""
        input = ManualInput(by=who.sub, envelope=body.envelope, postmarked_on=body.postmarked_on)
        with refusals():
            entered = await intake.enter(batch, body.code, input, key=key)
        seen = EntryView.of(await intake.line(entered.entry))
        return EnteredView(**dict(seen), fresh=entered.fresh)

    @routes.get("")
    async def all_(batch: UUID, who: Annotated[Person, clerk]) -> list[EntryView]:
        """The batch's entries that aren't undone, the newest first."""
        with refusals():
            await intake.batches.batch(batch)
        return [EntryView.of(line) for line in await intake.lines(batch)]

    @routes.delete("/{entry}", status_code=204)
    async def undo(batch: UUID, entry: UUID, who: Annotated[Person, clerk]) -> None:
        """Undoes the entry. Possible while the batch is open."""
        with refusals():
            await intake.undo(batch, entry, who)

    return routes
