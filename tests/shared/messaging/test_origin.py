"""An event is accepted only from its own producer, on that producer's topic, about one office.

Guards against: whoever can write to one topic can publish events of every service.
"""

from dataclasses import replace
from typing import Any

import pytest

from shared.events.subscription import SubscriptionExpiring
from shared.ids import fresh
from shared.messaging.envelope import BadRecord, Envelope
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause, Stored, envelopes
from tests.support.counter import DAY, Counter, expiring

TOPIC = "subscription.events"


def routes(came: list[SubscriptionExpiring]) -> Routes:
    async def take(event: SubscriptionExpiring, cause: Cause) -> None:
        came.append(event)

    made = Routes()
    made.once(SubscriptionExpiring, take)
    return made


def envelope(**changes: Any) -> Envelope:
    before = Stored("1", Counter())
    event = expiring(1).model_copy(update=changes)
    return envelopes("subscription", before, (event,), Cause.command(), DAY)[0]


@pytest.mark.parametrize("topic", [TOPIC, "t1.subscription.events"])
def test_own_topic_and_source_agree(topic: str) -> None:
    routes([]).check_origin(envelope(), topic)


@pytest.mark.parametrize(
    ("source", "topic"),
    [
        ("/giahan/platform", TOPIC),
        ("/giahan/subscription/", TOPIC),
        ("subscription", TOPIC),
        ("", TOPIC),
        ("/giahan/subscription", "platform.events"),
        ("/giahan/subscription", "renewal.events"),
        ("/giahan/platform", "platform.events"),
        ("/giahan/subscription", "events"),
    ],
)
def test_another_source_or_topic_is_a_dead_letter(source: str, topic: str) -> None:
    with pytest.raises(BadRecord):
        routes([]).check_origin(replace(envelope(), source=source), topic)


def test_types_without_a_handler_are_not_checked() -> None:
    foreign = replace(envelope(), type="vn.giahan.platform.measured.v1", source="/java/billing")
    routes([]).check_origin(foreign, "platform.events")


async def test_event_must_name_the_subscription_of_its_office_and_product() -> None:
    came: list[SubscriptionExpiring] = []
    handling = routes(came)
    await handling.handle(envelope())
    for forged in (
        envelope(subscription_id=fresh()),
        envelope(office_ref="office-2"),
        envelope(product_code="qlcb"),
        replace(envelope(), subject=str(fresh())),
    ):
        with pytest.raises(BadRecord):
            await handling.handle(forged)
    assert len(came) == 1
