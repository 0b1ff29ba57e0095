"""HTTP: the login gate. Platforms ask it whether an office may use a product."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel

from services.subscription.domain.stages.entitlement import (
    Entitlement,
    current_entitlement,
    last_recorded_entitlement,
)
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.entitlement.clock_agreement import ClockAgreement
from shared.storage.last_known import KnownValue, LastKnown
from shared.time.clock import Clock

log = structlog.get_logger()

OfficeProduct = tuple[str, str | None]
"""An office, and one of its products (None: all of them)."""
States = KnownValue[list[Subscription]]


class AccessAnswer(BaseModel):
    """The answer for one office, with one entry per product. A product that is not known here has no entry:
    the platform lets the office in.

    `stale`: the database does not answer. The entries are then the last known ones, of the instant `as_of`,
    without future steps.
    """

    office_ref: str
    known: bool
    products: list[Entitlement]
    stale: bool = False
    as_of: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Answers from the store and the clock at the moment of the request, even before the scheduler has run.

    While the clocks disagree, the last recorded decision is the answer: a wrong clock locks nobody. While the
    database is silent, the state that was read last is judged as of then: access doesn't tighten beyond the
    last answer, because the office may have renewed since.
    """

    states: LastKnown[OfficeProduct, list[Subscription]]
    policies: Policies
    clock: Clock
    agreement: ClockAgreement

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/v1/access")

        @routes.get("/{office_ref}", response_model=AccessAnswer)
        async def office(office_ref: str, request: Request) -> Response:
            """Whether the office may use its products, one entry per product."""
            return self._answer(request, office_ref, await self.states.get((office_ref, None)))

        @routes.get("/{office_ref}/{product_code}", response_model=AccessAnswer)
        async def product(office_ref: str, product_code: str, request: Request) -> Response:
            """Whether the office may use this product."""
            return self._answer(request, office_ref, await self.states.get((office_ref, product_code)))

        return routes

    def _answer(self, request: Request, office_ref: str, found: States) -> Response:
        """Status 304 if the caller's copy is still right."""
        if found.stale:
            return self._stale(office_ref, found)
        if not found.value:
            log.warning("gate.unknown", **request.path_params)
        products = [self._in_force(state, self.clock.now()) for state in found.value]
        answer = AccessAnswer(office_ref=office_ref, known=bool(products), products=products)
        body = answer.model_dump_json(exclude={"stale", "as_of"}).encode()
        headers = {"etag": f'"{sha256(body).hexdigest()[:32]}"', "cache-control": "no-cache"}
        if headers["etag"] in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    def _stale(self, office_ref: str, found: States) -> Response:
        """The last known answer. It is never a 304, and must not be cached."""
        last = (self._in_force(state, found.at) for state in found.value)
        products = [one.model_copy(update={"steps": (), "valid_until": None}) for one in last]
        answer = AccessAnswer(
            office_ref=office_ref, known=True, products=products, stale=True, as_of=found.at
        )
        return Response(
            answer.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"}
        )

    def _in_force(self, state: Subscription, at: datetime) -> Entitlement:
        ask = current_entitlement if self.agreement.holds() else last_recorded_entitlement
        return ask(state, at, self.policies)


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
