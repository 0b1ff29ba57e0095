"""Steps for tests: requests to the REST side, and subscriptions in the state that a test needs."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import restate
from services.subscription.domain.facts import Release
from services.subscription.domain.stages.end import release_end
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.ids import subscription_id
from shared.web.people import Role
from tests.services.subscription.examples import BOTH, contract, days, licence, noticed
from tests.services.subscription.world import World

SUBSCRIPTIONS = "/v1/subscriptions"


def stated(office_ref: str, expires_on: date, **changes: Any) -> dict[str, Any]:
    """The body that creates an office's subscription."""
    fields = licence(expires_on).model_dump(mode="json", exclude={"policy"})
    return {**fields, "office_ref": office_ref, "product_code": "qlts", **changes}


def of(office_ref: str, rest: str = "") -> str:
    """The path of an office's subscription."""
    return f"{SUBSCRIPTIONS}/{subscription_id(office_ref, 'qlts')}{rest}"


async def ask(it: World, method: str, path: str, body: Any = None, **who: Any) -> httpx.Response:
    """A request by the first person of ops, unless `role`, `office_ref`, `number` give another one."""
    more = who.pop("headers", {})
    headers = it.people.headers(**{"role": Role.OPS, **who}) | {"content-type": "application/json"} | more
    # Escaped, so that invalid text can be sent too.
    content = None if body is None else json.dumps(body)
    return await it.client.request(method, path, content=content, headers=headers)


async def create(it: World, office_ref: str, expires_in: int, **changes: Any) -> dict[str, Any]:
    answer = await ask(it, "POST", SUBSCRIPTIONS, stated(office_ref, it.today + days(expires_in), **changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def field_errors(answer: httpx.Response) -> set[tuple[str, str]]:
    assert answer.status_code in (409, 422), answer.text
    return {(error["pointer"], error["rule"]) for error in answer.json()["errors"]}


async def held_subscription(it: World, office_ref: str, *, many: bool = True) -> None:
    """A list of many sets the office's last day of use to yesterday."""
    now = it.service.clock.now()

    def moved(state: Subscription) -> Decided:
        changed = state.licence.model_copy(update={"expires_on": it.today - days(1)})
        return restate(state, changed, now, BOTH, many=many)

    await create(it, office_ref, 200)
    await it.change(office_ref, moved)


async def ended_subscription(it: World, office_ref: str) -> None:
    """A subscription that is created overdue, warned, released by two people and ended. The clock moves to
    that day."""
    await create(it, office_ref, -70)
    now = it.service.clock.now()
    await it.change(office_ref, lambda state: noticed(state, Stage.FINAL_NOTICE, now))
    ends_on = (await it.subscription(office_ref)).ends_on
    assert ends_on is not None
    release = Release(day=ends_on, plan="0" * 64, by=("ops-1", "ops-2"))
    await it.change(office_ref, lambda state: release_end(state, release, now, BOTH))
    it.move_days((ends_on - it.today).days)
    await it.schedule().tick()
    assert (await it.subscription(office_ref)).stage is Stage.TERMINATED


async def disputed_subscription(it: World, office_ref: str) -> None:
    """A contract that was computed from another last day of use."""
    await create(it, office_ref, -5)
    signed = contract(it.today + days(90), it.today + days(400))
    application = ContractApplication(BOTH, "r117", it.service.clock.now())
    await it.change(office_ref, lambda state: application.apply(state, signed))


def id_of(office_ref: str) -> UUID:
    return subscription_id(office_ref, "qlts")
