"""The desk decides about commitments to pay, over pages and REST, and the loop follows them."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.renewal.domain.payment.bank_line import BankLine
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.payment import follow_up as follow_up_module
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.follow_up import PaymentFollowUp
from services.renewal.payment.service import PaymentService
from services.renewal.payment.settlement import Settlement
from services.renewal.payment.slips import PaymentSlips
from services.renewal.scans.evidence import Evidence
from services.renewal.scans.scans import Scans
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.receivables import Receivables
from shared.background.leader_loop import LeaderLoop
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended, PaymentAwaited
from shared.ids import fresh
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.offices import licensed, post, registered, request
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.waiting_registrations import register_and_receive
from tests.services.renewal.world import World
from tests.support.clock import FixedClock

pytestmark = pytest.mark.usefixtures("rendered_once")


async def follow_up(world: World, days: int) -> bool:
    """One round, so many days from now. Returns whether it changed something."""
    receivables = Receivables(world.service.store("receivables", Receivable, audited=True))
    clock = FixedClock(SystemClock().now() + timedelta(days=days))
    loop = LeaderLoop("payments", world.service.lease("payments-test"), lambda: True, 1.0)
    lines = BankLines(world.service.store("bank_lines", BankLine, audited=True))
    settlement = Settlement(
        world.renewals, receivables, lines, world.invoices, world.resources(clock).follow_many, clock
    )
    job = PaymentFollowUp(world.renewals, receivables, settlement, EXAMPLE_VENDOR, clock, loop)

    async def check_leadership() -> None:
        return None

    return await job._step(check_leadership)


async def test_desk_accepts_and_the_office_reads_it(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    own = await Reader.signed_in(world, office)
    path = f"/renewal/registrations/{made['id']}"
    assert "chờ nhà cung cấp xác nhận" in (await own.get(path)).text

    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get((await clerk.get("/renewal/desk/payments")).links[made["number"]])
    form = page.form("/commitment/accept")
    assert "lý do" in (await clerk.send(form, 422, reason="")).text
    done = await clerk.followed(await clerk.send(form, reason="Đơn vị quen, trả đúng hạn"))
    assert "Đã chấp nhận cam kết" in done.text
    assert made["number"] not in (await clerk.get("/renewal/desk/payments")).links
    event = await world.hears(CommitmentAccepted, UUID(made["id"]))
    assert event.decided_by == "desk"
    assert "đã được chấp nhận" in (await own.get(path)).text

    late = await clerk.send(form, 422, reason="lần nữa", key="another")
    assert "vừa thay đổi" in late.text
    extend = done.form("/commitment/extend")
    assert "Hạn mới phải sau" in (await clerk.send(extend, 422, until="01/01/2026", reason="chậm")).text
    until = event.pay_by + timedelta(days=20)
    longer = await clerk.followed(await clerk.send(extend, until=f"{until:%d/%m/%Y}", reason="Kho bạc chậm"))
    assert "Đã gia hạn thanh toán" in longer.text
    extended = await world.hears(CommitmentExtended, UUID(made["id"]))
    assert (extended.old_pay_by, extended.pay_by >= until) == (event.pay_by, True)
    assert "/commitment/extend" not in longer.text, "once"


async def test_desk_refuses_over_rest_with_a_key(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    desk = world.people.headers(Role.DESK)
    path = f"/v1/registrations/{made['id']}/commitment/refusal"
    body = {"reason": "Quá hạn mức"}
    assert (await world.client.post(path, headers=desk, json=body)).status_code == 422
    key = {"idempotency-key": "one"}
    twice = [await world.client.post(path, headers=desk | key, json=body) for _ in range(2)]
    assert [answer.json()["status"] for answer in twice] == ["refused", "refused"]
    other = await world.client.post(path, headers=desk | {"idempotency-key": "two"}, json=body)
    assert (other.status_code, other.json()["type"]) == (409, "urn:giahan:problem:commitment-decided")
    own = await Reader.signed_in(world, world.people.renewer(office_ref))
    assert "Quá hạn mức" in (await own.get(f"/renewal/registrations/{made['id']}")).text
    listed = await world.client.get("/v1/desk/commitments", headers=desk)
    assert made["id"] not in listed.text
    assert await follow_up(world, 400), "the last reminder has passed"
    listed = await world.client.get("/v1/desk/commitments", headers=desk)
    assert made["id"] in listed.text, "somebody must call"
    clerk = await Reader.signed_in(world, desk)
    assert "đã nhắc lần cuối" in (await clerk.get("/renewal/desk/payments")).text


async def test_loop_reminds_once_breaks_the_commitment_and_the_desk_sees_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    desk = world.people.headers(Role.DESK)
    path, key = f"/v1/registrations/{made['id']}/commitment/acceptance", {"idempotency-key": "one"}
    taken = await world.client.post(path, headers=desk | key, json={"reason": "Đơn vị quen"})
    assert taken.json()["status"] == "accepted"
    assert await follow_up(world, 400)
    broken = await world.hears(CommitmentBroken, UUID(made["id"]))
    awaited = await world.hears(PaymentAwaited, UUID(made["id"]))
    assert (awaited.why, awaited.transfer.amount) == ("overdue", broken.open_vnd)
    assert not await follow_up(world, 400)
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get((await clerk.get("/renewal/desk/payments")).links[made["number"]])
    assert "Không thực hiện đúng hạn" in page.text
    page.form("/commitment/extend")


async def test_declared_as_paid_and_not_seen_is_asked_for_once(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    paid = {"payment": {"kind": "paid", "on": f"{SystemClock().now():%Y-%m-%d}"}}
    made = (await post(world, office_ref, request(world, office_ref) | paid)).json()
    assert await follow_up(world, 20)
    awaited = await world.hears(PaymentAwaited, UUID(made["id"]))
    assert (awaited.why, awaited.transfer.amount) == ("not_seen", made["order"]["total"])
    assert not await follow_up(world, 20)
    path, key = f"/v1/registrations/{made['id']}/payment-claim/refusal", {"idempotency-key": "one"}
    desk = world.people.headers(Role.DESK)
    refused = await world.client.post(path, headers=desk | key, json={"reason": "không thấy"})
    assert refused.json()["due_on"] is not None, "the office pays by a day again"
    assert made["id"] not in await _claimed(world, 0)
    assert made["id"] in await _claimed(world, 400), "unpaid after its day: the desk's again"
    part = {"amount": 1000, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": "FT1"}
    receipts = f"/v1/registrations/{made['id']}/receipts"
    given = await world.client.post(receipts, headers=desk | {"idempotency-key": "part"}, json=part)
    assert given.json()["status"] == "part_paid"
    assert made["id"] not in await _claimed(world, 0)
    assert made["id"] in await _claimed(world, 400), "and where only a part of it is paid"


async def test_money_of_a_registration_that_is_cancelled_waits_for_the_desk(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    part = {"amount": 1000, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": "FT1"}
    path, key = f"/v1/registrations/{made['id']}", {"idempotency-key": "one"}
    await world.client.post(f"{path}/receipts", headers=desk | key, json=part)
    clerk = await Reader.signed_in(world, desk)
    assert made["number"] not in (await clerk.get("/renewal/desk/payments")).links
    gone = await world.client.post(f"{path}/cancellation", headers=office | key, json={"reason": "thôi"})
    assert gone.status_code == 200, gone.text
    await follow_up(world, 0)
    assert made["number"] in (await clerk.get("/renewal/desk/payments")).links
    paid = (await world.client.get(f"{path}/payment", headers=office)).json()
    assert (paid["status"], paid["over"]) == ("held", 1000)
    reversal = f"{path}/receipts/{paid['receipts'][0]['id']}/reversal"
    back = {"reason": "đã hoàn tiền", "refunded": True}
    await world.client.post(reversal, headers=desk | {"idempotency-key": "two"}, json=back)
    assert made["number"] not in (await clerk.get("/renewal/desk/payments")).links


async def test_what_can_not_be_chased_holds_up_nothing(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim whose registration can't be read is at the head of the queue."""
    world = renewal_world
    made = await registered(world, office_ref)
    day = {"paid_on": f"{SystemClock().now():%Y-%m-%d}"}
    headers = world.people.renewer(office_ref) | {"idempotency-key": "one"}
    await world.client.post(f"/v1/registrations/{made['id']}/payment-claim", headers=headers, json=day)
    receivables = Receivables(world.service.store("receivables", Receivable, audited=True))
    claimed = await receivables.stored(UUID(made["id"]))
    assert claimed
    assert claimed.state.claimed_since
    since, lost = claimed.state.claimed_since - timedelta(days=1), fresh()
    first = claimed.state.model_copy(update={"id": lost, "renewal_id": lost, "claimed_since": since})
    await receivables.save_many([(None, str(lost), Decision(first))], Cause.command("lose"))
    monkeypatch.setattr(follow_up_module, "_BATCH", 1)
    while await follow_up(world, 20):
        pass
    awaited = await world.hears(PaymentAwaited, UUID(made["id"]))
    assert awaited.why == "not_seen"
    await world.service.database["receivables"].delete_one({"_id": str(lost)})


async def _claimed(world: World, days: int) -> set[str]:
    """The registrations on the desk's list of payments, so many days from now."""
    receivables = Receivables(world.service.store("receivables", Receivable, audited=True))
    lines = BankLines(world.service.store("bank_lines", BankLine, audited=True))
    clock = FixedClock(SystemClock().now() + timedelta(days=days))
    settlement = Settlement(
        world.renewals, receivables, lines, world.invoices, world.resources(clock).follow_many, clock
    )
    scans = Scans()
    slips = PaymentSlips(Evidence(scans, world.documents))
    found = await PaymentService(world.renewals, receivables, settlement, slips, clock).claimed(200)
    await scans.close()
    return {str(each.renewal_id) for each, _ in found}
