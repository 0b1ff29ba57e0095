"""Handles other services' events: records the notices that they cause, and copies the contacts for them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.notifier.domain.contact import Contact, DeclaredContact, former_contact_key
from services.notifier.domain.matter import NoticeEvent, is_full_grant, is_relaxation
from services.notifier.domain.notice import (
    Notice,
    NoticeKey,
    address_change_key,
    merge_correction,
    new_notice,
    previous_restatement_id,
)
from services.notifier.domain.registration_matter import ClosureEvent, is_left_out, is_news
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import Notices
from shared.events.assent import ContractLapsed, ContractPaperReceived, ContractPaperReturned
from shared.events.base import RegistrationEvent
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
    ContractVoided,
    FormReissued,
    FormSignatureAwaited,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
)
from shared.events.resources import ResourcesConfirmed
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
from shared.storage.pooled_change import PooledChange
from shared.storage.projection import CopyWrite, Projection
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class NoticeHandlers:
    """`clock` is domain time, `real` real time."""

    contacts: Projection[Contact]
    declared: Projection[DeclaredContact]
    status_handlers: StatusHandlers
    notices: Notices
    clock: Clock
    real: Clock
    mail_domain: str
    corrections_wait: timedelta

    def routes(self) -> Routes:
        """The status handlers come first: a notice is checked against a status that is at least as new."""
        routes = Routes()
        self.status_handlers.add_routes(routes)
        routes.latest(SubscriptionRecorded, self.copy_contact)
        routes.checked(RenewalRegistered, self.copy_declared_contact)
        routes.pooled(SubscriptionExpiring, self.pool_notice)
        routes.pooled(AccessLocked, self.pool_lock)
        routes.pooled(SubscriptionTerminated, self.pool_notice)
        routes.once(RenewalRegistered, self.record_registration)
        routes.once(FormReissued, self.record_restatement)
        routes.pooled(FormSignatureAwaited, self.pool_notice)
        routes.pooled(PaperFormAwaited, self.pool_notice)
        routes.pooled(PaperFormReceived, self.pool_notice)
        routes.pooled(PaperFormReturned, self.pool_notice)
        routes.pooled(PaperCopyRefused, self.pool_notice)
        routes.pooled(RenewalRefused, self.pool_closure)
        routes.pooled(RenewalCancelled, self.pool_closure)
        routes.pooled(ContractVoided, self.pool_closure)
        routes.pooled(ContractPrepared, self.pool_contract_to_sign)
        routes.pooled(ContractPaperReceived, self.pool_notice)
        routes.pooled(ContractPaperReturned, self.pool_notice)
        routes.pooled(ContractLapsed, self.pool_notice)
        routes.pooled(CommitmentAccepted, self.pool_acceptance)
        routes.pooled(CommitmentRefused, self.pool_notice)
        routes.pooled(CommitmentExtended, self.pool_notice)
        # CommitmentBroken needs no mail: a PaymentAwaited of the same save tells it.
        routes.pooled(PaymentAwaited, self.pool_notice)
        routes.pooled(PaymentClaimRefused, self.pool_notice)
        routes.pooled(PaymentRecorded, self.pool_notice)
        routes.pooled(PaymentReversed, self.pool_notice)
        # SubscriptionRenewed and AccessRestored follow from the contract, and need no mail of their own.
        routes.pooled(ContractIssued, self.pool_notice)
        routes.pooled(ResourcesConfirmed, self.pool_grant)
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
        one. Of a joined product the second only, where no other product on the form has told that address.

        Dies between the two: the event comes again. Each notice is recorded once."""
        if former := await self.declared.get(former_contact_key(event.renewal_id)):
            contact = await self._contact(event.subscription_id)
            changed = self._notice(event, address_change_key(event, former), contact, cause)
            await self.notices.record(changed, cause)
        if notice := self.pool_notice(event, cause):
            await notice.save()

    async def record_restatement(self, event: FormReissued, cause: Cause) -> None:
        """Record the notice of a form with another term: of a joint registration, of each product whose term
        is another. An event of an older release has no reason and causes no mail. The notice of a correction
        waits for a further correction: then one mail covers both."""
        old = event.old_term
        if event.reason is None or (old is not None and event.term.has_days_of(old)):
            return
        contact = await self._contact(event.subscription_id)
        notice = self._notice(event, NoticeKey.of(event), contact, cause)
        if event.reason == "corrected":
            id = previous_restatement_id(event)
            before = await self.notices.load(id) if id else None
            known = before.state if before else None
            notice = merge_correction(notice, known, self.corrections_wait)
        await self.notices.record(notice, cause)

    def pool_notice(self, event: NoticeEvent, cause: Cause) -> PooledChange[Notice, Contact] | None:
        """The notice of this event. The sender delivers it, so no handler waits for a mail server. None for a
        joined product that isn't left out: the lead's notice tells the office about all."""
        if isinstance(event, RegistrationEvent) and event.lead_id and not is_left_out(event):
            return None
        key, subscription_id = NoticeKey.of(event), event.subscription_id

        def make(contact: Contact | None) -> Notice:
            return self._notice(event, key, require_contact(contact, subscription_id), cause)

        return self.notices.pool(key.id, self.contacts, subscription_id, make, cause)

    def pool_lock(self, event: AccessLocked, cause: Cause) -> PooledChange[Notice, Contact] | None:
        return None if is_relaxation(event) else self.pool_notice(event, cause)

    def pool_closure(self, event: ClosureEvent, cause: Cause) -> PooledChange[Notice, Contact] | None:
        return self.pool_notice(event, cause) if is_news(event) else None

    def pool_contract_to_sign(
        self, event: ContractPrepared, cause: Cause
    ) -> PooledChange[Notice, Contact] | None:
        """A contract that the office doesn't sign is mailed when it is in force."""
        return None if event.sign_by is None else self.pool_notice(event, cause)

    def pool_acceptance(
        self, event: CommitmentAccepted, cause: Cause
    ) -> PooledChange[Notice, Contact] | None:
        """What the rule accepts, the mail about the registration tells: it names the day to pay."""
        return self.pool_notice(event, cause) if event.decided_by == "desk" else None

    def pool_grant(self, event: ResourcesConfirmed, cause: Cause) -> PooledChange[Notice, Contact] | None:
        """The platform's other answers are the desk's: an office isn't told what it was not granted."""
        return self.pool_notice(event, cause) if is_full_grant(event) else None

    def _notice(self, event: NoticeEvent, key: NoticeKey, contact: Contact, cause: Cause) -> Notice:
        now, real = self.clock.now(), self.real.now()
        return new_notice(event, key, contact.zone, self.mail_domain, cause.correlation_id, now, real)

    async def _contact(self, subscription_id: UUID) -> Contact:
        return require_contact(await self.contacts.get(subscription_id), subscription_id)


def require_contact(contact: Contact | None, subscription_id: UUID) -> Contact:
    if contact is None:
        raise NotYet(f"contact {subscription_id}")
    return contact
