"""A prepared contract is never dropped because a later event was applied."""

from hashlib import sha256

from aiokafka import ConsumerRecord

from services.signing.domain.contract import seal_id
from shared.events.renewal import ContractPrepared
from shared.events.signing import ContractIssued
from shared.ids import fresh
from shared.messaging.consumption.handling_result import Effect
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrive, RedriveStatus
from shared.storage.documents import Provenance
from shared.time.clock import SystemClock
from tests.services.signing.factory import contract_prepared
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.support.service_process import until
from tests.support.topic import records


async def _dead(signing: World, contract: ContractPrepared) -> DeadLetter:
    """The dead letter with this contract, once it exists."""

    def tells(record: ConsumerRecord) -> bool:
        return str(contract.renewal_id).encode() in (record.value or b"")

    async def found() -> DeadLetter | None:
        topic = signing.signing.names.dead("signing")
        them = await records(signing.signing.settings.kafka, topic)
        return next((DeadLetter.read(record) for record in them if tells(record)), None)

    return await until(found, "the dead letter")


async def _redriven(signing: World, letter: DeadLetter) -> Redrive:
    redrives = signing.signing.redrives
    request, _ = await redrives.ask(letter, "An", "tài liệu đã có lại", SystemClock().now())

    async def settled() -> Redrive | None:
        (redrive,) = await redrives.by_ids([request.id])
        return redrive if redrive.status is not RedriveStatus.ASKED else None

    return await until(settled, "the redrive settled")


async def test_contract_that_died_is_sealed_after_a_later_one(signing: World) -> None:
    pdf = issued("vendor") + f"\n%{fresh()}\n".encode()  # unique to this test
    renewal = await signing.accepted_on_paper()
    contract = await signing.put(issued("vendor"), Provenance("contract", renewal))
    missing = contract.model_copy(update={"sha256": sha256(pdf).hexdigest(), "size": len(pdf)})
    first = contract_prepared(renewal_id=await signing.accepted_on_paper(), contract=missing)
    later = contract_prepared(renewal_id=renewal, contract=contract)
    assert first.subscription_id == later.subscription_id
    await signing.publish(first)
    letter = await _dead(signing, first)
    assert letter.reason.startswith("MissingDocument in ")
    await signing.publish(later)
    await signing.wait_for(ContractIssued, later.renewal_id)

    failed = await _redriven(signing, letter)
    assert (failed.status, (failed.fault or "").partition(" in ")[0]) == (
        RedriveStatus.FAILED,
        "MissingDocument",
    )
    await signing.put(pdf)
    applied = await _redriven(signing, letter)
    sealed = (await signing.wait_for(ContractIssued, first.renewal_id)).contract
    changed = (f"contracts/{seal_id(first.renewal_id)}", f"preserved/{sealed.sha256}")
    assert (applied.status, applied.did) == (RedriveStatus.APPLIED, dict.fromkeys(changed, Effect.CHANGED))
    assert (await _redriven(signing, letter)).id == applied.id
    assert len(signing.published(ContractIssued, first.renewal_id)) == 1
