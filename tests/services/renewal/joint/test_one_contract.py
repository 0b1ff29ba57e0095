"""One contract over two subscriptions, from the signature to the seal, or to its end before the seal."""

from uuid import UUID

import pytest

from shared.events.renewal import ContractPrepared, ContractVoided, RenewalAccepted
from shared.events.signing import SealFailed
from shared.ids import subscription_id
from tests.services.renewal.joint.orders import jointly_registered
from tests.services.renewal.messages import contract_issued, seal_failed
from tests.services.renewal.signed_registrations import sign
from tests.services.renewal.world import World
from tests.support.problems import problem
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

ORDER = ("order-1", "order-2")
"""They have one contract."""


async def test_one_contract_over_two_subscriptions(renewal_world: World, office_ref: str) -> None:
    """Signing tells the seal of each product: of the joined one it may come before its renewal is made."""
    world = renewal_world
    made = await jointly_registered(world, office_ref, *ORDER)
    lead, other = (UUID(each["id"]) for each in made["products"])
    await sign(world, made["registration"], office_ref, product_code=ORDER[0])
    prepared = await world.hears(ContractPrepared, lead)
    assert [each.renewal_id for each in prepared.covers] == [other]
    for id, code in ((other, ORDER[1]), (lead, ORDER[0])):
        event = contract_issued(prepared.contract_number, renewal_id=id, product_code=code)
        sealed = {"office_ref": office_ref, "contract": await world.sealed(id)}
        own = {"subscription_id": subscription_id(office_ref, code)}
        await world.tell(world.signing, event.model_copy(update=sealed | own))
    await world.hears(RenewalAccepted, other)
    for id in (lead, other):
        await world.becomes(id, status="contract_issued")
        found = await world.registration(str(id), world.people.renewer(office_ref))
        assert found["contract_number"] == prepared.contract_number
        assert found["contract_of"] == (str(lead) if id == other else None)
        assert [each["kind"] for each in found["documents"]][-1] == "sealed_contract"
    told = [event for event in world.heard if isinstance(event, ContractPrepared)]
    assert not any(event.renewal_id == other for event in told)
    void = f"/v1/registrations/{other}/contract/void-proposal"
    refused = await world.client.post(void, json={"reason": "sai tên"}, headers=world.people.clerk())
    assert problem(refused) == (409, "contract-of-lead")
    assert refused.json()["registration_no"] == made["products"][0]["number"]


async def test_unsealed_contract_over_two_subscriptions_is_voided_for_both(
    renewal_world: World, office_ref: str
) -> None:
    """Signing answers for each; then each product has a contract of its own, once it is accepted again."""
    world = renewal_world
    made = await jointly_registered(world, office_ref, *ORDER)
    lead, other = (UUID(each["id"]) for each in made["products"])
    await sign(world, made["registration"], office_ref, product_code=ORDER[0])
    prepared = await world.hears(ContractPrepared, lead)

    async def is_released() -> bool:
        stored = await world.renewals.load(lead)
        return stored is not None and not stored.state.carries_joined

    await until(is_released, "the lead stands for its own product only")
    clerk = world.people.clerk()
    path, why = "/v1/registrations/{}/contract/void", {"reason": "sai tên"}
    refused = await world.client.post(path.format(other), json=why, headers=clerk)
    assert problem(refused) == (409, "contract-of-lead")
    done = await world.client.post(path.format(lead), json=why, headers=clerk)
    assert done.status_code == 200, done.text
    assert (await world.hears(ContractVoided, other)).lead_id == lead
    for id, code in ((other, ORDER[1]), (lead, ORDER[0])):
        failed = seal_failed(prepared.contract_number, SealFailed.VOIDED, renewal_id=id)
        about = {"subscription_id": subscription_id(office_ref, code), "product_code": code}
        await world.tell(world.signing, failed.model_copy(update={**about, "office_ref": office_ref}))
        await world.becomes(id, status="awaiting_confirmation", contract_number=None, contract_of=None)
    accept = f"/v1/registrations/{other}/accept"
    again = await world.client.post(accept, json={"reason": "lập lại"}, headers=clerk)
    assert again.status_code == 200, again.text
    own = await world.hears(ContractPrepared, other)
    assert own.covers == ()
    assert own.contract_number != prepared.contract_number
