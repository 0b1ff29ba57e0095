"""Pages of bulk decisions: ticked in the queue, previewed, then decided."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.desk.bulk import MOST, MOST_PICKED, BulkOutcome, Picked
from services.renewal.desk.pages.board import Board, InvalidDecision, verdict_of
from services.renewal.domain.desk.verdict import QUEUE_DECISIONS, REASONED
from shared.ids import fresh
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found

_PICK = "pick."


def bulk_pages(board: Board, guard: DeskGuard) -> APIRouter:
    routes, writing = board.routes(), Depends(guard.submission)

    async def look(request: Request, submission: FormSubmission, wrong: str = "") -> Response:
        picked = _picked(submission)
        step = next((step for step in QUEUE_DECISIONS if step == submission.get("step")), None)
        if step is None:
            raise not_found()
        values = {
            "step": step,
            "reasoned": step in REASONED,
            "outcomes": await board.bulk.preview(picked, step, submission.visitor.person),
            "key": submission.get("key") or fresh(),
            "typed": {name: submission.get(name) for name in ("reason", "returned")},
            "done": False,
        }
        return board.page(request, "desk/bulk.html", submission.visitor, values, wrong)

    @routes.post("/bulk")
    async def preview(request: Request, submission: Annotated[FormSubmission, writing]) -> Response:
        return await look(request, submission)

    @routes.post("/bulk/decide")
    async def decide(request: Request, submission: Annotated[FormSubmission, writing]) -> Response:
        """Decides the first part of the picked registrations. The page offers the next part, one click each.

        The page's key makes it safe to send again: decided registrations aren't decided twice. If nobody
        clicks on, the rest stays unchanged."""
        if not submission.get("key"):
            raise not_found()
        try:
            verdict = verdict_of(submission, board.site.words(request))
        except InvalidDecision as unfit:
            return await look(request, submission, unfit.text)
        person, picked = submission.visitor.person, _picked(submission)
        outcomes = await board.bulk.decide(picked[:MOST], verdict, person, submission.get("key"))
        return _report(request, submission, outcomes, picked[MOST:])

    def _report(
        request: Request, submission: FormSubmission, outcomes: list[BulkOutcome], rest: list[Picked]
    ) -> Response:
        verdict = {name: submission.get(name) for name in ("step", "key", "reason", "returned")}
        values = {"outcomes": outcomes, "done": True, "rest": rest, "verdict": verdict}
        return board.page(request, "desk/bulk.html", submission.visitor, values)

    return routes


def _picked(submission: FormSubmission) -> list[Picked]:
    """Fields `pick.ID`, each with the version that was on the screen. Raises a 404 problem."""
    names = [name for name in submission.fields if name.startswith(_PICK)][:MOST_PICKED]
    try:
        return [
            Picked.model_validate({"id": name.removeprefix(_PICK), "seen": submission.number(name)})
            for name in names
        ]
    except ValidationError:
        raise not_found() from None
