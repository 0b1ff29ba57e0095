"""HTTP: the login gate, which platforms ask whether an office may enter."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.subscription.agreement import Agreement
from services.subscription.domain.access import InForce, in_force, last_recorded
from services.subscription.domain.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.store import Subscriptions
from shared.clock import Clock

log = structlog.get_logger()


class Access(BaseModel):
    """The answer for one office: one entry a product. What we don't know has none, and may enter."""

    office_ref: str
    known: bool
    products: list[InForce]


@dataclass(frozen=True, slots=True)
class Gate:
    """Answers from the store and the clock, at the moment of asking, whether or not the schedule has been
    there yet. While the clocks disagree, the last recorded decision stands: a wrong clock locks nobody."""

    subscriptions: Subscriptions
    policies: Policies
    clock: Clock
    agreement: Agreement

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/v1/access")

        @routes.get("/{office_ref}", response_model=Access)
        async def office(office_ref: str, request: Request) -> Response:
            """May this office enter, product by product?"""
            found = await self.subscriptions.of_office(office_ref)
            return self._answer(request, office_ref, found)

        @routes.get("/{office_ref}/{product_code}", response_model=Access)
        async def product(office_ref: str, product_code: str, request: Request) -> Response:
            """May this office enter this product?"""
            found = await self.subscriptions.get(office_ref, product_code)
            return self._answer(request, office_ref, [found] if found else [])

        return routes

    def _answer(self, request: Request, office_ref: str, found: Sequence[Subscription]) -> Response:
        """304 where the caller's copy is still right, but for the time in its Date header."""
        if not found:
            log.warning("gate.unknown", **request.path_params)
        products = [self._in_force(state) for state in found]
        body = Access(office_ref=office_ref, known=bool(found), products=products).model_dump_json().encode()
        headers = {"etag": f'"{sha256(body).hexdigest()[:32]}"', "cache-control": "no-cache"}
        if headers["etag"] in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    def _in_force(self, state: Subscription) -> InForce:
        ask = in_force if self.agreement.holds() else last_recorded
        return ask(state, self.clock.now(), self.policies)


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
