"""Handles the events of other services: signing's events about forms and contracts, and licences."""

from dataclasses import dataclass
from uuid import UUID

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.preparation import ContractFactory
from services.renewal.contract.void_contract import VoidContractHandlers
from services.renewal.desk.items.items import DeskItems
from services.renewal.domain.contract import assent, contract
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.domain.registration.form import is_superseded
from services.renewal.domain.renewal import Renewal
from services.renewal.dossier.copies import DossierCopies
from services.renewal.invoice.handlers import InvoiceHandlers
from services.renewal.licences import Licences
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration.restatement import RestatementService
from services.renewal.resources.handlers import ResourceHandlers
from services.renewal.stores.renewals import Renewals
from shared.events.base import DocumentRef
from shared.events.signing import ContractIssued, ContractSigned, FormSigned, SealFailed, SigningSuperseded
from shared.events.subscription import SubscriptionRecorded
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet, Unproven
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents, Provenance
from shared.time.clock import Clock

SigningEvent = FormSigned | SigningSuperseded | ContractSigned | ContractIssued


@dataclass(frozen=True, slots=True)
class RenewalHandlers:
    """Each handler makes its documents first and saves once. `contract.preparation` and
    `registration.form_factory` say what is left behind if the process dies in between."""

    renewals: Renewals
    licences: Licences
    recoveries: RecoveryService
    documents: Documents
    contract_factory: ContractFactory
    fact_reader: ApprovalFactReader
    clock: Clock
    items: DeskItems
    restatements: RestatementService
    invoices: InvoiceHandlers
    resources: ResourceHandlers
    dossier: DossierCopies
    void_contracts: VoidContractHandlers

    def routes(self) -> Routes:
        routes = Routes()
        self.licences.add_to(routes)
        self.dossier.add_to(routes)
        self.recoveries.add_to(routes)
        self.items.add_to(routes)
        routes.once(FormSigned, self.record_signed_form)
        routes.once(SigningSuperseded, self.reissue_form)
        routes.once(SubscriptionRecorded, self.restate_form)
        routes.once(ContractSigned, self.record_signed_contract)
        routes.once(ContractIssued, self.record_issued_contract)
        self.invoices.add_to(routes)
        self.resources.add_to(routes)
        self.void_contracts.add_to(routes)
        routes.placed(SealFailed, self.record_failed_seal)
        self.fact_reader.seal.add_to(routes)
        return routes

    async def record_signed_form(self, event: FormSigned, cause: Cause) -> None:
        if await self._is_of_lead(event):
            return
        stored, licence = await self._load_both(event)
        if cause.message_id in stored.handled:
            return
        await self._check_document(event.signed_form, "signed_form", event.renewal_id)
        now = self.clock.now()
        facts = await self.fact_reader.read(stored.state, licence, now)
        decision = contract.record_signed_form(stored.state, event, licence, facts, now)
        decision = await self.contract_factory.with_contract(decision, now)
        await self.renewals.save(stored, decision, cause, id=stored.id)

    async def _is_of_lead(self, event: FormSigned) -> bool:
        """Whether the lead's own event is about the same signature, which counts for all products."""
        lead = await self.renewals.led(event.renewal_id)
        filed = lead and any(paper.document == event.signed_form for paper in lead.state.dossier)
        return lead is not None and bool(filed or lead.state.carries_joined)

    async def reissue_form(self, event: SigningSuperseded, cause: Cause) -> None:
        """The service was terminated, so the form's term is wrong: issues it again, to be signed again."""
        lead = await self.renewals.led(event.renewal_id)
        stored = lead if lead and lead.state.carries_joined else (await self._load_both(event))[0]
        if cause.message_id in stored.handled or not is_superseded(stored.state, event):
            return
        decision = await self.restatements.reissue(stored.state, "terminated", ended=event.subscription_id)
        await self.renewals.save(stored, decision, cause, id=stored.id)

    async def restate_form(self, event: SubscriptionRecorded, cause: Cause) -> None:
        """Restates the form of an open registration if the last day of use has changed. The copy of the
        licence is already as new as this event."""
        await self.restatements.restate_open(event.subscription_id, cause)

    async def record_signed_contract(self, event: ContractSigned, cause: Cause) -> None:
        stored, _ = await self._load_both(event)
        if cause.message_id in stored.handled:
            return
        await self._check_document(event.signed_contract, "signed_contract", event.renewal_id)
        decision = assent.record_signature(stored.state, event, self.clock.now())
        await self.renewals.save(stored, decision, cause, id=stored.id)

    async def record_issued_contract(self, event: ContractIssued, cause: Cause) -> None:
        """If the process dies between the saves, the message comes again, and the second one is made then."""
        stored, _ = await self._load_both(event)
        state = stored.state
        if cause.message_id not in stored.handled:
            await self._check_document(event.contract, "sealed_contract", event.renewal_id)
            state = await self._save_issued(stored, event, cause)
        if state.is_unpaid:  # the money may have come meanwhile
            await self.void_contracts.compare_again(event.renewal_id, cause)

    async def _save_issued(self, stored: Stored[Renewal], event: ContractIssued, cause: Cause) -> Renewal:
        now = self.clock.now()
        decision = contract.record_issued_contract(stored.state, event, now)
        if decision.state.is_unpaid:  # the money may be here already
            receivable = await self.void_contracts.receivables.of(stored.state.registration)
            settled = settle_commitment(decision.state, receivable, now)
            decision = Decision(settled.state, decision.events) if settled else decision
        await self.renewals.save(stored, decision, cause, id=stored.id)
        return decision.state

    async def record_failed_seal(self, event: SealFailed, cause: Cause, at: Position) -> None:
        """The contract has no seal. Where it doesn't belong to the renewal, the desk gets a work item."""
        stored = await self.renewals.load(event.renewal_id)
        if stored and cause.message_id in stored.handled:
            return
        now = self.clock.now()
        ours = stored and stored.state.registration.subscription_id == event.subscription_id
        lead = await self._lead_of_contract(stored.state) if stored and ours else None
        decision = contract.record_failed_seal(stored.state, event, now, lead) if stored and ours else None
        if stored and decision:
            await self.renewals.save(stored, decision, cause, id=stored.id)
            await self.restatements.recheck(event.renewal_id, Cause.command("restate"))
        else:
            await self.items.open_withheld_contract(event, cause, at)

    async def _lead_of_contract(self, renewal: Renewal) -> Renewal | None:
        lead = await self.renewals.load(renewal.contract_of) if renewal.contract_of else None
        return lead.state if lead else None

    async def _check_document(self, document: DocumentRef, kind: str, renewal_id: UUID) -> None:
        """Raises Unproven for a document that signing didn't store for this renewal: it would get into the
        office's dossier, and the rule may accept a signed form without a person."""
        if not await self.documents.is_of(document.sha256, Provenance(kind, renewal_id)):
            raise Unproven(f"the document is no {kind} of this renewal")

    async def _load_both(self, event: SigningEvent) -> tuple[Stored[Renewal], LicenceCopy]:
        """The renewal and its licence. Raises NotYet where one isn't stored yet (signing knows only what we
        sent, so it will come), Unproven where the renewal is of another subscription."""
        if (stored := await self.renewals.load(event.renewal_id)) is None:
            raise NotYet(f"renewals/{event.renewal_id}")
        id = stored.state.registration.subscription_id
        if event.subscription_id != id:
            raise Unproven("the renewal is of another subscription")
        if (licence := await self.licences.copies.get(id)) is None:
            raise NotYet(f"licences/{id}")
        return stored, licence
