"""HTTP: the vendor's desk decides on a registration.

`If-Match` with the version on the screen prevents two clerks from overwriting each other. The idempotency key
prevents one clerk from deciding twice.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict

from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.desk.verdict import Verdict
from services.renewal.domain.flow import FlowStep
from services.renewal.rest.requests import Key, ReasonBody, refusals
from services.renewal.rest.views import RegistrationView
from shared.events.paper_form import ReturnReason
from shared.text.names import Item
from shared.web.people import Keys, Person, Role, require_person

Seen = Annotated[str | None, Header(alias="If-Match", pattern=r'^"\d{1,9}"$')]
"""The version that the clerk saw. Without it, any version is accepted."""


class ReturnRequest(BaseModel):
    """Why the paper is sent back. `note` gives the office details."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: ReturnReason
    note: Item | None = None


def decision_routes(desk: Desk, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations")
    clerk = Depends(require_person(keys, Role.DESK))

    async def asking_for(
        id: UUID, who: Annotated[Person, clerk], seen: Seen = None, key: Key = None
    ) -> DecisionRequest:
        return DecisionRequest(id, who, int(seen.strip('"')) if seen else None, key)

    asked = Depends(asking_for)

    async def decide(order: DecisionRequest, verdict: Verdict) -> RegistrationView:
        with refusals():
            return RegistrationView.of(await desk.decide(order, verdict))

    @routes.post("/{id}/accept")
    async def accept(order: Annotated[DecisionRequest, asked], body: ReasonBody) -> RegistrationView:
        """Accepts a registration that awaits confirmation."""
        return await decide(order, Verdict(step=FlowStep.ACCEPT, reason=body.reason))

    @routes.post("/{id}/refuse")
    async def refuse(order: Annotated[DecisionRequest, asked], body: ReasonBody) -> RegistrationView:
        """Refuses the registration. Possible until it is accepted."""
        return await decide(order, Verdict(step=FlowStep.REFUSE, reason=body.reason))

    @routes.post("/{id}/contract/void")
    async def void_contract(order: Annotated[DecisionRequest, asked], body: ReasonBody) -> RegistrationView:
        """Voids the contract that has no seal yet, and its number. If the seal comes first, the contract
        stays valid. After the voiding the registration awaits confirmation again, and accepting it makes a
        contract with a new number."""
        return await decide(order, Verdict(step=FlowStep.VOID_CONTRACT, reason=body.reason))

    @routes.post("/{id}/paper/copy/refuse")
    async def refuse_copy(order: Annotated[DecisionRequest, asked], body: ReasonBody) -> RegistrationView:
        """The office's copy shows no stamped form. The temporary access that it gave ends today."""
        return await decide(order, Verdict(step=FlowStep.REFUSE_COPY, reason=body.reason))

    @routes.post("/{id}/paper/accept")
    async def accept_paper(order: Annotated[DecisionRequest, asked]) -> RegistrationView:
        """The received paper is signed, stamped and unaltered."""
        return await decide(order, Verdict(step=FlowStep.ACCEPT_PAPER))

    @routes.post("/{id}/paper/return")
    async def return_paper(order: Annotated[DecisionRequest, asked], body: ReturnRequest) -> RegistrationView:
        """The received paper can't be accepted: the office must send another."""
        verdict = Verdict(step=FlowStep.RETURN_PAPER, returned=body.reason, reason=body.note)
        return await decide(order, verdict)

    return routes
