"""Handles other services' events: records the notices that they cause, and copies the contacts for them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.notifier.domain.contact import Contact, DeclaredContact, former_contact_key
from services.notifier.domain.matter import NoticeEvent, is_relaxation
from services.notifier.domain.notice import (
    Notice,
    merge_correction,
    new_address_change_notice,
    new_notice,
    previous_restatement_id,
)
from services.notifier.domain.registration_matter import ClosureEvent, is_news
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import Notices
from shared.background.wake import Wake
from shared.events.assent import ContractLapsed, ContractPaperReceived, ContractPaperReturned
from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentExtended,
    CommitmentRefused,
    PaymentAwaited,
)
from shared.events.paper_form import PaperCopyRefused, PaperFormAwaited, PaperFormReceived, PaperFormReturned
from shared.events.payment import PaymentClaimRefused, PaymentRecorded, PaymentReversed
from shared.events.renewal import (
    ContractPrepared,
    FormReissued,
    FormSignatureAwaited,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
)
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessLocked,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionTerminated,
)
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet
from shared.storage.aggregate import Cause
from shared.storage.projection import CopyWrite, Projection
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class NoticeHandlers:
    """`clock` is domain time, `real` real time. `wake` wakes the sender when a notice is recorded."""

    contacts: Projection[Contact]
    declared: Projection[DeclaredContact]
    status_handlers: StatusHandlers
    notices: Notices
    clock: Clock
    real: Clock
    wake: Wake
    mail_domain: str
    corrections_wait: timedelta

    def routes(self) -> Routes:
        """The status handlers come first: a notice is checked against a status that is at least as new."""
        routes = Routes()
        self.status_handlers.add_routes(routes)
        routes.latest(SubscriptionRecorded, self.copy_contact)
        routes.checked(RenewalRegistered, self.copy_declared_contact)
        routes.once(SubscriptionExpiring, self.record_notice)
        routes.once(AccessLocked, self.record_lock)
        routes.once(SubscriptionTerminated, self.record_notice)
        routes.once(RenewalRegistered, self.record_registration)
        routes.once(FormReissued, self.record_restatement)
        routes.once(FormSignatureAwaited, self.record_notice)
        routes.once(PaperFormAwaited, self.record_notice)
        routes.once(PaperFormReceived, self.record_notice)
        routes.once(PaperFormReturned, self.record_notice)
        routes.once(PaperCopyRefused, self.record_notice)
        routes.once(RenewalRefused, self.record_closure)
        routes.once(RenewalCancelled, self.record_closure)
        routes.once(ContractPrepared, self.record_contract_to_sign)
        routes.once(ContractPaperReceived, self.record_notice)
        routes.once(ContractPaperReturned, self.record_notice)
        routes.once(ContractLapsed, self.record_notice)
        routes.once(CommitmentAccepted, self.record_acceptance)
        routes.once(CommitmentRefused, self.record_notice)
        routes.once(CommitmentExtended, self.record_notice)
        # CommitmentBroken needs no mail: a PaymentAwaited of the same save tells it.
        routes.once(PaymentAwaited, self.record_notice)
        routes.once(PaymentClaimRefused, self.record_notice)
        routes.once(PaymentRecorded, self.record_notice)
        routes.once(PaymentReversed, self.record_notice)
        # SubscriptionRenewed and AccessRestored follow from the contract, and need no mail of their own.
        routes.once(ContractIssued, self.record_notice)
        return routes

    def copy_contact(self, event: SubscriptionRecorded, at: Position) -> list[CopyWrite]:
        licence = event.licence
        contact = Contact(
            office_name=licence.name,
            contact_name=licence.contact_name,
            email=licence.contact_email,
            product_code=event.product_code,
            zone=licence.zone,
            expires_on=licence.expires_on,
        )
        return [self.contacts.put(event.subscription_id, at, contact.model_dump())]

    async def copy_declared_contact(self, event: RenewalRegistered, at: Position) -> list[CopyWrite]:
        """The contact that the registration declares, and the previous one if the address differs. A repeat
        finds the declared one and adds no previous one: the licence may have been corrected meanwhile.

        Dies between the two: the previous one is written first, and the repeat writes both."""
        known = await self._contact(event.subscription_id)
        office = event.office
        contact = DeclaredContact(
            office_name=office.name, contact_name=office.contact_name, email=office.contact_email
        )
        declared = self.declared.put(event.renewal_id, at, contact.model_dump())
        is_same = contact.email.casefold() == known.email.casefold()
        if is_same or await self.declared.get(event.renewal_id):
            return [declared]
        before = known.model_dump(include=set(DeclaredContact.model_fields))
        return [self.declared.put(former_contact_key(event.renewal_id), at, before), declared]

    async def record_registration(self, event: RenewalRegistered, cause: Cause) -> None:
        """Record two notices: of the registration to the declared address, and of the change to the previous
        one.

        Dies between the two: the event comes again. Each notice is recorded once."""
        if await self.declared.get(former_contact_key(event.renewal_id)):
            zone = (await self._contact(event.subscription_id)).zone
            now, real = self.clock.now(), self.real.now()
            changed = new_address_change_notice(
                event, zone, self.mail_domain, cause.correlation_id, now, real
            )
            await self.notices.record(changed, cause)
        await self.record_notice(event, cause)

    async def record_closure(self, event: ClosureEvent, cause: Cause) -> None:
        if is_news(event):
            await self.record_notice(event, cause)

    async def record_contract_to_sign(self, event: ContractPrepared, cause: Cause) -> None:
        """A contract that the office doesn't sign is mailed when it is in force."""
        if event.sign_by is not None:
            await self.record_notice(event, cause)

    async def record_acceptance(self, event: CommitmentAccepted, cause: Cause) -> None:
        """What the rule accepts, the mail about the registration tells: it names the day to pay."""
        if event.decided_by == "desk":
            await self.record_notice(event, cause)

    async def record_lock(self, event: AccessLocked, cause: Cause) -> None:
        if not is_relaxation(event):
            await self.record_notice(event, cause)

    async def record_restatement(self, event: FormReissued, cause: Cause) -> None:
        """Record the notice of a form with another term. An event of an older release has no reason and
        causes no mail. The notice of a correction waits for a further correction: then one mail covers
        both."""
        if event.reason is None:
            return
        notice = await self._notice(event, cause)
        if event.reason == "corrected":
            id = previous_restatement_id(event)
            before = await self.notices.load(id) if id else None
            known = before.state if before else None
            notice = merge_correction(notice, known, self.corrections_wait)
        await self.notices.record(notice, cause)
        self.wake.set()

    async def record_notice(self, event: NoticeEvent, cause: Cause) -> None:
        """Record the notice of this event. The sender delivers it, so no handler waits for a mail server."""
        await self.notices.record(await self._notice(event, cause), cause)
        self.wake.set()

    async def _notice(self, event: NoticeEvent, cause: Cause) -> Notice:
        zone, now, real = (await self._contact(event.subscription_id)).zone, self.clock.now(), self.real.now()
        return new_notice(event, zone, self.mail_domain, cause.correlation_id, now, real)

    async def _contact(self, subscription_id: UUID) -> Contact:
        if (contact := await self.contacts.get(subscription_id)) is None:
            raise NotYet(f"contact {subscription_id}")
        return contact
