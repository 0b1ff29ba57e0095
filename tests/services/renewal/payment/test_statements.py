"""A bank statement, from the upload to recorded payments, over REST and pages."""

from typing import Any

import pytest

from shared.ids import fresh
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.bank_statements import table, upload
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.html import Page
from tests.support.people import Headers

pytestmark = pytest.mark.usefixtures("rendered_once")


async def payment(world: World, made: dict[str, Any], who: Headers) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=who)
    found: dict[str, Any] = answer.json()
    return found


async def waiting(world: World, desk: Headers, memo: str) -> dict[str, Any]:
    answer = await world.client.get("/v1/desk/bank-lines", headers=desk)
    (found,) = [line for line in answer.json() if line["line"]["memo"] == memo]
    line: dict[str, Any] = found
    return line


async def test_exact_is_recorded_once_and_the_rest_waits(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    desk = world.people.headers(Role.DESK)
    whole, part = [await registered(world, f"{office_ref}-{n}") for n in (1, 2)]
    due = [(await payment(world, made, desk))["amount"] for made in (whole, part)]
    code, other = (made["number"].replace("-", "") for made in (whole, part))
    tag = fresh().hex[:8]
    rows = (
        (f"A{tag}", due[0], f"MBVCB.1.{code.lower()}.CT tu don vi"),
        (f"B{tag}", due[1] - 1000, f"{other} thieu {tag}"),
        (f"C{tag}", 77_000, f"tien khac {tag}"),
    )
    file = await upload(world, desk, table(*rows))
    assert (file["summary"]["lines"], file["summary"]["known"]) == (3, 0)
    assert file["counts"] == {"exact": 1, "partial": 1, "unknown": 1}
    paid = await payment(world, whole, desk)
    assert (paid["status"], [receipt["reference"] for receipt in paid["receipts"]]) == ("paid", [f"A{tag}"])
    assert (await payment(world, part, desk))["status"] == "unpaid", "never a guess"

    again = await upload(world, desk, table(*rows, (f"D{tag}", due[0], f"{code} lan hai {tag}")))
    assert again["summary"]["known"] == 3
    assert again["counts"] == {"duplicate": 1}
    assert len((await payment(world, whole, desk))["receipts"]) == 1, "the same statement counts once"

    line = await waiting(world, desk, f"{other} thieu {tag}")
    assert line["match"]["candidates"][0]["renewal_id"] == part["id"]
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get("/renewal/desk/bank-lines")
    form = page.form(f"/bank-lines/{line['id']}/assign")
    done = await clerk.followed(await clerk.send(form))
    assert "Đã ghi nhận khoản tiền" in done.text
    half = await payment(world, part, desk)
    assert (half["status"], half["paid"]) == ("part_paid", due[1] - 1000)
    twice = await clerk.send(form, 422, key="another")
    assert "vừa thay đổi" in twice.text


async def test_one_payment_for_several_and_its_reversal(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    desk = world.people.headers(Role.DESK)
    both = [await registered(world, f"{office_ref}-{n}") for n in (1, 2)]
    due = [(await payment(world, made, desk))["amount"] for made in both]
    tag = fresh().hex[:8]
    memo = f"{both[0]['number']} va {both[1]['number']} {tag}".replace("-", "")
    file = await upload(world, desk, table((f"S{tag}", sum(due), memo)))
    assert file["counts"] == {"several": 1}
    line = await waiting(world, desk, memo)
    path = f"/v1/desk/bank-lines/{line['id']}/assignment"
    shares = [
        {"registration_no": made["number"], "amount": amount} for made, amount in zip(both, due, strict=True)
    ]
    key = desk | {"idempotency-key": str(fresh())}
    wrong = await world.client.post(path, headers=key, json={"shares": shares[:1]})
    assert (wrong.status_code, wrong.json()["type"]) == (422, "urn:giahan:problem:shares-untrue")
    done = await world.client.post(path, headers=key, json={"shares": shares})
    assert done.json()["status"] == "recorded", done.text
    again = await world.client.post(path, headers=key, json={"shares": shares})
    assert (again.status_code, again.json()["version"]) == (200, done.json()["version"])
    paid = [await payment(world, made, desk) for made in both]
    assert [each["status"] for each in paid] == ["paid", "paid"]
    assert [len(each["receipts"]) for each in paid] == [1, 1]

    receipt = paid[0]["receipts"][0]["id"]
    undo = f"/v1/registrations/{both[0]['id']}/receipts/{receipt}/reversal"
    body = {"reason": "Tiền của đơn vị khác"}
    await world.client.post(undo, headers=desk | {"idempotency-key": str(fresh())}, json=body)
    assert (await waiting(world, desk, memo))["undone"] == "Tiền của đơn vị khác"
    late = await world.client.post(path, headers=key, json={"shares": shares})
    assert late.json()["status"] == "waiting", "a repeat of what was undone since records nothing"
    assert (await payment(world, both[0], desk))["status"] == "unpaid"
    key = desk | {"idempotency-key": str(fresh())}
    refused = await world.client.post(path, headers=key, json={"shares": shares})
    assert refused.json()["type"] == "urn:giahan:problem:line-recorded", "the other half still counts"


async def test_a_file_that_cant_be_read_says_where_and_records_nothing(
    renewal_world: World, office_ref: str
) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    bad = table((f"X{office_ref}", 1000, "a")).replace(b",1000,", b",1.5,")
    refused = await upload(world, desk, bad)
    assert refused["phase"] == "refused"
    assert "Dòng 2" in refused["faults"][0][0]
    unknown = await world.client.post("/v1/desk/statements?layout=None", headers=desk, content=bad)
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:giahan:problem:layout-unknown")
    clerk = await Reader.signed_in(world, desk)
    assert "Dòng 2" in (await clerk.get("/renewal/desk/statements")).text
    page = await clerk.get("/renewal/desk/statement-layouts?name=Test")
    saved = await clerk.followed(await clerk.send(page.form("/statement-layouts"), name="Test"))
    assert "Đã lưu" in saved.text


async def test_what_was_set_aside_can_be_looked_at_again(renewal_world: World, office_ref: str) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    memo = f"chuyen khoan {office_ref}"
    await upload(world, desk, table((f"Q{office_ref}", 55_000, memo)))
    line = await waiting(world, desk, memo)
    clerk = await Reader.signed_in(world, desk)
    form = (await clerk.get("/renewal/desk/bank-lines")).form(f"/bank-lines/{line['id']}/set-aside")
    assert "lý do" in (await clerk.send(form, 422, reason="")).text
    aside = await clerk.followed(await clerk.send(form, reason="Tiền thuê nhà"))
    assert "Đã để riêng" in aside.text
    listed = await clerk.get("/renewal/desk/bank-lines?listed=set_aside")
    assert "Tiền thuê nhà" in listed.text
    again = await clerk.followed(
        await clerk.send(listed.form(f"/{line['id']}/reopen?listed=set_aside"), reason="Nhầm")
    )
    assert "chờ xử lý lại" in again.text
    assert (await waiting(world, desk, memo))["undone"] == "Nhầm"


async def test_a_clerk_decides_on_what_is_open_now(renewal_world: World, office_ref: str) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    made = await registered(world, office_ref)
    due, code = (await payment(world, made, desk))["amount"], made["number"].replace("-", "")
    memo = f"{code} thieu {office_ref}"
    await upload(world, desk, table((f"P{office_ref}", due - 1, memo)))
    line = await waiting(world, desk, memo)
    clerk = await Reader.signed_in(world, desk)
    form = (await clerk.get("/renewal/desk/bank-lines")).form(f"/bank-lines/{line['id']}/assign")
    receipt = {"amount": 1000, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": "tay"}
    key = desk | {"idempotency-key": str(fresh())}
    await world.client.post(f"/v1/registrations/{made['id']}/receipts", headers=key, json=receipt)
    assert "vừa thay đổi" in (await clerk.send(form, 422)).text, "another clerk recorded a part meanwhile"
    fresh_form = (await clerk.get("/renewal/desk/bank-lines")).form(f"/bank-lines/{line['id']}/assign")
    assert "Đã ghi nhận" in (await clerk.followed(await clerk.send(fresh_form))).text


async def test_what_a_clerk_typed_stays_where_another_was_faster(
    renewal_world: World, office_ref: str
) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    first, second = (world.people.headers(Role.DESK, number=n) for n in (1, 2))
    due, memo = (await payment(world, made, first))["amount"], f"tien khac {office_ref}"
    await upload(world, first, table((f"F{office_ref}", due, memo)))
    line = await waiting(world, first, memo)
    clerk, other = [await Reader.signed_in(world, who) for who in (first, second)]
    page = await other.get("/renewal/desk/bank-lines")
    assign = [form for form in page.forms if form.action.endswith(f"{line['id']}/assign")][-1]
    theirs = (await clerk.get("/renewal/desk/bank-lines")).form(f"/bank-lines/{line['id']}/set-aside")
    await clerk.send(theirs, reason="Tiền thuê nhà")
    typed = {"shares": f"{made['number']} {due}", "reason": "Đã gọi kế toán"}
    late = Page((await other.send(assign, 422, **typed)).text)
    assert "desk-1 đã để riêng lúc" in late.text
    assert "Lý do: Tiền thuê nhà" in late.text
    assert f"Nội dung bạn đã nhập, chưa được ghi {made['number']} {due} Đã gọi kế toán" in late.text
    again = late.form(f"/bank-lines/{line['id']}/reopen")
    assert again.fields["reason"] == "", "what was typed was no reason to look at it again"

    await other.send(again, reason="Là tiền gia hạn")
    stale = await clerk.get("/renewal/desk/bank-lines")
    aside = stale.form(f"/bank-lines/{line['id']}/set-aside")
    page = await other.get("/renewal/desk/bank-lines")
    assign = [form for form in page.forms if form.action.endswith(f"{line['id']}/assign")][-1]
    await other.send(assign, **typed)
    late = Page((await clerk.send(aside, 422, reason="Vẫn là tiền nhà")).text)
    code = made["number"].replace("-", "")
    assert "desk-2 đã ghi nhận lúc" in late.text
    assert code in late.text
    assert "Nội dung bạn đã nhập, chưa được ghi Vẫn là tiền nhà" in late.text
    assert not [form for form in late.forms if line["id"] in form.action], "nothing is left to decide"


async def test_what_a_clerk_typed_stays_in_its_form_where_the_line_still_waits(
    renewal_world: World, office_ref: str
) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    memo = f"tien la {office_ref}"
    await upload(world, desk, table((f"W{office_ref}", 5_000, memo)))
    line = await waiting(world, desk, memo)
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get("/renewal/desk/bank-lines")
    form = [each for each in page.forms if each.action.endswith(f"{line['id']}/assign")][-1]
    wrong = Page((await clerk.send(form, 422, shares="GH-0000", reason="Đã gọi")).text)
    (kept,) = [
        each for each in wrong.forms if line["id"] in each.action and each.fields.get("shares") == "GH-0000"
    ]
    assert kept.fields["reason"] == "Đã gọi"
    assert "chưa được ghi" not in wrong.text
