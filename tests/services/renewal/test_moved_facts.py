"""The expiry is corrected after the office has paid: the money, the commitment, the form and the contract."""

from datetime import date
from uuid import UUID

import pytest

from shared.events.base import Stage
from shared.events.renewal import ContractPrepared
from shared.ids import fresh
from shared.web.people import Role
from tests.services.renewal.messages import recorded
from tests.services.renewal.offices import registered, today
from tests.services.renewal.signed_registrations import sign
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")

LATER = date(2027, 10, 31)


async def test_expiry_corrected_after_the_payment_restates_the_form_and_keeps_the_money(
    renewal_world: World, office_ref: str
) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    made = await registered(world, office_ref)
    total = made["order"]["total"]
    receipt = {"amount": total, "received_on": today(world).isoformat(), "reference": "FT1"}
    key = {"idempotency-key": str(fresh())}
    where = f"/v1/registrations/{made['id']}"
    answer = await world.client.post(f"{where}/receipts", headers=desk | key, json=receipt)
    assert answer.json()["status"] == "paid"

    moved = recorded(office_ref=office_ref, expires_on=LATER, stage=Stage.ACTIVE)
    other = moved.licence.model_copy(update={"package": "basic", "users": 3})
    await world.tell(world.subscription, moved.model_copy(update={"licence": other}))
    restated = await world.becomes(made["id"], form_revision=2)
    assert restated["term"]["basis_expires_on"] == LATER.isoformat()
    assert restated["order"] == made["order"], "the order is the office's, whatever the licence says now"
    paid = (await world.client.get(f"{where}/payment", headers=desk)).json()
    assert (paid["status"], paid["paid"], paid["amount"]) == ("paid", total, total)
    stored = await world.renewals.load(UUID(made["id"]))
    assert stored is not None
    assert stored.state.commitment is not None
    assert stored.state.commitment.paid

    await sign(world, made, office_ref, revision=2)
    prepared = await world.hears(ContractPrepared, UUID(made["id"]))
    assert prepared.term.basis_expires_on == LATER
    assert prepared.total_vnd == total
