"""The ends of a day's plan, released by two people."""

from typing import Any

import pytest

from services.subscription.domain.plans.release import PlanRelease
from services.subscription.plans import end_lists
from services.subscription.plans.end_lists import EndLists
from services.subscription.plans.planner import Planner
from services.subscription.plans.releaser import PlanReleaser
from shared.background.wake import Wakes
from shared.events.base import Stage
from shared.events.subscription import SubscriptionTerminated
from shared.ids import subscription_id
from shared.resilience.errors import Conflict
from shared.runtime.settings import Settings
from shared.storage.store import Store
from shared.web.people import Role
from tests.services.subscription.examples import HANOI, POLICIES, days
from tests.services.subscription.plan_steps import (
    REASON,
    about_to_end,
    agree,
    listed,
    on,
    opens,
    plan,
    released_all,
)
from tests.services.subscription.world import World, world
from tests.support.people import People
from tests.support.service_process import until


async def test_two_people_release_the_ends_of_a_day(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        end = await about_to_end(it, "an", "binh", "chi", "duy", missing=("chi",))
        present = (await plan(it, end))["present"]
        assert (present["terminations"], present["released"], present["notices_missing"]) == (3, 0, 1)
        rows = await listed(it, end)
        assert {row["office_ref"]: row["notices_missing"] for row in rows} == {
            "an": "", "binh": "", "chi": "final_notice", "duy": "",
        }  # fmt: skip
        first = await agree(it, end, present["terminations_hash"])
        assert (first.status_code, first.json()["second"], first.json()["done"]) == (202, None, False)
        assert (await it.subscription("an")).release is None
        again = await agree(it, end, present["terminations_hash"])
        assert (again.status_code, again.json()["type"]) == (409, "urn:giahan:problem:same-person")
        assert again.json()["title"].startswith("Cần người thứ hai")
        second = await agree(it, end, present["terminations_hash"], number=2)
        assert (second.status_code, second.json()["second"]["by"]) == (202, "ops-2")
        await released_all(it, end)
        assert (await plan(it, end))["present"]["released"] == 3
        assert (await it.subscription("chi")).release is None
        await opens(it, "duy")
        it.move_days(7)
        await it.wait_until_idle()
        stages = {office: (await it.subscription(office)).stage for office in ("an", "binh", "chi", "duy")}
        events = [e.office_ref for _, e in await it.published() if isinstance(e, SubscriptionTerminated)]
    assert stages == {"an": "terminated", "binh": "terminated", "chi": "final_notice", "duy": "final_notice"}
    assert sorted(events) == ["an", "binh"]


async def test_who_let_it_end_and_why_is_on_record(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        end = await about_to_end(it, "an")
        hash = (await plan(it, end))["present"]["terminations_hash"]
        await agree(it, end, hash, number=1)
        await agree(it, end, hash, number=2)
        await released_all(it, end)
        audit = it.service.database["audit"]
        entry = await until(
            lambda: audit.find_one({"aggregate": f"subscriptions/{subscription_id('an', 'qlts')}",
                                    "actor": "person:ops-2"}), "the entry archived")  # fmt: skip
        words = await until(lambda: audit.find_one({"action": f"agree to end {end}"}), "the words archived")
        release = (await it.subscription("an")).release
    assert (entry["reason"], words["reason"]) == (REASON, REASON)
    assert release is not None
    assert (release.by, release.day, release.plan) == (("ops-1", "ops-2"), end, hash)


async def test_unreleased_ends_roll_over_into_the_next_days_plan(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, "an", "binh")
        await on(it, end)
        assert (await it.subscription("an")).stage is Stage.FINAL_NOTICE
        assert (await plan(it, end))["present"] is None
        tomorrow = (await plan(it, end + days(1)))["present"]
        refused = await agree(it, end, tomorrow["terminations_hash"])
        assert (tomorrow["terminations"], tomorrow["released"]) == (2, 0)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:day-begun")


async def test_a_list_that_changed_meanwhile_is_read_again(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, "an", "binh")
        old = (await plan(it, end))["present"]["terminations_hash"]
        assert (await agree(it, end, old)).status_code == 202
        await opens(it, "binh")
        second = await agree(it, end, old, number=2)
        assert (second.status_code, second.json()["type"]) == (409, "urn:giahan:problem:list-changed")
        present = second.json()["terminations_hash"]
        assert present == (await plan(it, end))["present"]["terminations_hash"] != old
        # Nobody has agreed to the present list yet.
        assert (await agree(it, end, present, number=2)).json()["second"] is None
        assert (await agree(it, end, present, number=1)).json()["second"]["by"] == "ops-1"


async def test_what_cannot_be_released(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, "an")
        hash = (await plan(it, end))["present"]["terminations_hash"]
        answers = [
            (it.today, "day-begun"),
            (it.today - days(1), "day-begun"),
            (it.today + days(31), "day-too-far"),
            (end - days(1), "nothing-ends"),
        ]
        for day, rule in answers:
            answer = await agree(it, day, hash)
            assert (answer.status_code, answer.json()["type"]) == (409, f"urn:giahan:problem:{rule}")
        assert (await agree(it, end, "abc")).status_code == 422
        unexplained = {"terminations_hash": hash, "reason": "  "}
        answer = await it.client.post(
            f"/v1/plans/{end}/releases", json=unexplained, headers=people.headers(Role.OPS)
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")
        assert await it.service.database["plan_releases"].count_documents({}) == 0


async def test_a_repeated_request_is_the_same_request(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, "an", "binh")
        hash = (await plan(it, end))["present"]["terminations_hash"]
        first = await agree(it, end, hash, key="k1")
        await opens(it, "binh")
        repeated = await agree(it, end, hash, key="k1")
        assert (first.status_code, repeated.status_code) == (202, 202)
        assert (await plan(it, end))["releases"] == [repeated.json()]
        assert repeated.json()["second"] is None


@pytest.mark.parametrize("role", [Role.DESK, Role.RENEWER, Role.MEMBER])
async def test_only_ops_see_plans_and_release(settings: Settings, people: People, role: Role) -> None:
    async with world(settings, people, "api") as it:
        headers = people.headers(role, "an")
        body = {"terminations_hash": "0" * 64, "reason": REASON}
        path = f"/v1/plans/{it.today + days(1)}"
        for answer in (
            await it.client.get("/v1/plans", headers=headers),
            await it.client.get(path, headers=headers),
            await it.client.get(path, headers=headers | {"accept": "text/csv"}),
            await it.client.post(f"{path}/releases", json=body, headers=headers),
        ):
            assert answer.status_code == 403


async def test_killed_in_the_middle_of_a_release_it_goes_on(
    settings: Settings, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_lists, "_LENGTH", 2)
    offices = [f"dv-{n}" for n in range(7)]
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, *offices)
        hash = (await plan(it, end))["present"]["terminations_hash"]
        for number in (1, 2):
            assert (await agree(it, end, hash, number=number)).status_code == 202
        with pytest.raises(Conflict):
            await releasing(it).apply(dies_after(2))
        assert await released(it) == 4
        sequences = await it.service.database["subscriptions"].distinct("sequence")
        await releasing(it).apply(dies_after(99))
        assert await released(it) == 7
        assert await it.service.database["subscriptions"].distinct("sequence") == sequences
        assert not await releasing(it).apply(dies_after(0))


async def test_two_who_apply_the_same_release_at_once_let_go_once(settings: Settings, people: People) -> None:
    offices = [f"dv-{n}" for n in range(7)]
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, *offices)
        hash = (await plan(it, end))["present"]["terminations_hash"]
        for number in (1, 2):
            await agree(it, end, hash, number=number)
        before = await versions_of(it)
        other = releasing(it)

        async def first_the_other() -> None:
            await other.apply(dies_after(99))

        with pytest.raises(Conflict):
            await releasing(it).apply(first_the_other)
        assert {id: n + 1 for id, n in before.items()} == await versions_of(it)


def releasing(it: World) -> PlanReleaser:
    service = it.service
    collection = Store(
        service.database["plan_releases"],
        PlanRelease,
        source="subscription",
        clock=service.clock,
        wakes=Wakes(),
        audited=True,
    )
    planner = Planner(it.subscriptions, POLICIES)
    return PlanReleaser(
        collection, planner, EndLists(service.database["plan_lists"]), POLICIES, service.clock, HANOI
    )


def dies_after(parts: int) -> Any:
    left = iter(range(parts))

    async def check_leadership() -> None:
        if next(left, None) is None:
            raise Conflict("another's turn")

    return check_leadership


async def released(it: World) -> int:
    query = {"release.by": ["ops-1", "ops-2"]}
    return await it.service.database["subscriptions"].count_documents(query)


async def versions_of(it: World) -> dict[str, int]:
    collection = it.service.database["subscriptions"]
    return {document["_id"]: document["version"] async for document in collection.find({}, {"version": 1})}
