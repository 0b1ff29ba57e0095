"""States of the example office that changes begin from, and its state after several changes."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from tests.services.subscription.examples import BOTH, ENDS, adopted, advanced, contract, days, noon

ID, OTHER = UUID(int=1), UUID(int=2)
"""Two registrations; the example contract is of the first."""
Change = Callable[[Subscription], Decided | None]


def locked(overdue: int) -> Subscription:
    """So many days after the last day of use."""
    return advanced(adopted(ENDS), ENDS + days(overdue))


def renewed(state: Subscription, on: date) -> Subscription:
    """The contract of the next 365 days is applied at midday of `on`."""
    issued = contract(ENDS, ENDS + days(365))
    return ContractApplication(BOTH, "r117", noon(on)).apply(state, issued).state


def after(state: Subscription, *changes: Change) -> Subscription:
    """The state after these changes, in this order."""
    for change in changes:
        if decision := change(state):
            state = decision.state
    return state
