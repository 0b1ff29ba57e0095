"""The office is told of resources only once the platform confirmed all that its contract gives."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.rights.table import RIGHTS
from services.notifier.domain.matter import is_full_grant, matter_of
from services.notifier.domain.notice import is_overtaken
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.notices.status_handlers import StatusHandlers
from shared.events.base import Event
from shared.messaging.routes import Routes
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import Shelf
from tests.services.notifier.world import envelope
from tests.support.memory_projection import MemoryProjection

TODAY = ex.NOON.date()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"kind": "temporary", "cause": "commitment"}, False),
        ({"kind": "temporary", "cause": "registration"}, False),
        ({"cause": "licence", "renewal_id": None}, False),
    ],
)
def test_only_a_contracts_full_grant_is_told(change: dict[str, Any], told: bool) -> None:
    assert is_full_grant(ex.grant_confirmed(**change)) is told


async def after(*requests: Event) -> SubscriptionStatus | None:
    statuses, routes = MemoryProjection(SubscriptionStatus), Routes()
    StatusHandlers(statuses, Shelf()).add_routes(routes)
    for number, request in enumerate(requests, 1):
        await routes.handle(envelope(request, number))
    return await statuses.get(requests[0].subscription_id) if requests else None


@pytest.mark.parametrize(
    ("requests", "overtaken"),
    [
        ([], False),
        ([{}], False),
        ([{}, {"revision": 2, "users": 20}], True),
        ([{}, {"revision": 2, "voided_by": "replaced"}], True),
        ([{}, {"request": 2}], False),
        ([{"cause": "commitment", "revision": 7}], False),
    ],
)
async def test_a_grant_that_was_asked_for_anew_is_told_when_that_is_confirmed(
    requests: list[dict[str, Any]], overtaken: bool
) -> None:
    status = await after(*(ex.grant_requested(**each) for each in requests))
    assert is_overtaken(matter_of(ex.grant_confirmed()), status, TODAY) is overtaken


def test_each_revision_is_told_once() -> None:
    first, again = ex.grant_confirmed(), ex.grant_confirmed(ex.NOON + timedelta(days=1))
    assert ex.notice(first).id == ex.notice(again).id
    assert ex.notice(first).id != ex.notice(ex.grant_confirmed(revision=2)).id


def test_the_platforms_own_answer_reaches_no_office() -> None:
    """Renewal alone decides whether it confirms what was asked for; another answer is the desk's."""
    assert "platform" not in RIGHTS["notifier"].reads
