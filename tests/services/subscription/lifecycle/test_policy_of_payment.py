"""A term that a payment gives has the stage table of its own first day."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.subscription import Subscription
from services.subscription.lifecycle.payment_handlers import PaymentHandlers
from shared.events.order import FullGrant
from shared.storage.aggregate import Cause
from tests.services.subscription.domain.changes.payments import DUE, START, received, registered
from tests.services.subscription.domain.changes.states import locked
from tests.services.subscription.examples import BOTH, ENDS, contract, days, noon
from tests.support.clock import FixedClock

ANOTHER = "pre-r117"


async def test_the_table_is_that_of_the_first_day_of_the_term() -> None:
    """Guards against: the day of the payment chose it, so the two ways to full use gave two tables."""
    issued = contract(ENDS, ENDS + days(365), full_grant=FullGrant.AT_PAYMENT)
    application = ContractApplication(BOTH, "r117", noon(START))
    state = application.apply(registered(locked(40)), issued).state
    state = state.with_(next_policy=None)
    after: list[Subscription] = []

    async def change(event: Any, cause: Cause, decide: Any) -> None:
        after.append(decide(state).state)

    tables = {ENDS + days(1): ANOTHER}
    lifecycle: Any = SimpleNamespace(
        clock=FixedClock(noon(START)),
        policies=BOTH,
        products=SimpleNamespace(policy_for=lambda product, day: tables.get(day, "r117")),
        change=AsyncMock(side_effect=change),
    )
    place: Any = SimpleNamespace(sequence=1)
    await PaymentHandlers(lifecycle).record_payment(received(DUE, START), Cause.command(), place)
    assert [each.policy for each in after] == [ANOTHER]
