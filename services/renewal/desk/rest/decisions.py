"""HTTP: the vendor's desk decides on a registration.

`If-Match` with the version on the screen prevents two clerks from overwriting each other. The idempotency key
prevents one clerk from deciding twice.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.desk.verdict import Verdict
from services.renewal.domain.flow import FlowStep
from services.renewal.rest.requests import ReasonRequest, Seen, refusals
from services.renewal.rest.views import RegistrationView
from shared.events.paper_form import ReturnReason
from shared.text.names import Item
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


class ReturnRequest(BaseModel):
    """Why the paper is sent back. `note` gives the office details."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: ReturnReason
    note: Item | None = None


def decision_routes(desk: Desk, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    request = Depends(_decision_request(verifier))

    @routes.post("/{id}/accept")
    async def accept(decision: Annotated[DecisionRequest, request], body: ReasonRequest) -> RegistrationView:
        """Accepts a registration that awaits confirmation."""
        return await _decide(desk, decision, Verdict(step=FlowStep.ACCEPT, reason=body.reason))

    @routes.post("/{id}/refuse")
    async def refuse(decision: Annotated[DecisionRequest, request], body: ReasonRequest) -> RegistrationView:
        """Refuses the registration. Possible until it is accepted."""
        return await _decide(desk, decision, Verdict(step=FlowStep.REFUSE, reason=body.reason))

    @routes.post("/{id}/contract/void")
    async def void_contract(
        decision: Annotated[DecisionRequest, request], body: ReasonRequest
    ) -> RegistrationView:
        """Voids the contract that has no seal yet, and its number. If the seal comes first, the contract
        stays valid. After the voiding the registration awaits confirmation again, and accepting it makes a
        contract with a new number."""
        return await _decide(desk, decision, Verdict(step=FlowStep.VOID_CONTRACT, reason=body.reason))

    return routes


def void_decision_routes(desk: Desk, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/contract/void-proposal")
    request = Depends(_decision_request(verifier))

    @routes.post("")
    async def propose(decision: Annotated[DecisionRequest, request], body: ReasonRequest) -> RegistrationView:
        """The first person proposes to void the contract in force. Nothing else changes yet."""
        return await _decide(desk, decision, Verdict(step=FlowStep.PROPOSE_VOID, reason=body.reason))

    @routes.post("/withdrawal")
    async def withdraw(
        decision: Annotated[DecisionRequest, request], body: ReasonRequest
    ) -> RegistrationView:
        """Ends the proposal: the contract stays in force."""
        return await _decide(desk, decision, Verdict(step=FlowStep.WITHDRAW_VOID, reason=body.reason))

    @routes.post("/approval")
    async def approve(decision: Annotated[DecisionRequest, request]) -> RegistrationView:
        """The second person approves: the contract is void, its number stays used, and the registration is
        closed. The proposal has the reason."""
        return await _decide(desk, decision, Verdict(step=FlowStep.APPROVE_VOID))

    return routes


def paper_decision_routes(desk: Desk, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/paper")
    request = Depends(_decision_request(verifier))

    @routes.post("/copy/refuse")
    async def refuse_copy(
        decision: Annotated[DecisionRequest, request], body: ReasonRequest
    ) -> RegistrationView:
        """The office's copy shows no stamped form. The temporary access that only it gave ends today."""
        return await _decide(desk, decision, Verdict(step=FlowStep.REFUSE_COPY, reason=body.reason))

    @routes.post("/accept")
    async def accept_paper(decision: Annotated[DecisionRequest, request]) -> RegistrationView:
        """The received paper is signed, stamped and unaltered."""
        return await _decide(desk, decision, Verdict(step=FlowStep.ACCEPT_PAPER))

    @routes.post("/return")
    async def return_paper(
        decision: Annotated[DecisionRequest, request], body: ReturnRequest
    ) -> RegistrationView:
        """The received paper can't be accepted: the office must send another."""
        verdict = Verdict(step=FlowStep.RETURN_PAPER, returned=body.reason, reason=body.note)
        return await _decide(desk, decision, verdict)

    return routes


def _decision_request(verifier: TokenVerifier) -> Callable[..., Awaitable[DecisionRequest]]:
    """A dependency: the clerk's request, from the path, the token and the headers."""
    clerk = Depends(require_person(verifier, Role.DESK))

    async def read(
        id: UUID, who: Annotated[Person, clerk], seen: Seen = None, key: IdempotencyKey = None
    ) -> DecisionRequest:
        return DecisionRequest(id, who, int(seen.strip('"')) if seen else None, key)

    return read


async def _decide(desk: Desk, decision: DecisionRequest, verdict: Verdict) -> RegistrationView:
    with refusals():
        return RegistrationView.of(await desk.decide(decision, verdict))
