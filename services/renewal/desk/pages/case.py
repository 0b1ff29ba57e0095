"""The desk's page of one registration: its details, and the form for the decision."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.case import Case
from services.renewal.desk.case_texts import history_line, note_texts
from services.renewal.desk.pages.board import Board, InvalidDecision, verdict_of
from services.renewal.desk.service import DecisionRequest
from services.renewal.domain.desk.verdict import DECIDABLE
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint.restated_terms import restated_terms
from services.renewal.domain.refusal import RenewalError
from services.renewal.office.subscription_summary import TONES, Tone
from services.renewal.pages import urls
from services.renewal.texts import CONTRACT_STEPS, REFUSALS, STEPS
from shared.ids import fresh
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission
from shared.web.pages.session import Visitor

Said = Literal[
    "",
    "accept_paper",
    "return_paper",
    "refuse_copy",
    "accept",
    "refuse",
    "void_contract",
    "propose_void",
    "withdraw_void",
    "approve_void",
]


def case_pages(board: Board, guard: DeskGuard) -> APIRouter:
    routes = board.routes()
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    async def show(
        request: Request,
        visitor: Visitor,
        id: UUID,
        *,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: str = "",
    ) -> Response:
        found = await board.cases.case(id)
        values = _values(found, visitor) | {
            "reports": board.site.reports(found.renewal),
            "key": fresh(),
            "typed": {"step": "", "reason": "", "returned": "", **(typed or {})},
            "said": said,
        }
        return board.page(request, "desk/case.html", visitor, values, wrong)

    @routes.get("/registrations/{id}")
    async def one(
        request: Request, id: UUID, visitor: Annotated[Visitor, visiting], said: Said = ""
    ) -> Response:
        return await show(request, visitor, id, said=said)

    @routes.post("/registrations/{id}/decide")
    async def decide(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        words = board.site.words(request)
        typed = {n: submission.get(n) for n in ("step", "reason", "returned")}
        decision = DecisionRequest(id, submission.visitor.person, *submission.seen_and_key())
        try:
            verdict = verdict_of(submission, words)
            await board.desk.decide(decision, verdict)
        except InvalidDecision as unfit:
            return await show(request, submission.visitor, id, typed=typed, wrong=unfit.text)
        except RenewalError as refused:
            wrong = words.pick(REFUSALS[refused.name][1])
            return await show(request, submission.visitor, id, typed=typed, wrong=wrong)
        return RedirectResponse(f"{urls.case(id)}?said={verdict.step}", 303)

    return routes


def _values(case: Case, visitor: Visitor) -> dict[str, object]:
    on_contract = case.renewal.status is RegistrationStatus.ASSENT_RECEIVED
    return {
        "case": case,
        "steps": STEPS | CONTRACT_STEPS if on_contract else STEPS,
        "renewal": case.renewal,
        "restated": restated_terms(case.renewal),
        "history": [history_line(entry, case.renewal.registration, case.names) for entry in case.history],
        "note": note_texts(case.renewal.desk_note or ""),
        "made": case.renewal.registration,
        "tone": TONES.get(case.renewal.status, Tone.WARN),
        "decidable": [step for step in DECIDABLE if step in case.steps and _may_take(step, case, visitor)],
        "may_cancel": FlowStep.CANCEL in case.steps,
        "others_claim": case.claim is not None and case.claim.by != visitor.person.sub,
    }


def _may_take(step: FlowStep, case: Case, visitor: Visitor) -> bool:
    """A person isn't offered to approve their own proposal."""
    proposal = case.renewal.void_proposal
    return step is not FlowStep.APPROVE_VOID or (proposal is not None and proposal.by != visitor.person.sub)


def claim_pages(board: Board, guard: DeskGuard) -> APIRouter:
    routes, writing = board.routes(), Depends(guard.submission)

    @routes.post("/registrations/{id}/claim")
    async def claim(id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        """`over`: the clerk takes over another clerk's claim knowingly."""
        over = submission.get("over") == "yes"
        await board.cases.claim(id, submission.visitor.person, over=over)
        return RedirectResponse(urls.case(id), 303)

    @routes.post("/registrations/{id}/release")
    async def release(id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        await board.cases.claims.release(id, submission.visitor.person)
        return RedirectResponse(urls.desk(), 303)

    return routes
