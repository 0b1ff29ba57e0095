"""A renewal long before the last day, or right after another: asked over REST and on the pages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from shared.events.base import Stage
from tests.services.renewal.messages import recorded
from tests.services.renewal.offices import post, registered, request
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.pages.licensed import licensed, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import declared, path, renewer
from tests.services.renewal.signed_registrations import issue, record_term, sign
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World
from tests.support.browser import Visit, page_problems
from tests.support.html import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


async def asked(world: World, office_ref: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await post(world, office_ref, body)
    assert answer.status_code == 409, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "urn:giahan:problem:early-renewal"
    return problem


async def test_two_hundred_days_early_is_asked_and_the_confirmation_is_recorded(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.ACTIVE, 200)
    body = request(world, office_ref)
    problem = await asked(world, office_ref, body)
    assert problem["reason"] == "far_from_expiry"
    assert problem["expires_on"] == (today(world) + timedelta(days=200)).isoformat()
    another = body | {"confirmed_until": problem["expires_on"]}
    assert (await asked(world, office_ref, another))["term_to"] == problem["term_to"]
    assert await of_office(world.renewals, office_ref) == []

    answer = await post(world, office_ref, body | {"confirmed_until": problem["term_to"]})
    assert answer.status_code == 201, answer.text
    assert answer.json()["early"][0].startswith("Thời hạn hiện tại còn đến")
    (made,) = await of_office(world.renewals, office_ref)
    (entry, *_) = await world.renewals.history(made.registration.renewal_id)
    assert f'"term_to": "{problem["term_to"]}"' in json.dumps(entry.after["registration"])
    assert made.registration.early is not None
    assert made.registration.early.term == made.registration.term


async def test_the_pages_ask_and_go_on_with_a_tick(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.ACTIVE, 200)
    reader: Reader = await renewer(world, office_ref)
    review = await declared(world, reader, office_ref)
    question = f"Thời hạn hiện tại còn đến {today(world) + timedelta(days=200):%d/%m/%Y}"
    assert question in review.text
    send = await reader.get(path(office_ref, "send"))
    assert question in send.text
    untouched = await reader.send(send.form("/send"), 422, send_by="paper")
    again = Page(untouched.text)
    assert "đánh dấu xác nhận thời hạn mới" in again.text
    assert await of_office(world.renewals, office_ref) == []
    review_of = f"/v1/offices/{office_ref}/products/qlts/review"
    answer = await world.client.post(review_of, headers=world.people.renewer(office_ref))
    until = answer.json()["term"]["term_to"]
    done = await reader.followed(
        await reader.send(again.form("/send"), send_by="paper", confirmed_until=until)
    )
    (made,) = await of_office(world.renewals, office_ref)
    assert made.registration.early is not None
    assert made.registration.number in done.text
    clerk = await Reader.signed_in(world, world.people.clerk())
    case = await clerk.get(f"/renewal/desk/registrations/{made.registration.renewal_id}")
    assert "Người đăng ký được hỏi vì gia hạn sớm" in case.text


async def test_ninety_days_before_nothing_is_asked(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.EXPIRING, 90)
    answer = await post(world, office_ref, request(world, office_ref))
    assert answer.status_code == 201, answer.text
    assert answer.json()["early"] is None


async def test_a_second_renewal_right_after_the_first_is_asked(renewal_world: World, office_ref: str) -> None:
    world, until = renewal_world, today(renewal_world) + timedelta(days=100)
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    await record_term(world, made, office_ref, until)
    body = request(world, office_ref)
    problem = await asked(world, office_ref, body)
    assert (problem["reason"], problem["expires_on"]) == ("just_renewed", until.isoformat())
    answer = await post(world, office_ref, body | {"confirmed_until": problem["term_to"]})
    assert answer.status_code == 201, answer.text
    assert "vừa được gia hạn ngày" in answer.json()["early"][0]


async def test_a_policy_that_refuses_says_from_when(renewal_world: World, office_ref: str) -> None:
    world, expires_on = renewal_world, today(renewal_world) + timedelta(days=91)
    told = recorded(office_ref=office_ref, product_code="timely", expires_on=expires_on, stage=Stage.ACTIVE)
    await world.tell(world.subscription, told)
    await world.knows(office_ref, "timely", stage=Stage.ACTIVE)
    body = request(world, office_ref, "timely")
    possible = expires_on - timedelta(days=90)
    refused = await post(world, office_ref, body)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:giahan:problem:registration-invalid")
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["rule"]) == ("/order/years", "too_early")
    assert f"{possible:%d/%m/%Y}" in error["message"]
    review = await world.client.post(
        f"/v1/offices/{office_ref}/products/timely/review", headers=world.people.renewer(office_ref)
    )
    assert "too_early" in [fault["rule"] for fault in review.json()["faults"]]
    assert review.json()["early"] is None


async def test_pages_that_ask_have_no_barrier(renewal_world: World, office_ref: str, visit: Visit) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.ACTIVE, 200)
    await declared(world, await renewer(world, office_ref), office_ref)
    page = await visit(world.people.renewer(office_ref))
    await is_fine(page, *(path(office_ref, step) for step in ("declare", "review", "send")))
    await page.goto(path(office_ref, "send") + "?lang=vi")
    await page.get_by_label("Ký số và gửi ngay").check()
    await page.get_by_role("button", name="Xác nhận").click()
    await expect(page.get_by_role("alert")).to_contain_text("đánh dấu xác nhận thời hạn mới")
    assert await page_problems(page) == []
    assert await of_office(world.renewals, office_ref) == []
    await page.get_by_label("Đúng, đơn vị muốn gia hạn tiếp").check()
    await page.get_by_role("button", name="Xác nhận").click()
    await page.wait_for_url("**done=yes**")
    assert len(await of_office(world.renewals, office_ref)) == 1
