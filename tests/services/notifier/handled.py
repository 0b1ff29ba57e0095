"""The progress of one registration after the notifier has handled some events."""

from collections.abc import Sequence
from typing import Any

from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.notices.status_handlers import StatusHandlers
from shared.events.base import Event
from shared.messaging.routes import Routes
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import Shelf
from tests.services.notifier.world import envelope
from tests.support.memory_projection import MemoryProjection


async def handle_all(events: Sequence[Event], shelf: Any = None) -> RegistrationProgress:
    statuses = MemoryProjection(SubscriptionStatus)
    routes = Routes()
    documents: Any = shelf or contract_shelf()
    StatusHandlers(statuses, documents).add_routes(routes)
    for n, event in enumerate(events, 1):
        await routes.handle(envelope(event, n))
    subscription = await statuses.get(events[0].subscription_id)
    assert subscription is not None
    return subscription.renewals[ex.renewal_id()]


def contract_shelf() -> Shelf:
    shelf = Shelf()
    shelf.kept["d" * 64] = b"%PDF"
    return shelf


REGISTERED = [ex.registered(), ex.signed()]
