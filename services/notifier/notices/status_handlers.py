"""Copies the status of every subscription from the events of the other three services.

Each event writes its own fields, those of a renewal under the renewal's id: so events of different services
may arrive in any order. The position of the last event is stored for each field of a renewal. So a dead
letter that is redriven after later events of its renewal still sets the fields that they did not set.
"""

from dataclasses import dataclass
from typing import Any

from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.notices.money_handlers import MoneyHandlers
from services.notifier.notices.status_copies import StatusCopies
from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperCopyUploaded,
    PaperFormAccepted,
    PaperFormAwaited,
    PaperFormReceived,
    PaperFormReturned,
)
from shared.events.renewal import (
    ContractPrepared,
    ContractVoided,
    FormReissued,
    FormSignatureAwaited,
    RenewalAccepted,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
    TermConfirmed,
)
from shared.events.signing import ContractIssued, FormSigned
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet, Unproven
from shared.situation_facts import AssentEvent, facts_from, last_signing_day
from shared.storage.documents import Documents, Provenance
from shared.storage.mongo import IndexModel
from shared.storage.projection import CopyWrite, Projection

INDEXES = (IndexModel([("office_ref", 1)], name="office"),)

StageChange = (
    SubscriptionAdopted | AccessLocked | SubscriptionTerminated | SubscriptionRenewed | AccessRestored
)


@dataclass(frozen=True, slots=True)
class StatusHandlers:
    statuses: Projection[SubscriptionStatus]
    documents: Documents

    @property
    def _copies(self) -> StatusCopies:
        return StatusCopies(self.statuses)

    def add_routes(self, routes: Routes) -> None:
        routes.latest(SubscriptionRecorded, self.copy_licence)
        routes.latest(SubscriptionAdopted, self.copy_stage)
        routes.latest(SubscriptionExpiring, self.copy_expiry_reminder)
        routes.latest(AccessLocked, self.copy_stage)
        routes.latest(SubscriptionTerminated, self.copy_stage)
        routes.latest(SubscriptionRenewed, self.copy_stage)
        routes.latest(AccessRestored, self.copy_stage)
        routes.latest(RenewalRegistered, self.copy_registration)
        routes.latest(SendingChanged, self.copy_sending)
        routes.latest(FormReissued, self.copy_reissue)
        routes.latest(TermConfirmed, self.copy_confirmation)
        routes.latest(FormSignatureAwaited, self.copy_form_reminder)
        routes.latest(PaperFormAwaited, self.copy_form_reminder)
        routes.latest(PaperCopyUploaded, self.copy_picture)
        routes.latest(PaperCopyRefused, self.copy_picture)
        routes.latest(PaperFormReceived, self.copy_paper_receipt)
        routes.latest(PaperFormReturned, self.copy_paper_return)
        routes.latest(PaperFormAccepted, self.copy_paper_receipt)
        routes.latest(RenewalAccepted, self.copy_acceptance)
        routes.latest(ContractVoided, self.copy_acceptance)
        routes.checked(ContractPrepared, self.copy_contract_signing)
        routes.checked(ContractPaperReceived, self.copy_contract_signing)
        routes.checked(ContractPaperReturned, self.copy_contract_signing)
        routes.checked(ContractAssented, self.copy_contract_signing)
        routes.latest(RenewalRefused, self.copy_closure)
        routes.latest(RenewalCancelled, self.copy_closure)
        routes.latest(FormSigned, self.copy_signature)
        routes.checked(ContractIssued, self.copy_contract)
        MoneyHandlers(self._copies).add_routes(routes)

    def copy_licence(self, event: SubscriptionRecorded, at: Position) -> list[CopyWrite]:
        allowed = event.licence.model_dump(include={"zone", "package", "users"})
        return [self._copies.of_subscription(event, at, facts_from(event) | allowed)]

    def copy_stage(self, event: StageChange, at: Position) -> list[CopyWrite]:
        return [self._copies.of_subscription(event, at, facts_from(event))]

    def copy_expiry_reminder(self, event: SubscriptionExpiring, at: Position) -> list[CopyWrite]:
        return [
            self._copies.of_subscription(event, at, facts_from(event) | {"reminded_on": event.effective_on})
        ]

    def copy_registration(self, event: RenewalRegistered, at: Position) -> list[CopyWrite]:
        """The days of the payment only where it tells them: the payment's own events may have come before."""
        fields: dict[str, Any] = {
            "registration_no": event.registration_no,
            "send_by": event.send_by,
            "basis_expires_on": event.term.basis_expires_on,
            "registered_at": event.occurred_at,
            "term": event.term,
            "joined": tuple(each.product_code for each in event.joined),
            "ordered": event.resources,
            "total": 0 if event.lead_id else event.total_vnd + sum(each.total_vnd for each in event.joined),
            "wait_until": event.wait_until,
        }
        if event.seen_by:
            fields["payment.seen_by"] = event.seen_by
        if event.transfer and event.transfer.due_on:
            fields["payment.pay_by"] = event.transfer.due_on
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_sending(self, event: SendingChanged, at: Position) -> list[CopyWrite]:
        fields = {"send_by": event.send_by, "wait_until": event.wait_until}
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_reissue(self, event: FormReissued, at: Position) -> list[CopyWrite]:
        fields: dict[str, Any] = {
            "basis_expires_on": event.term.basis_expires_on,
            "term": event.term,
            "revision": event.form_revision,
            "unconfirmed": event.unconfirmed,
            "returned": False,
            "wait_until": event.wait_until,
        }
        if event.old_term is None or not event.term.has_days_of(event.old_term):
            fields["restated"] = event.form_revision
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_confirmation(self, event: TermConfirmed, at: Position) -> list[CopyWrite]:
        fields = {"unconfirmed": (), "wait_until": event.wait_until}
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_form_reminder(
        self, event: FormSignatureAwaited | PaperFormAwaited, at: Position
    ) -> list[CopyWrite]:
        return self._copies.put_renewal(event, event.renewal_id, at, {"reminded": event.reminder})

    def copy_paper_receipt(
        self, event: PaperFormReceived | PaperFormAccepted, at: Position
    ) -> list[CopyWrite]:
        fields = {
            "paper_here": True,
            "paper_revision": event.form_revision,
            "paper_on": event.received_on,
            "returned": False,
            "wait_until": event.wait_until,
        }
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_paper_return(self, event: PaperFormReturned, at: Position) -> list[CopyWrite]:
        back = {"paper_here": False, "returned": True, "shown_again": False}
        fields = back | {"wait_until": event.wait_until}
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_picture(self, event: PaperCopyUploaded | PaperCopyRefused, at: Position) -> list[CopyWrite]:
        is_new = isinstance(event, PaperCopyUploaded)
        fields = {"copy_sent": True, "shown": is_new} | ({"shown_again": True} if is_new else {})
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_acceptance(self, event: RenewalAccepted | ContractVoided, at: Position) -> list[CopyWrite]:
        fields: dict[str, Any] = {
            "accepted": isinstance(event, RenewalAccepted),
            "sign_by": None,
            "contract_here": False,
            "wait_until": event.wait_until if isinstance(event, RenewalAccepted) else None,
        }
        if isinstance(event, ContractVoided) and event.in_force:
            fields |= {"closed": True, "closed_as": "contract_void", "closed_on": event.effective_on}
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    async def copy_contract_signing(self, event: AssentEvent, at: Position) -> list[CopyWrite]:
        """Copy until when the office can sign its contract. Raises NotYet before the registration is known,
        and Unproven if renewal didn't make the document as the contract of this registration: the contract is
        mailed, and it could be another office's."""
        if isinstance(event, ContractPrepared):
            if event.sign_by is None:
                return []
            await self._known(event)
            provenance = Provenance("contract", event.renewal_id)
            if not await self.documents.is_of(event.contract.sha256, provenance):
                raise Unproven("the document is no contract of this registration")
        fields: dict[str, Any] = {
            "accepted": True,
            "sign_by": last_signing_day(event),
            "contract_here": isinstance(event, ContractPaperReceived),
        }
        if isinstance(event, ContractPaperReceived | ContractAssented):
            fields["wait_until"] = event.wait_until
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_closure(self, event: RenewalRefused | RenewalCancelled, at: Position) -> list[CopyWrite]:
        replaced_by = event.replaced_by if isinstance(event, RenewalCancelled) else None
        fields = {
            "closed": True,
            "closed_as": "refused" if isinstance(event, RenewalRefused) else "cancelled",
            "closed_on": event.effective_on,
            "replaced": replaced_by is not None,
            "replaced_by": replaced_by,
        }
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    def copy_signature(self, event: FormSigned, at: Position) -> list[CopyWrite]:
        """A late signature of an earlier form doesn't replace that of a newer one."""
        signed = self._copies.put_renewal(event, event.renewal_id, at, {"signed": True})
        newest = Position(f"{event.renewal_id} newest signature", event.form_revision)
        of = f"renewals.{event.renewal_id}"
        fields = {f"{of}.signed_revision": event.form_revision, f"{of}.signed_at": event.signed_at}
        return [*signed, self._copies.of_subscription(event, newest, fields)]

    async def copy_contract(self, event: ContractIssued, at: Position) -> list[CopyWrite]:
        """Copy that the contract is in force. Raises NotYet before the registration is known, and Unproven
        for a contract that doesn't agree with it or that signing didn't seal for it: otherwise the banner
        would disappear, and another office's contract could be mailed."""
        known = await self._known(event)
        if not known.agrees_with(event):
            raise Unproven("a contract that doesn't agree with its registration")
        sealed = Provenance("sealed_contract", event.renewal_id)
        if not await self.documents.is_of(event.contract.sha256, sealed):
            raise Unproven("the document is no sealed contract of this registration")
        fields = {
            "issued": True,
            "basis_expires_on": event.term.basis_expires_on,
            "contract_on": event.effective_on,
        }
        return self._copies.put_renewal(event, event.renewal_id, at, fields)

    async def _known(self, event: ContractPrepared | ContractIssued) -> RegistrationProgress:
        """The registration. Raises NotYet before its event from renewal has arrived."""
        subscription = await self.statuses.get(event.subscription_id)
        known = subscription.renewals.get(event.renewal_id) if subscription else None
        if known is None or known.registered_at is None:
            raise NotYet(f"registration {event.renewal_id}")
        return known
