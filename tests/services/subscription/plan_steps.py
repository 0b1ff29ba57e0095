"""Steps for the tests of plans: subscriptions about to end, and the plan that lists them."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx

from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.ids import subscription_id
from shared.storage.aggregate import Cause
from shared.web.people import Role
from tests.services.subscription.examples import POLICIES, days, licence, noticed, on_paper
from tests.services.subscription.world import World
from tests.support.service_process import until

REASON = "Đã gọi điện từng đơn vị"


async def adopt_all(it: World, expires: Mapping[str, date], **changes: Any) -> None:
    """Adopt offices. The same mail server accepted the reminder of each, and accepts all that follow."""
    now = it.service.clock.now()
    decisions = [
        (None, subscription_id(office, "qlts"), adopt(office, "qlts", licence(day, **changes), now, POLICIES))
        for office, day in expires.items()
    ]
    await it.subscriptions.save_many(decisions, Cause.command("adopt"))
    await reminded(it)


async def reminded(it: World) -> None:
    """A reminder of every office's present last day was given today."""
    now, subscriptions = it.service.clock.now(), it.subscriptions
    async for states in subscriptions.sweep({}):
        found = await subscriptions.readable([state.id for state in states])
        decided = [(one, one.state.id, noticed(one.state, Stage.EXPIRING, now)) for one in found]
        await subscriptions.save_many([(a, b, c) for a, b, c in decided if c], Cause.command("remind"))


async def warned(it: World, *offices: str) -> None:
    """Every warning of these offices is on record."""
    for office in offices:
        for stage in (Stage.LOCKED, Stage.FINAL_NOTICE):
            term, now = (await it.subscription(office)).licence.expires_on, it.service.clock.now()
            await it.change(office, partial(notice, stage=stage, term=term, now=now))


def notice(state: Subscription, *, stage: Stage, term: date, now: datetime) -> Decided | None:
    return record_notice(state, NoticeOnRecord(stage, term, now), now, POLICIES)


async def about_to_end(it: World, *offices: str, missing: tuple[str, ...] = ()) -> date:
    """Offices that were locked 20 days ago and warned since, except those `missing`. The day returned is a
    week ahead."""
    end = it.today + days(40)
    await adopt_all(it, dict.fromkeys(offices, it.today - days(20)))
    await on(it, end - days(20))
    await warned(it, *(office for office in offices if office not in missing))
    await on(it, end - days(7))
    return end


async def on(it: World, day: date) -> None:
    it.move_days((day - it.today).days)
    schedule = it.schedule()
    while await schedule.tick():
        pass


async def agree(it: World, day: date, hash: str, number: int = 1, key: str = "") -> httpx.Response:
    headers = it.people.headers(Role.OPS, number=number) | ({"idempotency-key": key} if key else {})
    body = {"terminations_hash": hash, "reason": REASON}
    return await it.client.post(f"/v1/plans/{day}/releases", json=body, headers=headers)


async def plan(it: World, day: date) -> dict[str, Any]:
    answer = await it.client.get(f"/v1/plans/{day}", headers=it.people.headers(Role.OPS))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def listed(it: World, day: date) -> list[dict[str, str]]:
    headers = it.people.headers(Role.OPS) | {"accept": "text/csv"}
    answer = await it.client.get(f"/v1/plans/{day}", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def versions(it: World, count: int) -> list[dict[str, Any]]:
    """The published versions of the next weeks, once there are `count` of them."""
    params = {"from": str(it.today - days(10)), "to": str(it.today + days(20))}

    async def enough() -> list[dict[str, Any]] | None:
        answer = await it.client.get("/v1/plans", params=params, headers=it.people.headers(Role.OPS))
        found: list[dict[str, Any]] = answer.json()
        return found if len(found) >= count else None

    return await until(enough, f"{count} versions")


async def released_all(it: World, day: date) -> None:
    collection = it.service.database["plan_releases"]
    await until(lambda: collection.find_one({"day": str(day), "done": True}), "the release applied")


async def opens(it: World, office: str) -> None:
    now = it.service.clock.now()
    await it.change(office, lambda state: on_paper(state, UUID(int=9), now, POLICIES))
