"""The desk's decisions over REST: concessions, releases, disputes, and the data of an ended subscription."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.events.subscription import (
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
)
from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.web.people import Role
from tests.services.subscription.examples import days
from tests.services.subscription.rest_steps import (
    ask,
    create,
    disputed_subscription,
    ended_subscription,
    field_errors,
    held_subscription,
    id_of,
    of,
)
from tests.services.subscription.world import World, world
from tests.support.people import People
from tests.support.problems import problem
from tests.support.service_process import until

WHY = {"reason": "đã kiểm tra"}


@pytest.mark.parametrize("kind", ["extension", "exemption"])
async def test_a_concession_opens_and_its_end_closes_at_once(
    settings: Settings, people: People, kind: str
) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)
        until = (it.today + days(10)).isoformat()
        path = of("dv-1", f"/{kind}")
        answer = await ask(it, "PUT", path, {"until": until, **WHY}, role=Role.DESK)
        (opened,) = (await it.access("dv-1"))["products"]
        taken = await ask(it, "DELETE", path, {"reason": "nhầm đơn vị"}, role=Role.DESK)
        again = await ask(it, "DELETE", path, {"reason": "nhầm đơn vị"}, role=Role.DESK)
        (shut,) = (await it.access("dv-1"))["products"]
    assert answer.json()[kind] == {"until": until, "by": "desk-1", **WHY}
    assert (opened["stage"], opened["days_left"]) == ("expiring", 10)
    assert (taken.json()[kind], shut["access"]) == (None, [])
    assert again.headers["etag"] == taken.headers["etag"]


async def test_a_concession_of_no_use_is_refused_by_field(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)

        async def refused(body: Any) -> set[tuple[str, str]]:
            return field_errors(await ask(it, "PUT", of("dv-1", "/extension"), body))

        assert await refused({"until": (it.today - days(1)).isoformat(), **WHY}) == {("/until", "date-past")}
        far = {"until": (it.today + days(367)).isoformat(), **WHY}
        assert await refused(far) == {("/until", "date-too-far")}
        assert await refused({"until": it.today.isoformat()}) == {("/reason", "missing")}
        assert await refused({"until": "soon", **WHY}) == {("/until", "date_from_datetime_parsing")}
        english = await ask(it, "PUT", of("dv-1", "/extension"), far, headers={"accept-language": "en"})
    assert english.json()["title"] == "This date is more than 366 days away"


async def test_a_late_repeat_of_a_grant_does_not_bring_it_back(settings: Settings, people: People) -> None:
    """Guards against: a retry whose first response was lost is carried out a second time."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)
        body = {"until": (it.today + days(10)).isoformat(), **WHY}
        key = {"idempotency-key": "grant-1"}
        path = of("dv-1", "/extension")
        await ask(it, "PUT", path, body, headers=key)
        await ask(it, "DELETE", path, WHY)
        late = await ask(it, "PUT", path, body, headers=key)
        other = await ask(it, "PUT", path, {**body, "reason": "khác"}, headers=key)
    assert (late.status_code, late.json()["extension"]) == (200, None)
    assert problem(other) == (422, "idempotency-key-reused")


async def test_a_held_date_counts_once_a_person_releases_it(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await held_subscription(it, "dv-1")
        (product,) = (await it.access("dv-1"))["products"]
        released = await ask(it, "POST", of("dv-1", "/hold-release"), WHY, role=Role.DESK)
        (shut,) = (await it.access("dv-1"))["products"]
        again = await ask(it, "POST", of("dv-1", "/hold-release"), WHY, role=Role.DESK)
    assert (product["stage"], released.json()["stage"], released.json()["hold"]) == ("active", "locked", None)
    assert shut["access"] == []
    assert problem(again) == (409, "not-held")


async def test_many_holds_are_released_at_once_and_only_once(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        for number in range(3):
            await held_subscription(it, f"held-{number}")
        await create(it, "free", 30)
        stranger = fresh()
        ids = [str(id_of(ref)) for ref in ("held-0", "held-1", "held-2", "free", "held-0")]
        body = {"ids": [*ids, str(stranger)], **WHY}
        first = await ask(it, "POST", "/v1/hold-releases", body)
        again = await ask(it, "POST", "/v1/hold-releases", body)
        stages = {(await it.subscription(f"held-{number}")).stage for number in range(3)}
        collection = it.service.database["subscriptions"]
        document = await collection.find_one({"office_ref": "held-1"})
        both = await ask(it, "POST", "/v1/hold-releases", {**body, "import_id": str(stranger)})
        none = await ask(it, "POST", "/v1/hold-releases", WHY)
    assert document is not None
    last = document["trail"][-1]
    assert (last["actor"], last["action"], last["reason"]) == ("person:ops-1", "release holds", "đã kiểm tra")
    free = str(id_of("free"))
    assert first.json() == {
        "released": 3, "changed": [], "not_held": [free], "unknown": [str(stranger)], "more": False,
    }  # fmt: skip
    assert (again.json()["released"], len(again.json()["not_held"])) == (0, 4)
    assert stages == {"locked"}
    assert both.status_code == none.status_code == 422
    assert none.json()["errors"][0]["rule"] == "ids_or_import"


@pytest.mark.parametrize(("accept", "stage"), [(True, "active"), (False, "locked")])
async def test_the_desk_settles_a_disputed_contract(
    settings: Settings, people: People, accept: bool, stage: str
) -> None:
    async with world(settings, people, "api") as it:
        await disputed_subscription(it, "dv-1")
        (open_,) = (await it.access("dv-1"))["products"]
        path, body = of("dv-1", f"/disputes/{UUID(int=1)}"), {"accept": accept, **WHY}
        settled = await ask(it, "POST", path, body, role=Role.DESK)
        again = await ask(it, "POST", path, body, role=Role.DESK)
    assert len(open_["access"]) == 4
    assert (settled.json()["stage"], settled.json()["disputed"]) == (stage, [])
    assert problem(again) == (409, "no-such-contract")


async def test_data_goes_by_two_people_after_its_hold(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        await ended_subscription(it, "dv-1")
        path = of("dv-1", "/deletion")
        early = await ask(it, "POST", f"{path}/approval")
        proposed = await ask(it, "POST", path, WHY)
        twice = await ask(it, "POST", path, WHY, number=2)
        holding = await ask(it, "POST", f"{path}/approval", number=2)
        it.move_days(30)
        held_until = it.today
        alone = await ask(it, "POST", f"{path}/approval")
        (proposal,) = (await ask(it, "GET", "/v1/deletions")).json()
        approved = await ask(it, "POST", f"{path}/approval", number=2)
        it.move_days(8)
        (request,) = (await ask(it, "GET", "/v1/deletions")).json()
        metrics = (await it.client.get("/metrics")).text
        withdrawn = await ask(it, "DELETE", path, WHY)
        left = (await ask(it, "GET", "/v1/deletions")).json()
        events = await until(lambda: _published(it, DataDeletionCancelled), "the request and its end")
    assert problem(early) == (409, "no-deletion")
    assert (proposed.status_code, proposed.json()["deletion"]["proposed_by"]) == (202, "ops-1")
    assert problem(twice) == (409, "deletion-proposed")
    assert problem(holding) == (409, "hold-runs")
    assert holding.json()["day"] == held_until.isoformat()
    assert problem(alone) == (409, "same-person")
    assert approved.json()["deletion"]["approved_by"] == "ops-2"
    assert withdrawn.json()["deletion"]["cancelled"] is True
    stands = [(row["status"], row["waits_for"], row["late"]) for row in (proposal, request)]
    assert stands == [("proposed", "ops", False), ("requested", "platform", True)]
    assert "giahan_deletions_late 1.0" in metrics
    assert left == []
    assert events == [DataDeletionRequested, DataDeletionCancelled]


async def _published(it: World, last: type) -> list[type] | None:
    kinds = [type(event) for event in await it.published_about("dv-1")]
    of_data = [kind for kind in kinds if kind.__name__.startswith("Data")]
    return of_data if last in of_data else None


async def test_a_renewer_asks_for_the_data_of_the_own_office(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        await ended_subscription(it, "dv-1")
        path = of("dv-1", "/recoveries")
        stranger = await ask(it, "POST", path, role=Role.RENEWER, office_ref="dv-2")
        requested = await ask(it, "POST", path, role=Role.RENEWER, office_ref="dv-1")
        again = await ask(it, "POST", path, role=Role.DESK)
        listed = await ask(it, "GET", path, role=Role.RENEWER, office_ref="dv-1")
        hidden = await ask(it, "GET", path, role=Role.RENEWER, office_ref="dv-2")
        events = await until(lambda: _published(it, DataRecoveryRequested), "the request")
    assert [recovery["answer"] for recovery in listed.json()] == [None]
    assert problem(hidden) == (404, "unknown-subscription")
    assert problem(stranger) == (404, "unknown-subscription")
    assert (requested.status_code, requested.json()["answer"]) == (202, None)
    assert problem(again) == (409, "recovery-open")
    assert events == [DataRecoveryRequested]


class WrongClock:
    """The machine's time, set a day ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251  it replaces the system clock


async def test_nothing_is_decided_by_a_clock_that_may_be_wrong(settings: Settings, people: People) -> None:
    """Guards against: the change of something else also emits what a wrong clock brings."""
    real = WrongClock()
    async with world(settings, people, "api", real=real) as it:
        made = await create(it, "dv-1", 0)
        real.ahead = days(1)
        body = {"licence": {"users": 5}, **WHY}
        changed = await ask(it, "POST", of("dv-1", "/corrections"), body)
        many = await ask(it, "POST", "/v1/hold-releases", {"ids": [made["id"]], **WHY})
        state = await it.subscription("dv-1")
    assert problem(changed) == problem(many) == (503, "clocks-disagree")
    assert (state.stage, state.licence.users) == ("expiring", 10)
