"""Handles the events by which a prepared contract gets the vendor's seal, or never gets it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NoReturn

import structlog

from services.signing.contracts.seal import Seal, SealUnusable, seal_contract
from services.signing.domain.attempt_steps import signing_moment
from services.signing.domain.contract import (
    ContractSeal,
    SealStatus,
    WithheldContract,
    prepare,
    record_failure,
    record_seal,
    seal_id,
    void,
    withheld_id,
    withhold,
)
from services.signing.domain.proof import WithholdReason, find_any_mismatch
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.stamp.appearance import PLAIN, StampDetails
from services.signing.preservation.files import PreservedFiles
from services.signing.store import Forms
from shared.events.assent import ContractAssented
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared, ContractVoided
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet, Unproven
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents, Provenance
from shared.storage.store import Store, require_known
from shared.time.clock import Clock

log = structlog.get_logger()

_EASTERNMOST = timedelta(hours=14)
"""The largest UTC offset on earth. No contract can be dated later than the date there."""
_OTHER_PARTITIONS = timedelta(minutes=10)
"""How long what is told of the other products of a contract may take: it is on their partitions."""


@dataclass(frozen=True, slots=True)
class ContractHandlers:
    forms: Forms
    contracts: Store[ContractSeal]
    withheld: Store[WithheldContract]
    documents: Documents
    deferred_signer: DeferredSigner
    seal: Seal
    clock: Clock
    preserved: PreservedFiles
    stamp: StampDetails = PLAIN

    def add_to(self, routes: Routes) -> None:
        routes.once(ContractPrepared, self.handle_prepared)
        routes.once(ContractAssented, self.handle_assented)
        routes.once(ContractVoided, self.void_contract)

    async def handle_prepared(self, event: ContractPrepared, cause: Cause) -> None:
        """Seal the contract, which puts it in force, if it agrees with its registration. A contract that the
        office signs first is only recorded: it waits for the signature.

        Dies before the first save: nothing happened. After it, or after the upload: the contract is recorded
        as prepared, and the redelivered message seals it again; a sealed PDF that nothing refers to may be
        left over. After the second save: the message is recorded as handled and does nothing. If two
        processes seal at once, both save conditionally, and one wins. So one seal is recorded, whatever
        happens.
        """
        known = await self.contracts.load(seal_id(event.renewal_id))
        if known and cause.message_id in known.handled:
            return
        if found := await self._find_mismatch(event):
            await self._withhold(event, found, cause)
        waiting = await self._record_prepared(event, cause)
        if event.sign_by is None and waiting.state.status is SealStatus.PREPARED:
            await self._seal(waiting, event.contract, cause)
        else:
            await self._record_handled(waiting, cause)

    async def handle_assented(self, event: ContractAssented, cause: Cause) -> None:
        """Seal the contract that its office signed: the file that it signed here, or the contract as prepared
        whose signed paper the desk accepted. Nothing else is sealed. A process that dies leaves what
        `handle_prepared` describes."""
        waiting = await self.contracts.load(seal_id(event.renewal_id))
        if waiting and cause.message_id in waiting.handled:
            return
        if waiting is None or waiting.state.contract.contract_number != event.contract_number:
            raise NotYet(f"contract {event.renewal_id}")
        if waiting.state.status is not SealStatus.PREPARED:
            await self._record_handled(waiting, cause)
            return
        contract, document = waiting.state.contract, await self._assented_document(waiting.state, event)
        if found := await self._find_mismatch(contract):
            await self._withhold(contract, found, cause)
        if document is None:
            await self._withhold(contract, WithholdReason.NOT_ASSENTED, cause)
        await self._seal(waiting, document, cause)

    async def _assented_document(self, state: ContractSeal, event: ContractAssented) -> DocumentRef | None:
        """The document to seal; None if the event does not belong to this registration."""
        paper = Provenance("paper", event.renewal_id)
        if event.subscription_id != state.contract.subscription_id:
            return None
        if event.scan and not await self.documents.is_of(event.scan.sha256, paper):
            return None
        return state.assented_document(event)

    async def _seal(self, waiting: Stored[ContractSeal], document: DocumentRef, cause: Cause) -> None:
        """Seal `document`: the contract as it was prepared, or as its office signed it. Raises NotYet while
        the vendor's key or certificate can't seal, or what must prove the seal can't be had; and Rejected."""
        contract = await self.documents.get(document.sha256)
        moment = signing_moment(self.clock.now())
        try:
            details = replace(self.stamp, number=waiting.state.contract.contract_number)
            signed = await seal_contract(self.seal, self.deferred_signer, contract, moment, details)
        except SealUnusable as unusable:
            await self._fail(waiting.id, SealUnusable.REASON, cause)
            raise NotYet(f"the vendor's key ({unusable})") from unusable
        except Rejected as refused:
            await self._fail(waiting.id, refused.reason, cause)
            if refused.reason.startswith("certificate_"):
                raise NotYet(f"a vendor's certificate that can seal ({refused.reason})") from refused
            if refused.reason is InvalidityReason.EVIDENCE_UNAVAILABLE:
                raise NotYet("a time stamp and revocation data for the vendor's seal") from refused
            raise
        stored = await self._store(signed.pdf, document, waiting.state.contract)
        await self.preserved.add(
            "sealed_contract",
            waiting.state.contract.renewal_id,
            waiting.state.contract.office_ref,
            stored,
            signed.level,
            signed.proved_until,
            signed_before=document if document == waiting.state.signed_contract else None,
        )
        decision = record_seal(waiting.state, stored, signed.verified.certificate, moment)
        await self.contracts.save(waiting, decision, cause, id=waiting.id)

    async def _store(self, pdf: bytes, unsealed: DocumentRef, contract: ContractPrepared) -> DocumentRef:
        """The sealed PDF, stored as that of each product that the contract covers, its own first."""
        stored = [
            await self.documents.put(
                pdf,
                media_type=unsealed.media_type,
                name=unsealed.name,
                of=Provenance("sealed_contract", each.renewal_id),
            )
            for each in contract.of_each
        ]
        return stored[0]

    async def _find_mismatch(self, event: ContractPrepared) -> WithholdReason | None:
        """Of any product that the contract covers: all of them get it, or none."""
        latest = (self.clock.now() + _EASTERNMOST).date()
        forms = [await self.forms.signed_by_office(each.renewal_id) for each in event.of_each]
        if found := find_any_mismatch(forms, event, latest):
            return found
        if await self._has_other_contract(event):
            return WithholdReason.SEALED_ALREADY
        is_contract = await self.documents.is_of(
            event.contract.sha256, Provenance("contract", event.renewal_id)
        )
        return None if is_contract else WithholdReason.ANOTHER_DOCUMENT

    async def _has_other_contract(self, event: ContractPrepared) -> bool:
        """Whether one of its products has another contract, which isn't void: its own, or its lead's. It has
        none where this contract is on record: another one was refused since, or came after it was void."""
        own = await self.contracts.load(seal_id(event.renewal_id))
        if own and _is_same_contract(own.state.contract, event):
            return False
        products = {each.renewal_id for each in event.of_each}
        lead = await self.forms.lead_of(event.renewal_id)
        ids = products | ({lead.renewal_id} if lead else set())
        stored = [await self.contracts.load(seal_id(id)) for id in ids]
        return any(
            products & {each.renewal_id for each in other.state.contract.of_each}
            for other in stored
            if other and other.state.status is not SealStatus.VOID
            if not _is_same_contract(other.state.contract, event)  # another process recorded it just now
        )

    async def _withhold(self, event: ContractPrepared, found: WithholdReason, cause: Cause) -> NoReturn:
        """Withhold the seal and publish SealFailed once. What a contract of one product is checked against
        comes before it on the same partition. If it is missing, it became a dead letter, and only a redrive
        can supply it: a contract of an unknown registration waits for that. What a contract of several
        products is checked against may come some time after it.

        Dies before the save: the message comes again. After it: nothing more is published. Raises NotYet or
        Unproven.
        """
        if event.covers and self.clock.now() < event.recorded_at + _OTHER_PARTITIONS:
            raise NotYet(f"what is told of the products of {event.renewal_id} ({found})")
        first = withhold(event, found, self.clock.now())

        def decide(state: WithheldContract | None) -> Decision[WithheldContract] | None:
            if state is None:
                log.error("contract.withheld", renewal_id=str(event.renewal_id), reason=found)
            return None if state else first

        await self.withheld.change(withheld_id(event), decide, replace(cause, message_id=None))
        if found is WithholdReason.REGISTRATION_UNKNOWN:
            raise NotYet(f"form {event.renewal_id}")
        raise Unproven(f"a contract that doesn't agree with its registration: {found}")

    async def _record_prepared(self, event: ContractPrepared, cause: Cause) -> Stored[ContractSeal]:
        """The recorded contract. The message is not yet recorded as handled: that comes with the seal."""
        id = seal_id(event.renewal_id)
        found = await self.contracts.load(id)
        if found and _is_same_contract(found.state.contract, event):
            return found
        form = await self.forms.signed_by_office(event.renewal_id)
        decision = prepare(event, form, found.state if found else None)
        return await self.contracts.save(found, decision, replace(cause, message_id=None), id=id)

    async def _record_handled(self, recorded: Stored[ContractSeal], cause: Cause) -> None:
        """Record the message as handled, since it changes nothing more: once the next contract has replaced
        this one, a repeat could no longer be recognised by the contract."""
        await self.contracts.save(recorded, Decision(recorded.state), cause, id=recorded.id)

    async def void_contract(self, event: ContractVoided, cause: Cause) -> None:
        """Void the contract, unless its seal was saved first. Both saves are of one document: one wins. Of a
        contract over several products, the event of the registration that it was prepared for voids it."""
        if event.lead_id:
            return
        id = event.renewal_id
        await self.contracts.change(
            seal_id(id),
            require_known(lambda state: void(state, event, self.clock.now()), f"contract {id}"),
            cause,
        )

    async def _fail(self, id: str, reason: str, cause: Cause) -> None:
        """Record the failure and publish it, once for each reason. Dies before: the message comes again."""

        def decide(state: ContractSeal | None) -> Decision[ContractSeal] | None:
            return record_failure(state, reason, self.clock.now()) if state else None

        await self.contracts.change(id, decide, replace(cause, message_id=None))


def _is_same_contract(stored: ContractPrepared, event: ContractPrepared) -> bool:
    return (stored.contract_number, stored.contract.sha256) == (event.contract_number, event.contract.sha256)
