"""Another package or number of users than the contract in force grants: the contract stands, and the desk is
told both values.

A list doesn't know what was agreed, so the licence keeps its package and users. A named person's
correction counts, because somebody answers for it. The contract's price never changes by either.
"""

from datetime import datetime

from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.subscription import Licence
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def contradicts(state: Subscription, stated: Licence) -> bool:
    """Whether `stated` changes the package or the users to others than the contract in force grants."""
    contract = state.contract
    if contract is None or _order(stated) == _order(state.licence):
        return False
    return _order(stated) != (contract.package, contract.users)


def with_kept_order(state: Subscription, stated: Licence) -> Licence:
    """`stated`, with the package and the users of the present licence if it contradicts the contract."""
    if not contradicts(state, stated):
        return stated
    return stated.model_copy(update={"package": state.licence.package, "users": state.licence.users})


def with_contradiction(
    decision: Decided,
    before: Subscription,
    stated: Licence,
    now: datetime,
    policies: Policies,
    *,
    applied: bool,
) -> Decided:
    """The decision, and the event for the desk if `stated` contradicts the contract that was in force."""
    if before.contract is None or not contradicts(before, stated):
        return decision
    context = StageContext.of(decision.state, policies)
    factory = EventFactory(context, civil_date(now, before.zone), now, now)
    event = factory.contradicted(before.contract, stated, applied=applied)
    return Decision(decision.state, (*decision.events, event), decision.snapshot)


def _order(licence: Licence) -> tuple[str, int]:
    return licence.package, licence.users
