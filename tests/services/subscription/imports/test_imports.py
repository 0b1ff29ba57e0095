"""Imports on real Kafka and MongoDB: proposed, confirmed by a person, applied."""

import asyncio
import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.subscription.imports.rows import Outcome
from services.subscription.imports.state import Import
from services.subscription.imports.store import ImportRows, Imports
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row
from shared.events.subscription import SubscriptionAdopted, SubscriptionRecorded
from shared.runtime.settings import Settings
from shared.web.people import Role
from tests.services.subscription.examples import days
from tests.services.subscription.world import World, nothing, row, world
from tests.support.people import People
from tests.support.service_process import until


def counts(shown: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(shown[name] for name in ("adopted", "corrected", "held", "unchanged", "refused"))


async def reported(it: World, import_id: str) -> list[dict[str, str]]:
    path = f"/v1/imports/{import_id}/report.csv"
    answer = await it.client.get(path, headers=it.people.headers(Role.OPS))
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))


async def test_a_proposal_changes_nothing_until_a_named_person_confirms(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it:
        file = write_rows([row(f"dv-{n}", it.today + days(n - 70)) for n in range(0, 240, 3)])
        proposed = await it.propose(file)
        assert proposed.status_code == 201
        body = proposed.json()
        assert (body["state"], body["rows"], body["waiting"]) == ("proposed", 80, 80)
        assert counts(body) == (80, 0, 0, 0, 0)
        assert (await it.access("dv-0"))["known"] is False
        applied = await it.confirm(body["import_id"])
        assert (applied["confirmed_by"], applied["reason"]) == ("ops-1", "checked")
        assert (counts(applied), applied["waiting"]) == ((80, 0, 0, 0, 0), 0)
        again = await it.propose(file)
        assert (again.status_code, again.json()) == (200, applied)
        await it.wait_until_idle()
        kinds = Counter(type(event) for _, event in await it.published())
    assert kinds == {SubscriptionRecorded: 80, SubscriptionAdopted: 80}


async def test_a_later_list_corrects_what_it_changes(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        rows = [row(f"dv-{n}", it.today + days(200)) for n in range(20)]
        await it.imports(rows)
        later = [rows[0].model_copy(update={"contact_name": "Lê Thị Mới"}), *rows[1:]]
        assert counts(await it.imports(later)) == (0, 1, 0, 19, 0)
        assert (await it.subscription("dv-0")).licence.contact_name == "Lê Thị Mới"
        document = await it.service.database["subscriptions"].find_one({"office_ref": "dv-0"})
    assert document is not None
    entry = document["trail"][-1]
    assert (entry["actor"], entry["action"], entry["reason"]) == ("person:ops-1", "import", "checked")


async def test_good_rows_go_in_and_bad_ones_are_named(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        good = row("good", it.today + days(9), tax_code="0101243151")
        bad = good.model_copy(update={"office_ref": "bad", "budget_code": "047665", "users": 0})
        applied = await it.imports([bad, good, *[row("twice", it.today)] * 2])
        assert counts(applied) == (1, 0, 0, 0, 3)
        assert [(e["row"], e["field"], e["rule"]) for e in applied["errors"]] == [
            (2, "budget_code", "leading_zero"),
            (2, "users", "out_of_range"),
            (4, "office_ref", "repeated_in_file"),
            (5, "office_ref", "repeated_in_file"),
        ]
        assert [(w["row"], w["rule"]) for w in applied["warnings"]] == [(3, "check_digit")]
        assert (await it.access("good"))["known"] is True
        assert (await it.access("bad"))["known"] is False
        report = await reported(it, applied["import_id"])
    assert [(line["row"], line["office_ref"], line["outcome"], line["rule"]) for line in report] == [
        ("2", "bad", "refused", "leading_zero; out_of_range"),
        ("3", "good", "adopted", "check_digit"),
        ("4", "twice", "refused", "repeated_in_file"),
        ("5", "twice", "refused", "repeated_in_file"),
    ]
    assert report[0]["message_vi"].startswith("Thiếu số 0 ở đầu")
    assert report[0]["message_en"].startswith("The leading zero is lost")


async def test_last_days_whose_year_looks_mistyped_are_warned_of_before_anybody_confirms(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it:
        rows = [row("far", date(2062, 12, 31)), row("old", date(2003, 1, 1)), row("good", it.today + days(9))]
        body = (await it.propose(write_rows(rows))).json()
        assert [(w["row"], w["field"], w["rule"]) for w in body["warnings"]] == [
            (2, "expires_on", "beyond_longest_term"),
            (3, "expires_on", "long_overdue"),
        ]
        assert "5 năm" in body["warnings"][0]["message"][0]
        await it.confirm(body["import_id"])
        report = await reported(it, body["import_id"])
    assert [line["rule"] for line in report] == ["beyond_longest_term", "long_overdue", ""]


async def test_what_is_personal_leaves_the_rows_once_they_are_applied(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        rows = it.service.database["import_rows"]
        proposed = await it.propose(write_rows([row("office", it.today)]))
        assert await rows.count_documents({"given.contact_name": "Trần Văn Thử"}) == 1
        await it.confirm(proposed.json()["import_id"])
        assert [document["given"] async for document in rows.find({})] == [None]


async def test_only_ops_may_import(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        file = write_rows([row("x", it.today)])
        path = f"/v1/imports/{(await it.propose(file)).json()['import_id']}"
        confirmation = f"{path}/confirmation"
        for role in (Role.RENEWER, Role.MEMBER, Role.DESK):
            who = people.headers(role, "x")
            answers = [
                await it.propose(file, role),
                await it.client.post(confirmation, json={"reason": "r"}, headers=who),
                *[await it.client.get(at, headers=who) for at in ("/v1/imports", path, f"{path}/report.csv")],
            ]
            assert [answer.status_code for answer in answers] == [403] * 5
        assert (await it.client.post("/v1/imports", content=file)).status_code == 401
        assert (await it.client.post(confirmation, json={"reason": "r"})).status_code == 401


async def test_a_file_that_cant_be_read_is_refused_and_not_kept(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        answer = await it.propose(write_rows([]).replace(b",policy", b""))
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["rule"]) == ("/1/policy", "column_missing")
        assert error["message"].startswith("Thiếu cột này")
        assert await it.service.database["imports"].count_documents({}) == 0


async def test_the_first_to_confirm_counts_and_a_key_is_for_one_request(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        id = (await it.propose(write_rows([row("x", it.today)]))).json()["import_id"]

        async def confirms(reason: str, number: int = 1, key: str | None = None) -> Any:
            who = people.headers(Role.OPS, number=number) | ({"idempotency-key": key} if key else {})
            path = f"/v1/imports/{id}/confirmation"
            return await it.client.post(path, json={"reason": reason}, headers=who)

        first = await confirms("right", key="k")
        assert (first.status_code, first.json()["state"]) == (202, "confirmed")
        assert (await confirms("right", key="k")).json() == first.json()
        reused = await confirms("other", key="k")
        assert reused.status_code == 422
        assert reused.json()["type"] == "urn:giahan:problem:idempotency-key-reused"
        other = await confirms("mine", number=2)
        assert (other.status_code, other.json()["confirmed_by"]) == (202, "ops-1")
        assert (await confirms("")).status_code == 422


async def test_imports_are_listed_newest_first_page_by_page(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        ids = [
            (await it.propose(write_rows([row(f"o-{n}", it.today)]))).json()["import_id"] for n in range(5)
        ]
        ops, found = people.headers(Role.OPS), []
        cursor: dict[str, str] = {}
        for _ in range(3):
            page = (await it.client.get("/v1/imports", params={"limit": 2, **cursor}, headers=ops)).json()
            found += [item["import_id"] for item in page["items"]]
            cursor = {"cursor": page["next"]}
        assert (found, page["next"]) == (ids[::-1], None)
        wrong = await it.client.get("/v1/imports", params={"cursor": "xx"}, headers=ops)
        assert wrong.json()["errors"][0]["pointer"] == "/query/cursor"
        unknown = "/v1/imports/00000000-0000-0000-0000-000000000000"
        assert (await it.client.get(unknown, headers=ops)).status_code == 404
        confirmed = await it.client.post(f"{unknown}/confirmation", json={"reason": "r"}, headers=ops)
        assert confirmed.json()["type"] == "urn:giahan:problem:unknown-import"


async def test_a_few_dates_moved_to_the_past_are_held_and_reported(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        rows = [row(f"o-{n}", it.today + days(200)) for n in range(250)]
        await it.imports(rows)
        moved = [one.model_copy(update={"expires_on": it.today - days(1)}) for one in rows[:1]]
        applied = await it.imports([*moved, *rows[1:]])
        assert (counts(applied), applied["many"]) == ((0, 0, 1, 249, 0), False)
        (product,) = (await it.access("o-0"))["products"]
        line = (await reported(it, applied["import_id"]))[0]
    assert "write" in product["access"]
    assert (line["outcome"], line["field"], line["rule"]) == ("held", "expires_on", "date_too_new")


async def test_many_dates_moved_to_the_past_wait_for_a_named_person_and_the_rest_goes_in(
    settings: Settings, people: People, capfd: pytest.CaptureFixture[str]
) -> None:
    async with world(settings, people, "api") as it:
        rows = [row(f"o-{n}", it.today + days(200)) for n in range(60)]
        await it.imports(rows)
        moved = [one.model_copy(update={"expires_on": it.today - days(1)}) for one in rows[:40]]
        later = [one.model_copy(update={"contact_name": "Lê Thị Mới"}) for one in rows[40:]]
        applied = await it.imports([*moved, *later, row("new", it.today)])
        assert (counts(applied), applied["many"]) == ((1, 20, 40, 0, 0), True)
        held = await it.subscription("o-3")
        assert (held.hold, held.trust.needs_release) == ("many_at_once", True)
        assert "holds.many" in capfd.readouterr().err
        fields = {"import_id": applied["import_id"], "reason": "the list is right"}
        released = await it.client.post("/v1/hold-releases", json=fields, headers=people.headers(Role.OPS))
        assert released.json()["released"] == 40
        (product,) = (await it.access("o-3"))["products"]
    assert product["access"] == []


async def test_holds_already_open_count_towards_the_many(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        rows = [row(f"o-{n}", it.today + days(200)) for n in range(800)]
        await it.imports(rows)
        passed = {"expires_on": it.today - days(1)}
        for some, many in ((rows[:4], False), (rows[4:8], True)):
            applied = await it.imports([one.model_copy(update=passed) for one in some])
            assert (applied["held"], applied["many"]) == (4, many)


class CrashingRows(ImportRows):
    """Dies once, before the rows' outcomes are recorded."""

    died = False

    async def record_outcomes(self, one: Import, outcomes: Mapping[int, Outcome]) -> None:
        if not self.died:
            self.died = True
            raise ConnectionError
        await super().record_outcomes(one, outcomes)


async def proposed(it: World, rows: list[Row]) -> str:
    """A confirmed import that is not applied, because the service runs its HTTP side only."""
    id: str = (await it.propose(write_rows(rows))).json()["import_id"]
    path = f"/v1/imports/{id}/confirmation"
    await it.client.post(path, json={"reason": "right"}, headers=it.people.headers(Role.OPS))
    return id


async def test_a_row_saved_and_not_ticked_off_counts_once_as_what_it_was(
    settings: Settings, people: People
) -> None:
    """Guards against: killed in the middle of a batch, the finished half is done again, or reported as not
    done."""
    async with world(settings, people, "api") as it:
        old = row("old", it.today + days(200))
        await it.imports([old])
        changed = old.model_copy(update={"contact_name": "Lê Thị Mới"})
        id = await proposed(it, [changed, *[row(f"o-{n}", it.today + days(200)) for n in range(5)]])
        applying = it.applier()
        collection = Imports(applying.imports._store, CrashingRows(it.service.database["import_rows"]))
        dying = replace(applying, imports=collection)
        one = await collection.to_apply(())
        assert one is not None
        with pytest.raises(ExceptionGroup):
            await dying.apply(one, nothing)
        assert (await it.subscription("old")).licence.contact_name == "Lê Thị Mới"
        assert counts(await it.confirm(id)) == (5, 1, 0, 0, 0)
        versions = await it.service.database["subscriptions"].distinct("version")
    assert sorted(versions) == [1, 2]


async def test_two_that_apply_at_once_apply_each_row_once(settings: Settings, people: People) -> None:
    """Guards against: the lease's holder wakes up after its lease has ended and finishes its work."""
    async with world(settings, people, "api") as it:
        id = await proposed(it, [row(f"o-{n}", it.today + days(200)) for n in range(250)])
        applying = it.applier()
        one = await applying.imports.to_apply(())
        assert one is not None
        await asyncio.gather(applying.apply(one, nothing), it.applier().apply(one, nothing))
        assert counts(await it.confirm(id)) == (250, 0, 0, 0, 0)
        assert await it.service.database["subscriptions"].distinct("version") == [1]


async def test_the_database_looks_at_each_row_of_a_list_a_few_times_however_long_the_list_is(
    settings: Settings, people: People
) -> None:
    """Guards against: each batch, and each look at the progress, reads the whole list once more."""
    async with world(settings, people, "api") as it:
        database, rows = it.service.database, 1000
        id = await proposed(it, [row(f"o-{n}", it.today + days(200)) for n in range(rows)])
        await database.command("profile", 2)
        path, ops = f"/v1/imports/{id}", people.headers(Role.OPS)
        for _ in range(20):
            await it.client.get(path, headers=ops)
        assert counts(await it.confirm(id)) == (rows, 0, 0, 0, 0)
        await database.command("profile", 0)
        profiled = database["system.profile"].find({"ns": f"{database.name}.import_rows"})
        looked = sum([operation.get("docsExamined", 0) async for operation in profiled])
    assert looked < 6 * rows


async def test_the_same_bytes_sent_twice_at_once_are_one_import(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        file = write_rows([row(f"o-{n}", it.today + days(200)) for n in range(50)])
        one, other = await asyncio.gather(it.propose(file), it.propose(file))
        assert one.json()["import_id"] == other.json()["import_id"]
        assert await it.service.database["import_rows"].count_documents({}) == 50
        assert counts(await it.confirm(one.json()["import_id"])) == (50, 0, 0, 0, 0)


async def test_a_reading_that_died_is_read_again(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        file = write_rows([row(f"o-{n}", it.today + days(200)) for n in range(3)])
        id = (await it.propose(file)).json()["import_id"]
        database = it.service.database
        await database["imports"].update_one({"_id": id}, {"$set": {"phase": "reading", "reading": 0}})
        path, ops = f"/v1/imports/{id}", people.headers(Role.OPS)
        shown = (await it.client.get(path, headers=ops)).json()
        assert (shown["state"], shown["rows"], shown["adopted"]) == ("reading", 3, 3)
        refused = await it.client.post(f"{path}/confirmation", json={"reason": "r"}, headers=ops)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:import-not-read")
        assert (await it.propose(file)).status_code == 201
        assert counts(await it.confirm(id)) == (3, 0, 0, 0, 0)

        async def tidied() -> bool:
            return await database["import_rows"].count_documents({}) == 3

        await until(tidied, "the dead reading's rows gone")


async def test_what_nobody_confirms_is_dropped_after_thirty_days_and_can_be_proposed_again(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it:
        file = write_rows([row("x", it.today + days(200))])
        path, ops = f"/v1/imports/{(await it.propose(file)).json()['import_id']}", people.headers(Role.OPS)
        it.move_days(29)
        it.move_days(2)
        rows = it.service.database["import_rows"]

        async def dropped() -> bool:
            return await rows.find_one({}) is None

        await until(dropped, "the rows gone")
        assert (await it.client.get(path, headers=ops)).json()["state"] == "dropped"
        report = await it.client.get(f"{path}/report.csv", headers=ops)
        confirmed = await it.client.post(f"{path}/confirmation", json={"reason": "r"}, headers=ops)
        assert [answer.status_code for answer in (report, confirmed)] == [409, 409]
        assert confirmed.json()["type"] == "urn:giahan:problem:import-dropped"
        assert (await it.access("x"))["known"] is False
        assert (await it.propose(file)).status_code == 201
        assert counts(await it.confirm(path.rpartition("/")[2])) == (1, 0, 0, 0, 0)


async def test_a_damaged_document_refuses_its_row_alone(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        rows = [row(f"o-{n}", it.today + days(91)) for n in range(4)]
        await it.imports(rows[:2])
        collection = it.service.database["subscriptions"]
        await collection.update_one({"office_ref": "o-1"}, {"$set": {"licence.users": "many"}})
        applied = await it.imports(rows)
        assert counts(applied) == (2, 0, 0, 1, 1)
        assert [(e["row"], e["rule"]) for e in applied["errors"]] == [(3, "damaged")]


async def test_a_policy_that_is_gone_by_the_time_of_confirmation_refuses_the_row(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        id = (await it.propose(write_rows([row("x", it.today), row("y", it.today)]))).json()["import_id"]
        rows = it.service.database["import_rows"]
        await rows.update_one({"office_ref": "x"}, {"$set": {"given.policy": "gone"}})
        applied = await it.confirm(id)
        assert counts(applied) == (1, 0, 0, 0, 1)
        (error,) = applied["errors"]
        assert (error["row"], error["field"], error["rule"]) == (2, "policy", "unknown_policy")


async def test_file_that_is_sent_again_while_it_is_read_is_read_once(
    settings: Settings, people: People
) -> None:
    """Guards against: who gets no answer in time sends the file again, and it is read twice side by side."""
    async with world(settings, people, "api") as it:
        file = write_rows([row(f"o-{n}", it.today + days(200)) for n in range(300)])
        answers = await asyncio.gather(*(it.propose(file) for _ in range(3)))
        assert len({answer.json()["import_id"] for answer in answers}) == 1
        stored = await it.service.database["import_rows"].distinct("reading")
        assert stored == [1]
