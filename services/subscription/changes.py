"""Changes one subscription at a person's request. A SubscriptionError becomes an HTTP problem."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.products import Products
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.entitlement.clock_agreement import ClockAgreement
from services.subscription.store import Subscriptions
from services.subscription.texts import REFUSALS, TITLES
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Cause, Stored
from shared.time.clock import Clock
from shared.web.problems import FieldError, Problem

_FIELDS = {"date-past": "/until", "date-too-far": "/until"}
"""The field of the request that a rule is about, if any."""

Decide = Callable[[Subscription, datetime], Decided]


@dataclass(frozen=True, slots=True)
class SubscriptionChanges:
    subscriptions: Subscriptions
    policies: Policies
    products: Products
    clock: Clock
    agreement: ClockAgreement

    async def create(
        self, id: UUID, cause: Cause, decide: Callable[[datetime], Decided]
    ) -> Stored[Subscription]:
        """Create a subscription. Raises a 409 problem if it exists already, unless the same request is
        repeated."""

        def unless_there(state: Subscription | None) -> Decided:
            if state is not None:
                raise SubscriptionError("already-there")
            return decide(self.clock.now())

        return await self._save(id, cause, unless_there)

    async def change(self, id: UUID, cause: Cause, decide: Decide) -> Stored[Subscription]:
        """Change a subscription and return its new state. Raises a 404 problem if there is none."""

        def decide_known(state: Subscription | None) -> Decided | None:
            if state is None:
                raise unknown_subscription()
            decision = decide(state, self.clock.now())
            # Save even without a change, if there is a key: a repeat of the request must find its key.
            return decision if cause.message_id or decision.state != state else None

        return await self._save(id, cause, decide_known)

    async def _save(
        self, id: UUID, cause: Cause, decide: Callable[[Subscription | None], Decided | None]
    ) -> Stored[Subscription]:
        await self.clocks_agree()
        with refusals():
            stored = await self.subscriptions.change(id, decide, cause)
        assert stored is not None
        return stored

    async def clocks_agree(self) -> None:
        """Check that the clocks agree: every decision also applies the calendar, so the clock must be right.

        Raises a 503 problem if they don't.
        """
        if not self.agreement.holds():
            with suppress_transient("clocks.transient_error"):
                await self.agreement.check()
        if not self.agreement.holds():
            raise Problem(503, "clocks-disagree", TITLES["clocks-disagree"])


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except SubscriptionError as refused:
        field = _FIELDS.get(refused.rule)
        message = REFUSALS[refused.rule].fill(**refused.figures)
        errors = [FieldError(pointer=field, rule=refused.rule, message=message)] if field else []
        raise Problem(409, refused.rule, message, errors, **refused.figures) from None


def unknown_subscription() -> Problem:
    return Problem(404, "unknown-subscription", TITLES["unknown-subscription"])
