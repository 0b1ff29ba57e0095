"""Many registrations at once: ticked in the queue, looked at, then decided."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.desk.bulk import MOST, MOST_PICKED, BulkOutcome, Picked
from services.renewal.desk.pages.view import Board, InvalidDecision, verdict_of
from services.renewal.domain.desk.verdict import DECIDABLE, REASONED
from services.renewal.pages.desk_guard import DeskGuard
from services.renewal.pages.door import FormSubmission, missing
from shared.ids import fresh

_PICK = "pick."


def bulk_pages(board: Board, door: DeskGuard) -> APIRouter:
    routes, writing = board.routes(), Depends(door.letter)

    async def look(request: Request, letter: FormSubmission, wrong: str = "") -> Response:
        picked = _picked(letter)
        step = next((step for step in DECIDABLE if step == letter.get("step")), None)
        if step is None:
            raise missing()
        values = {
            "step": step,
            "reasoned": step in REASONED,
            "outcomes": await board.bulk.preview(picked, step, letter.visitor.person),
            "key": letter.get("key") or fresh(),
            "typed": {name: letter.get(name) for name in ("reason", "returned")},
            "done": False,
        }
        return board.page(request, "desk_bulk.html", letter.visitor, values, wrong)

    @routes.post("/bulk")
    async def preview(request: Request, letter: Annotated[FormSubmission, writing]) -> Response:
        return await look(request, letter)

    @routes.post("/bulk/decide")
    async def decide(request: Request, letter: Annotated[FormSubmission, writing]) -> Response:
        """The first part of those picked; the page goes on with the rest, one click a part.

        The page's key lets it be sent again: what is decided already isn't again. Nobody goes on: the rest is
        as it was."""
        if not letter.get("key"):
            raise missing()
        try:
            verdict = verdict_of(letter, board.site.words(request))
        except InvalidDecision as unfit:
            return await look(request, letter, unfit.text)
        person, picked = letter.visitor.person, _picked(letter)
        outcomes = await board.bulk.decide(picked[:MOST], verdict, person, letter.get("key"))
        return _told(request, letter, outcomes, picked[MOST:])

    def _told(
        request: Request, letter: FormSubmission, outcomes: list[BulkOutcome], rest: list[Picked]
    ) -> Response:
        verdict = {name: letter.get(name) for name in ("step", "key", "reason", "returned")}
        values = {"outcomes": outcomes, "done": True, "rest": rest, "verdict": verdict}
        return board.page(request, "desk_bulk.html", letter.visitor, values)

    return routes


def _picked(letter: FormSubmission) -> list[Picked]:
    """Fields `pick.ID`, each with the version that was on the screen. Raises a 404 problem."""
    found = {name.removeprefix(_PICK): seen for name, seen in letter.fields.items() if name.startswith(_PICK)}
    try:
        return [Picked(id=UUID(id), seen=int(seen)) for id, seen in list(found.items())[:MOST_PICKED]]
    except (ValueError, ValidationError):
        raise missing() from None
