"""The smallest service: counters that count events."""

from datetime import UTC, datetime
from uuid import UUID

from shared import ids
from shared.events.base import Stage
from shared.events.subscription import SubscriptionExpiring
from shared.messaging.routes import Routes
from shared.runtime.service import Service
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.store import Store

DAY = datetime(2026, 11, 25, tzinfo=UTC)


class Counter(State):
    count: int = 0


def expiring(key: int, days_left: int = 30) -> SubscriptionExpiring:
    return SubscriptionExpiring(
        subscription_id=ids.subscription_id(f"office-{key}", "qlts"),
        office_ref=f"office-{key}",
        product_code="qlts",
        effective_on=DAY.date(),
        occurred_at=DAY,
        recorded_at=DAY,
        old_stage=Stage.ACTIVE,
        new_stage=Stage.EXPIRING,
        days_left=days_left,
        expires_on=DAY.date(),
    )


def counting_routes(store: Store[Counter]) -> Routes:
    """Count every SubscriptionExpiring once, in the aggregate of its subscription."""

    async def count(event: SubscriptionExpiring, cause: Cause) -> None:
        await store.change(event.subscription_id, increment, cause)

    routes = Routes()
    routes.once(SubscriptionExpiring, count)
    return routes


def increment(state: Counter | None) -> Decision[Counter]:
    return Decision(Counter(count=state.count + 1 if state else 1))


async def save_events(store: Store[Counter], key: int, times: int = 1) -> UUID:
    """Save a new aggregate with `times` events in its outbox. Returns its id."""
    id = ids.subscription_id(f"office-{key}", "qlts")
    events = tuple(expiring(key, days) for days in range(times))
    await store.save(None, Decision(Counter(), events), Cause.command(), id=id)
    return id


def counter_store(service: Service) -> Store[Counter]:
    return service.store("counters", Counter)
