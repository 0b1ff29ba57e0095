"""Subscriptions are created, read and corrected over REST."""

import unicodedata
from typing import Any

from shared.runtime.settings import Settings
from tests.services.subscription.examples import days
from tests.services.subscription.rest_steps import (
    SUBSCRIPTIONS,
    ask,
    create,
    field_errors,
    of,
    stated,
)
from tests.services.subscription.world import world
from tests.support.people import People
from tests.support.problems import problem


async def test_a_subscription_is_created_once_and_shown_with_its_version(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        body = stated("dv-1", it.today + days(30))
        made = await ask(it, "POST", SUBSCRIPTIONS, body)
        again = await ask(it, "POST", SUBSCRIPTIONS, body)
        assert made.status_code == 201, made.text
        answer = await ask(it, "GET", made.headers["location"])
        same = await ask(it, "GET", of("dv-1"), headers={"if-none-match": answer.headers["etag"]})
        gate = await it.access("dv-1")
    assert (made.status_code, made.json()["stage"], made.json()["warnings"]) == (201, "expiring", [])
    assert problem(again) == (409, "already-there")
    assert {**answer.json(), "warnings": []} == made.json()
    assert answer.headers["etag"] == made.headers["etag"] == '"1"'
    assert answer.json()["licence"] == {**_licence(body), "policy": "r117"}
    assert (same.status_code, same.content) == (304, b"")
    assert gate["known"] is True


def _licence(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("office_ref", "product_code")}


async def test_an_idempotency_key_creates_one_thing(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        body, key = stated("dv-1", it.today + days(30)), {"idempotency-key": "k-1"}
        first = await ask(it, "POST", SUBSCRIPTIONS, body, headers=key)
        repeat = await ask(it, "POST", SUBSCRIPTIONS, body, headers=key)
        other = await ask(it, "POST", SUBSCRIPTIONS, {**body, "users": 99}, headers=key)
        elsewhere = await ask(it, "POST", SUBSCRIPTIONS, {**body, "office_ref": "dv-2"}, headers=key)
        of_another = await ask(it, "POST", SUBSCRIPTIONS, body, headers=key, number=2)
        assert (await it.access("dv-2"))["known"] is False
    assert (repeat.status_code, repeat.json()) == (201, first.json())
    assert problem(other) == problem(elsewhere) == (422, "idempotency-key-reused")
    assert problem(of_another) == (409, "already-there")


async def test_every_wrong_field_of_a_new_licence_is_named(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        wrong = {
            "budget_code": "047665",
            "province_code": None,
            "users": 0,
            "expires_on": "2026-02-30",
            "contact_phone": 912345678,
            "a/b": "x",
        }
        body = stated("dv-1", it.today)
        del body["name"]
        of_form = await ask(it, "POST", SUBSCRIPTIONS, {**body, **wrong})
        rows = {"budget_code": "047665", "users": 0, "expires_on": "2026-02-30", "name": "a\x00b"}
        of_rules = await ask(it, "POST", SUBSCRIPTIONS, {**body, **rows}, headers={"accept-language": "en"})
        codes = {"name": "A", "tax_code": None, "budget_code": None}
        of_row = await ask(it, "POST", SUBSCRIPTIONS, {**body, **codes})
        assert (await it.access("dv-1"))["known"] is False
    assert field_errors(of_form) == {
        ("/name", "required"),
        ("/province_code", "required"),
        ("/contact_phone", "not_text"),
        ("/a~1b", "extra_forbidden"),
    }
    assert field_errors(of_rules) == {
        ("/budget_code", "leading_zero"),
        ("/users", "out_of_range"),
        ("/expires_on", "not_a_date"),
        ("/name", "characters"),
    }
    messages = {error["rule"]: error["message"] for error in of_rules.json()["errors"]}
    assert messages["not_a_date"].startswith("Not a date")
    assert field_errors(of_row) == {("/tax_code", "one_code_needed")}
    assert of_row.json()["errors"][0]["message"].startswith("Cần mã số thuế")


async def test_no_shape_of_a_cell_breaks_us(settings: Settings, people: People) -> None:
    awkward: list[Any] = [True, 1.5, -1, 10**30, [], {}, ["x"], {"$gt": ""}, "", " ", "\ud800", "x" * 10_000]
    async with world(settings, people, "api") as it:
        body = stated("dv-1", it.today)
        for field in body:
            for cell in awkward:
                answer = await ask(it, "POST", SUBSCRIPTIONS, {**body, field: cell})
                optional = field in ("tax_code", "budget_code", "zone") and cell in ("", " ")
                assert answer.status_code == 422 or optional, (field, cell, answer.text)
                assert answer.status_code in (201, 409, 422), (field, cell, answer.text)
        wholes: list[Any] = [[], "x", None, 5]
        for whole in wholes:
            assert (await ask(it, "POST", SUBSCRIPTIONS, whole)).status_code == 422


async def test_a_name_in_nfd_is_stored_in_nfc_and_doubts_are_reported(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        name = "Trường Tiểu học Ngọc Hà"
        made = await create(
            it, "dv-1", 30, name=f" {unicodedata.normalize('NFD', name)} ", tax_code="0101243151"
        )
    assert made["licence"]["name"] == name
    assert [(w["pointer"], w["rule"]) for w in made["warnings"]] == [("/tax_code", "check_digit")]


async def test_a_last_day_whose_year_looks_mistyped_is_warned_of(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        made = await create(it, "dv-1", 366 * 6)
        body = {"licence": {"expires_on": "2003-01-01"}, "reason": "sửa lại"}
        corrected = (await ask(it, "POST", of("dv-1", "/corrections"), body)).json()
        other = {"licence": {"users": 12}, "reason": "sửa lại"}
        unasked = (await ask(it, "POST", of("dv-1", "/corrections"), other)).json()
    assert [(w["pointer"], w["rule"]) for w in made["warnings"]] == [("/expires_on", "beyond_longest_term")]
    assert [(w["pointer"], w["rule"]) for w in corrected["warnings"]] == [("/expires_on", "long_overdue")]
    assert unasked["warnings"] == []


async def test_a_corrected_last_day_counts_at_once_both_ways(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        body = {"licence": {"expires_on": (it.today - days(3)).isoformat()}, "reason": " nhập nhầm năm "}
        shut = await ask(it, "POST", of("dv-1", "/corrections"), body)
        (locked,) = (await it.access("dv-1"))["products"]
        # Vietnamese spreadsheets' form of a date, as in the CSV.
        licence = {"expires_on": f"{it.today + days(9):%d/%m/%Y}", "contact_name": "Lê Thị Mới"}
        open_ = await ask(it, "POST", of("dv-1", "/corrections"), {"licence": licence, "reason": "sửa lại"})
        (opened,) = (await it.access("dv-1"))["products"]
        trail = await it.service.database["subscriptions"].find_one({"office_ref": "dv-1"})
    assert (shut.status_code, shut.json()["stage"], locked["access"]) == (200, "locked", [])
    assert (open_.json()["stage"], opened["days_left"]) == ("expiring", 9)
    assert open_.json()["licence"]["contact_name"] == "Lê Thị Mới"
    assert (open_.json()["trust"]["named"], open_.json()["hold"]) == (True, None)
    assert trail is not None
    audited = [(entry["actor"], entry["action"], entry["reason"]) for entry in trail["trail"]]
    assert audited == [
        ("person:ops-1", "create", ""),
        ("person:ops-1", "correct", "nhập nhầm năm"),
        ("person:ops-1", "correct", "sửa lại"),
    ]


async def test_a_correction_that_says_nothing_new_changes_nothing(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        made = await create(it, "dv-1", 200)
        body = {"licence": {"name": made["licence"]["name"]}, "reason": "kiểm tra"}
        answer = await ask(it, "POST", of("dv-1", "/corrections"), body)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


async def test_every_wrong_field_of_a_correction_is_named(settings: Settings, people: People) -> None:
    async def corrects(licence: Any, **more: Any) -> set[tuple[str, str]]:
        body = {"licence": licence, "reason": "x", **more}
        return field_errors(await ask(it, "POST", of("dv-1", "/corrections"), body))

    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 200)
        wrong = {"users": "many", "tax_code": "101243150"}
        assert await corrects(wrong) == {
            ("/licence/users", "not_a_number"),
            ("/licence/tax_code", "leading_zero"),
        }
        assert await corrects({"office_ref": "dv-2", "policy": "r117"}) == {
            ("/licence/office_ref", "not_correctable"),
            ("/licence/policy", "not_correctable"),
        }
        assert await corrects({"expires": "2027-01-01"}) == {("/licence/expires", "extra_forbidden")}
        assert await corrects({"tax_code": None, "budget_code": None}) == {
            ("/licence/tax_code", "one_code_needed")
        }
        assert await corrects({}) == {("/licence", "too_short")}
        assert await corrects({"users": 5}, reason="  ", by="x") == {
            ("/reason", "empty"),
            ("/by", "extra_forbidden"),
        }
        assert (await it.subscription("dv-1")).licence.users == 10


async def test_what_nobody_knows_is_not_found(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        body = {"licence": {"users": 5}, "reason": "x"}
        assert problem(await ask(it, "GET", of("none"))) == (404, "unknown-subscription")
        assert problem(await ask(it, "POST", of("none", "/corrections"), body)) == (
            404,
            "unknown-subscription",
        )
        assert (await ask(it, "GET", f"{SUBSCRIPTIONS}/x")).status_code == 422
