"""What follows a payment that is given back, also where one of many can't be read."""

from typing import Any
from uuid import UUID

import pytest

from services.renewal.domain.invoice.requested_invoice import invoice_id
from services.renewal.domain.payment.bank_line import BankLine
from services.renewal.domain.payment.receivable import Receivable, receivable_id
from services.renewal.payment import follow_up
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.settlement import Settlement
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.receivables import Receivables
from shared.ids import fresh
from shared.web.people import Role
from tests.services.renewal.offices import registered, today
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


async def _send(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = world.people.headers(Role.DESK) | {"idempotency-key": str(fresh())}
    answer = await world.client.post(path, headers=headers, json=body)
    assert answer.status_code == 200, answer.text
    sent: dict[str, Any] = answer.json()
    return sent


async def _waits(world: World, made: dict[str, Any]) -> bool:
    id = str(receivable_id(UUID(made["id"])))
    found = await world.service.database["receivables"].find_one({"_id": id})
    assert found is not None
    return found.get("unsettled_since") is not None


async def test_a_damaged_invoice_holds_up_no_other_payment(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it fill the loop's batch: what comes after it is settled, too."""
    world = renewal_world
    damaged, sound = await registered(world, office_ref), await registered(world, f"{office_ref}-2")
    receivables = Receivables(world.service.store("receivables", Receivable, audited=True))
    lines = BankLines(world.service.store("bank_lines", BankLine, audited=True))
    settlement = Settlement(
        world.renewals, receivables, lines, world.invoices, world.resources().follow_many, world.service.clock
    )
    documents = world.service.database["invoices"]
    broken = {"_id": str(invoice_id(UUID(damaged["id"]))), "total": "?"}
    await documents.insert_one(broken)
    for made in (damaged, sound):
        receipts = f"/v1/registrations/{made['id']}/receipts"
        money = {"amount": made["order"]["total"], "received_on": today(world).isoformat()}
        (receipt,) = (await _send(world, receipts, money | {"reference": "FT1"}))["receipts"]
        back = {"reason": "Đơn vị dừng gia hạn", "refunded": True}
        await _send(world, f"{receipts}/{receipt['id']}/reversal", back)
    marked = {"$set": {"unsettled_since": world.service.clock.now()}}  # as if the process had died
    await world.service.database["receivables"].update_one(
        {"_id": str(receivable_id(UUID(sound["id"])))}, marked
    )
    monkeypatch.setattr(follow_up, "_BATCH", 1)
    unused: Any = None
    loop = follow_up.PaymentFollowUp(
        world.renewals, receivables, settlement, EXAMPLE_VENDOR, world.service.clock, unused
    )
    await loop._settle(world.service.clock.now())
    assert (await _waits(world, damaged), await _waits(world, sound)) == (True, False)
    stored = await world.invoices.stored(UUID(sound["id"]))
    assert stored is not None
    assert [refund.amount for refund in stored.state.refunds] == [sound["order"]["total"]]
    await documents.delete_one({"_id": broken["_id"]})
    await settlement.settle([UUID(damaged["id"])])
    assert not await _waits(world, damaged)
