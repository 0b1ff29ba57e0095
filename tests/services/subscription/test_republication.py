"""An operator asks for all subscriptions once more: each is told as it is now, and only to those who copy."""

from typing import Any

from shared.events.subscription import SubscriptionRecorded
from shared.ids import fresh
from shared.messaging.envelope import read_event
from shared.runtime.settings import Settings
from shared.web.people import Role
from tests.services.subscription.rest_steps import ask, create
from tests.services.subscription.world import world
from tests.support.people import People
from tests.support.service_process import until
from tests.support.topic import committed

PATH = "/v1/ops/republications"
REASON = {"reason": "the copy of a service was lost"}


async def test_each_subscription_is_told_as_it_is_now(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        await create(it, "O-1", 200)
        await create(it, "O-2", -10)
        asked = await ask(it, "POST", PATH, REASON, headers={"idempotency-key": "1"})
        assert asked.status_code == 202, asked.text

        async def finished() -> dict[str, Any] | None:
            (known,) = (await ask(it, "GET", PATH)).json()
            return known if known["finished_at"] else None

        done = await until(finished, "the republication")
        assert (done["published"], done["by"], done["reason"]) == (2, asked.json()["by"], REASON["reason"])
        topic = it.service.names.topic("subscription")
        told = [envelope for envelope, _ in await committed(settings.kafka, topic) if envelope.republished]
        states = {one.office_ref: one for one in [read_event(SubscriptionRecorded, e.body) for e in told]}
        for office_ref, state in states.items():
            known = await it.subscription(office_ref)
            assert (state.licence, state.stage) == (known.licence, known.stage)
        assert set(states) == {"O-1", "O-2"}


async def test_only_ops_may_ask_and_must_say_why(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        key = {"idempotency-key": "1"}
        for role in (Role.DESK, Role.RENEWER):
            assert (await ask(it, "POST", PATH, REASON, role=role, headers=key)).status_code == 403
            assert (await ask(it, "GET", PATH, role=role)).status_code == 403
        assert (await ask(it, "POST", PATH, {"reason": ""}, headers=key)).status_code == 422
        assert (await ask(it, "POST", PATH, REASON)).status_code == 422
        assert (await ask(it, "GET", PATH)).json() == []
        unknown = f"{PATH}/{fresh()}/withdrawal"
        assert (await ask(it, "POST", unknown)).status_code == 404
        assert (await ask(it, "POST", unknown, role=Role.DESK)).status_code == 403
