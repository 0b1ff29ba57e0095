"""One subscription's timeline over HTTP: from the audit, wherever its entries are stored, and from the
calendar."""

import csv
import io
from typing import Any

from shared.runtime.settings import Settings
from shared.text.csv_lines import BOM
from tests.services.subscription.examples import days
from tests.services.subscription.plan_steps import reminded
from tests.services.subscription.rest_steps import ask, create, ended_subscription, of
from tests.services.subscription.world import World, world
from tests.support.people import People


async def timeline(it: World, office_ref: str = "dv-1") -> dict[str, Any]:
    answer = await ask(it, "GET", of(office_ref, "/timeline"))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return [item["kind"] for item in items]


async def corrected(it: World, reason: str, **changes: Any) -> None:
    fields = {"licence": changes, "reason": reason}
    assert (await ask(it, "POST", of("dv-1", "/corrections"), fields)).is_success


async def test_what_happened_and_what_will_is_listed_with_who_and_why(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        await corrected(it, "ghi nhầm năm", expires_on=(it.today + days(20)).isoformat())
        await reminded(it)
        it.move_days(21)
        await it.schedule().tick()
        view = await timeline(it)
        assert (view["office_ref"], view["product_code"], view["stage"]) == ("dv-1", "qlts", "locked")
        assert view["today"] == it.today.isoformat()
        assert [(item["kind"], item["who"], item["why"]) for item in view["happened"]] == [
            ("adopted", "person:ops-1", ""),
            ("corrected", "person:ops-1", "ghi nhầm năm"),
            ("stage", "person:ops-1", "ghi nhầm năm"),
            ("noticed", "service", ""),
            ("stage", "service", ""),
        ]
        given_on = (it.today - days(21)).isoformat()
        assert [item["on"] for item in view["happened"][2:]] == [given_on, given_on, it.today.isoformat()]
        assert view["happened"][3]["text"] == [
            "Đã ghi nhận thông báo “Sắp hết hạn”", "The notice “Expiring” is on record"
        ]  # fmt: skip
        assert view["happened"][-1]["text"] == [
            "Từ “Sắp hết hạn” sang “Đã hết hạn”", "From “Expiring” to “Expired”"
        ]  # fmt: skip
        assert all(item["at"] for item in view["happened"])
        assert kinds(view["to_come"]) == ["stage", "warned_again", "end", "deletion_due"]
        assert all(item["at"] is None and item["who"] is None for item in view["to_come"])
        assert view["to_come"][2]["needs"] == ["notices", "release"]


async def test_entries_are_listed_once_wherever_they_are(settings: Settings, people: People) -> None:
    """In the document, in the archive or, if the archiving died in between, in both."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        await corrected(it, "một", contact_name="Lê Thị Mới")
        before = await timeline(it)
        collection = it.service.database["subscriptions"]
        trail = (await collection.find_one({"office_ref": "dv-1"}))["trail"]  # type: ignore[index]
        while await it.service.archive().move():
            pass
        assert await timeline(it) == before
        await collection.update_one({"office_ref": "dv-1"}, {"$set": {"trail": trail}})
        assert await timeline(it) == before
        await corrected(it, "hai", contact_name="Lê Thị Cũ")
        assert len((await timeline(it))["happened"]) == len(before["happened"]) + 1


async def test_details_are_named_and_not_shown(settings: Settings, people: People) -> None:
    """Personal data stays in the licence."""
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        await corrected(it, "đổi người", contact_name="Lê Thị Mới", contact_phone="0987654321")
        answer = await ask(it, "GET", of("dv-1", "/timeline"))
        assert answer.json()["happened"][-1]["text"][1] == "Details changed: contact_name, contact_phone"
        assert "0987654321" not in answer.text
        assert "Lê Thị Mới" not in answer.text


async def test_sheet_has_a_line_for_each_item_and_no_formula(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        await corrected(it, '=HYPERLINK("http://x","y")', contact_name="Lê Thị Mới")
        view = await timeline(it)
        answer = await ask(it, "GET", of("dv-1", "/timeline.csv"))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(BOM)
        header, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        assert header == ["on", "recorded_at", "kind", "who", "why", "needs", "vi", "en"]
        items = view["happened"] + view["to_come"]
        assert [(line[0], line[2], *line[6:]) for line in lines] == [
            (item["on"], item["kind"], *item["text"]) for item in items
        ]
        assert [line[4] for line in lines if line[4]] == ['\'=HYPERLINK("http://x","y")']


async def test_entry_that_cannot_be_read_hides_no_other(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        await corrected(it, "một", contact_name="Lê Thị Mới")
        await corrected(it, "hai", address="Phường Ba Đình, Thành phố Hà Nội")
        await it.service.archive().move()
        audit = it.service.database["audit"]
        await audit.update_one({"n": 2}, {"$set": {"after.stage": "no such stage"}})
        assert kinds((await timeline(it))["happened"]) == ["adopted"]
        await audit.update_one({"n": 2}, {"$set": {"after.stage": 5, "n": "two"}})
        assert [item["why"] for item in (await timeline(it))["happened"]] == ["", "hai"]


async def test_end_and_deletion_are_listed_to_the_end(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await ended_subscription(it, "dv-1")
        assert (await ask(it, "POST", of("dv-1", "/deletion"), {"reason": "hết hạn giữ"})).is_success
        view = await timeline(it)
        happened = kinds(view["happened"])
        assert happened[-3:] == ["end_released", "stage", "deletion_proposed"]
        assert view["stage"] == "terminated"
        assert kinds(view["to_come"]) == ["deletion_due"]


async def test_unknown_subscription_and_people_of_offices(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        for rest in ("/timeline", "/timeline.csv"):
            assert (await ask(it, "GET", of("nobody", rest))).status_code == 404
            assert (await it.client.get(of("dv-1", rest))).status_code == 401
            for role in ("renewer", "member"):
                answer = await ask(it, "GET", of("dv-1", rest), role=role, office_ref="dv-1")
                assert answer.status_code == 403
            assert (await ask(it, "GET", of("dv-1", rest), role="desk")).status_code == 200
