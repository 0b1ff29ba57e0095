"""Registrations whose form is signed digitally, and whose contract is sealed."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.events.base import Capability, Stage
from shared.events.renewal import ContractPrepared
from tests.services.renewal.messages import contract_issued, form_signed, recorded
from tests.services.renewal.world import World


async def sign(
    world: World, made: dict[str, Any], office_ref: str, status: str = "accepted", **facts: Any
) -> None:
    """The office signs; signing names the signed file as the form. The registration gets this status."""
    data, name = f"%PDF signed {made['id']}".encode(), f"phieu-dang-ky-{made['number']}-ban-1.pdf"
    signed = await world.documents.put(data, media_type="application/pdf", name=name)
    event = form_signed(renewal_id=UUID(made["id"]), office_ref=office_ref, signed=signed, **facts)
    await world.tell(world.signing, event)
    await world.becomes(made["id"], status=status)


async def issue(world: World, made: dict[str, Any], office_ref: str) -> None:
    """The vendor seals the contract of the accepted registration."""
    id = UUID(made["id"])
    prepared = await world.hears(ContractPrepared, id)
    event = contract_issued(
        prepared.contract_number, renewal_id=id, office_ref=office_ref, sealed=await world.sealed(id)
    )
    await world.tell(world.signing, event)
    await world.becomes(id, status="contract_issued")


async def record_term(world: World, made: dict[str, Any], office_ref: str, until: date) -> None:
    """The subscription has recorded the contract: the product is open until then."""
    known = recorded(office_ref=office_ref, expires_on=until, stage=Stage.ACTIVE)
    contracts = (UUID(made["id"]),)
    more = {"counted_from": until, "access": tuple(Capability), "contracts": contracts, "disputed": ()}
    await world.tell(world.subscription, known.model_copy(update=more))
    await world.knows(office_ref, "qlts", expires_on=until.isoformat())
