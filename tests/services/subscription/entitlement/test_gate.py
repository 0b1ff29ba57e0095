"""The login gate: what each product of an office allows now, and how callers cache the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.runtime.settings import Settings
from shared.time.clock import OffsetClock, SystemClock
from tests.services.subscription.examples import days
from tests.services.subscription.plan_steps import reminded
from tests.services.subscription.rest_steps import SUBSCRIPTIONS, ask, create, of, stated
from tests.services.subscription.world import World, world
from tests.support.people import People
from tests.support.service_process import until

FULL = ["read", "write", "print", "export"]


async def tagged(it: World, path: str, known: str = "") -> tuple[int, str, bytes]:
    answer = await it.client.get(f"/v1/access/{path}", headers={"if-none-match": known})
    return answer.status_code, answer.headers["etag"], answer.content


async def test_office_with_two_products_is_locked_for_the_expired_one_only(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)
        other = stated("dv-1", it.today + days(40), product_code="kt")
        assert (await ask(it, "POST", SUBSCRIPTIONS, other)).status_code == 201
        office = (await it.client.get("/v1/access/dv-1")).json()
        assert (office["office_ref"], office["known"]) == ("dv-1", True)
        found = {entry["product_code"]: entry for entry in office["products"]}
        assert {code: (entry["stage"], entry["access"]) for code, entry in found.items()} == {
            "qlts": ("locked", []),
            "kt": ("expiring", FULL),
        }
        for code, entry in found.items():
            assert (await it.client.get(f"/v1/access/dv-1/{code}")).json()["products"] == [entry]
            assert entry["reachable"] == ["registration", "history", "documents"]


@pytest.mark.parametrize("path", ["nobody", "nobody/qlts", "dv-1/other", "dv%201%20%E1%BA%A1/qlts"])
async def test_what_is_unknown_may_enter_and_is_reported(
    settings: Settings, people: People, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)
        capsys.readouterr()
        answer = await it.client.get(f"/v1/access/{path}")
        assert answer.status_code == 200
        assert (answer.json()["known"], answer.json()["products"]) == (False, [])
        logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert [line["level"] for line in logged if line["event"] == "gate.unknown"] == ["warning"]


async def test_a_copy_that_is_still_right_is_not_sent_again(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 40)
        status, tag, body = await tagged(it, "dv-1/qlts")
        assert (status, bool(body)) == (200, True)
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            assert await tagged(it, "dv-1/qlts", known) == (304, tag, b"")
        assert (await tagged(it, "dv-1/qlts", '"other"'))[0] == 200
        assert (await tagged(it, "dv-1", tag))[1] == tag, "an office with one product says the same"


async def test_a_copy_is_sent_again_after_midnight_and_after_a_change(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 40)
        _, tag, _ = await tagged(it, "dv-1/qlts")
        it.move_days(1)
        status, after_midnight, _ = await tagged(it, "dv-1/qlts", tag)
        assert (status, after_midnight != tag) == (200, True)
        granted = {"until": (it.today + days(90)).isoformat(), "reason": "lũ lụt"}
        assert (await ask(it, "PUT", of("dv-1", "/extension"), granted)).is_success
        assert (await tagged(it, "dv-1/qlts", after_midnight))[0] == 200


async def test_steps_are_what_the_gate_then_says(settings: Settings, people: People) -> None:
    """No scheduler runs: the gate uses the calendar itself."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 100)
        await reminded(it)
        first: dict[str, Any] = (await it.access("dv-1"))["products"][0]
        assert [step["stage"] for step in first["steps"]] == ["expiring", "locked", "final_notice"]
        assert first["valid_until"] == first["steps"][0]["starts_at"]
        for number, step in enumerate(first["steps"]):
            it.move_to(datetime.fromisoformat(step["starts_at"]) + timedelta(seconds=1))
            now = (await it.access("dv-1"))["products"][0]
            assert (now["stage"], now["access"]) == (step["stage"], step["access"])
            assert now["steps"] == first["steps"][number + 1 :]


async def test_while_the_clocks_disagree_nothing_recorded_is_tightened_and_no_step_is_named(
    settings: Settings, people: People
) -> None:
    """A platform with the same wrong clock would take tomorrow's step today."""
    machine = OffsetClock(SystemClock())
    async with world(settings, people, "api", real=machine) as it:
        await create(it, "dv-1", 0)
        before = (await it.access("dv-1"))["products"][0]
        assert [step["stage"] for step in before["steps"]] == ["locked", "final_notice"]
        machine.move(timedelta(days=1))

        async def apart() -> dict[str, Any] | None:
            entry: dict[str, Any] = (await it.access("dv-1"))["products"][0]
            return entry if entry["steps"] == [] else None

        wrong = await until(apart, "the gate to see that the clocks disagree")
        assert (wrong["stage"], wrong["access"], wrong["valid_until"]) == ("expiring", FULL, None)


async def test_damaged_subscription_is_an_error_and_no_verdict(settings: Settings, people: People) -> None:
    """On an error platforms keep their last answer. A guessed answer would open or lock offices by
    mistake."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", -5)
        collection = it.service.database["subscriptions"]
        await collection.update_one({"office_ref": "dv-1"}, {"$set": {"stage": "no such stage"}})
        assert (await it.client.get("/v1/access/dv-1/qlts")).status_code == 500


async def test_gate_answers_while_the_outbox_is_full(settings: Settings, people: People) -> None:
    """The gate reads only the state, whatever else waits in the document."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 40)
        before = await it.access("dv-1")
        collection = it.service.database["subscriptions"]
        entry = {"id": "x", "at": datetime(2026, 1, 1, tzinfo=UTC), "body": b"0" * 100_000}
        await collection.update_one({"office_ref": "dv-1"}, {"$push": {"outbox": {"$each": [entry] * 20}}})
        assert await it.access("dv-1") == before
