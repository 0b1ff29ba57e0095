"""Two clerks void a contract in force on the desk's page, and the office reads it; or it waits for money."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.renewal.desk.meters import VoidProposalMeter
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.void_proposals import VoidProposals
from shared.events.base import Capability, Stage
from shared.events.renewal import ContractVoided
from shared.observability.metrics import Metrics
from shared.web.people import Role
from tests.services.renewal.messages import recorded
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, record_term, sign
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


async def in_force(world: World, office_ref: str) -> dict[str, Any]:
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    return made


async def decide(world: World, made: dict[str, Any], number: int, step: str, **typed: str) -> str:
    """The clerk `number` sends the form of that step. The page that follows, as text."""
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK, number=number))
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}")
    (form,) = [form for form in page.forms if form.fields.get("step") == step]
    return (await clerk.followed(await clerk.send(form, **typed))).text


async def test_two_clerks_void_it_and_the_office_reads_why(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await in_force(world, office_ref)
    await record_term(world, made, office_ref, date(2027, 10, 31))
    proposed = await decide(world, made, 1, "propose_void", reason="Ký nhầm đơn vị")
    assert "Đang chờ người thứ hai duyệt hủy hợp đồng." in proposed
    listed = await world.client.get("/v1/desk/void-proposals", headers=world.people.clerk())
    assert [(each["by"], each["reason"]) for each in listed.json() if each["renewal_id"] == made["id"]] == [
        ("desk-1", "Ký nhầm đơn vị")
    ]
    metrics = Metrics()
    await VoidProposalMeter(VoidProposals(world.service.store("renewals", Renewal, audited=True))).register(
        metrics
    )()
    assert metrics.registry.get_sample_value("giahan_void_proposals_waiting")
    clerk = await Reader.signed_in(world, world.people.clerk())
    queue = await clerk.get("/renewal/desk")
    assert f"/renewal/desk/registrations/{made['id']}" in queue.links.values()
    with pytest.raises(ValueError, match="not enough values"):
        await decide(world, made, 1, "approve_void")
    told = await decide(world, made, 2, "approve_void")
    assert "Hợp đồng đã hủy, số giữ nguyên." in told
    event = await world.hears(ContractVoided, UUID(made["id"]))
    assert (event.in_force, event.reason) == (True, "Ký nhầm đơn vị")
    closed = await world.becomes(made["id"], status=RegistrationStatus.CANCELLED)
    assert all(paper["void"] for paper in closed["documents"])
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    page = await office.get(f"/renewal/registrations/{made['id']}")
    assert f"Hợp đồng số {event.contract_number}" in page.text
    assert "đã hủy, không còn hiệu lực. Lý do: Ký nhầm đơn vị" in page.text
    assert "Hợp đồng đã hủy" in page.text


async def test_the_office_reads_until_when_to_pay_for_full_use(renewal_world: World, office_ref: str) -> None:
    """The subscription service says that the contract waits for its payment."""
    world = renewal_world
    made = await in_force(world, office_ref)
    pay_by, until = date(2026, 12, 24), date(2026, 12, 31)
    known = recorded(office_ref=office_ref, expires_on=date(2026, 10, 31), stage=Stage.EXPIRING)
    more = {
        "counted_from": until,
        "temporary_until": until,
        "access": tuple(Capability),
        "contracts": (),
        "unpaid": (UUID(made["id"]),),
        "pay_by": pay_by,
    }
    await world.tell(world.subscription, known.model_copy(update=more))
    await world.knows(office_ref, "qlts", pay_by=pay_by.isoformat())
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    home = await office.get(f"/renewal/o/{office_ref}/qlts")
    lock = await office.get(f"/renewal/o/{office_ref}/qlts/notice")
    for page in (home, lock):
        assert "đã có hiệu lực và cho dùng đầy đủ từ ngày ghi nhận thanh toán đủ" in page.text
        assert "đơn vị thanh toán hợp đồng chậm nhất ngày 24/12/2026" in page.text
    page = await office.get(f"/renewal/registrations/{made['id']}")
    assert "Đơn vị dùng tạm trong lúc chờ thanh toán chậm nhất ngày 24/12/2026" in page.text
    late = known.model_copy(
        update={**more, "pay_by": None, "stage": Stage.LOCKED, "access": (), "temporary_until": until}
    )
    moved = late.model_copy(update={"counted_from": until - timedelta(days=60)})
    await world.tell(world.subscription, moved)
    await world.knows(office_ref, "qlts", pay_by=None)
    lock = await office.get(f"/renewal/o/{office_ref}/qlts/notice")
    assert "đơn vị thanh toán hợp đồng ngay" in lock.text
