"""Data recovery after the end of the service: repeated requests make one request."""

import asyncio
from uuid import UUID

import pytest

from services.renewal.settings import RenewalSettings
from shared.events.base import Stage
from shared.events.platform import DataRecoveryAnswered
from shared.events.renewal import DataRecoveryAsked
from shared.ids import derived, subscription_id
from shared.time.calendar import civil_date
from tests.services.renewal.offices import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.html import Page
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")


def path(office_ref: str) -> str:
    return f"/v1/offices/{office_ref}/products/qlts/recoveries"


async def test_requests_at_the_same_time_make_one(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.TERMINATED)
    renewer, desk = world.people.renewer(office_ref), world.people.clerk()
    asked = {"reason": "Cần số liệu quyết toán"}
    answers = await asyncio.gather(
        *(world.client.post(path(office_ref), json=asked, headers=who) for who in (renewer, desk, renewer))
    )
    assert {answer.status_code for answer in answers} == {202}
    (id,) = {answer.json()["id"] for answer in answers}
    again = await world.client.post(path(office_ref), json=asked, headers=renewer)
    assert again.json()["id"] == id

    async def told() -> list[DataRecoveryAsked]:
        heard = [event for event in world.heard if isinstance(event, DataRecoveryAsked)]
        return [event for event in heard if event.recovery_id == UUID(id)]

    (event,) = await until(told, "recovery asked")
    assert event.office_ref == office_ref
    seen = await world.client.get(path(office_ref), headers=world.people.member(office_ref))
    assert [(one["id"], one["answer"]) for one in seen.json()] == [(id, None)]


async def test_not_while_the_service_runs(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    answer = await world.client.post(
        path(office_ref), json={"reason": "thử"}, headers=world.people.renewer(office_ref)
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:giahan:problem:not-ended")


async def test_answer_to_a_request_made_elsewhere_answers_ours(renewal_world: World, office_ref: str) -> None:
    """Guards against: subscription ignored our request because another was open; ours then waited for ever
    and blocked new ones."""
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.TERMINATED)
    who = world.people.renewer(office_ref)
    asked = (await world.client.post(path(office_ref), json={"reason": "Cần số liệu"}, headers=who)).json()
    now = world.service.clock.now()
    answer = DataRecoveryAnswered(
        subscription_id=subscription_id(office_ref, "qlts"),
        office_ref=office_ref,
        product_code="qlts",
        effective_on=civil_date(now, "Asia/Ho_Chi_Minh"),
        occurred_at=now,
        recorded_at=now,
        recovery_id=derived("elsewhere", office_ref),
        answer="restored",
        note="",
    )
    await world.tell(world.subscription, answer)

    async def told() -> bool:
        (seen,) = (await world.client.get(path(office_ref), headers=who)).json()
        return bool(seen["id"] == asked["id"] and seen["answer"] == "restored")

    await until(told, "recovery answered")
    again = await world.client.post(path(office_ref), json={"reason": "Thiếu năm 2024"}, headers=who)
    assert again.json()["id"] != asked["id"]


async def test_an_office_asks_at_most_so_often_a_day_and_keeps_what_it_typed(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.TERMINATED)
    who, desk = world.people.renewer(office_ref), world.people.clerk()
    asked, most = list[str](), RenewalSettings.model_fields["recoveries_a_day"].default
    for n in range(most):
        made = await world.client.post(path(office_ref), json={"reason": f"Lần {n}"}, headers=who)
        assert made.status_code == 202, made.text
        asked.append(made.json()["id"])
        again = await world.client.post(path(office_ref), json={"reason": "nữa"}, headers=who)
        assert again.json()["id"] == asked[-1], "the open one, however often it is asked for"
        await _answered(world, office_ref, UUID(asked[-1]))
    assert len(set(asked)) == most
    refused = await world.client.post(path(office_ref), json={"reason": "Thêm"}, headers=who)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:recovery-limit")
    reader = await Reader.signed_in(world, who)
    form = (await reader.get(f"/renewal/o/{office_ref}/qlts/recovery")).form("/recovery")
    page = Page((await reader.send(form, 422, reason="Cần số liệu năm 2024")).text)
    assert "gọi bàn gia hạn" in page.text
    assert page.form("/recovery").fields["reason"] == "Cần số liệu năm 2024"
    by_desk = await world.client.post(path(office_ref), json={"reason": "Đã gọi"}, headers=desk)
    assert by_desk.status_code == 202, "the desk, whom it calls, may"
    theirs = await world.client.post(path(office_ref), json={"reason": "Thêm"}, headers=who)
    assert theirs.json()["id"] == by_desk.json()["id"], "an open request is answered, not refused"


async def _answered(world: World, office_ref: str, id: UUID) -> None:
    now = world.service.clock.now()
    answer = DataRecoveryAnswered(
        subscription_id=subscription_id(office_ref, "qlts"),
        office_ref=office_ref,
        product_code="qlts",
        effective_on=civil_date(now, "Asia/Ho_Chi_Minh"),
        occurred_at=now,
        recorded_at=now,
        recovery_id=id,
        answer="partly",
        note="",
    )
    await world.tell(world.subscription, answer)

    async def told() -> bool:
        seen = (await world.client.get(path(office_ref), headers=world.people.clerk())).json()
        return any(one["id"] == str(id) and one["answer"] for one in seen)

    await until(told, "recovery answered")
