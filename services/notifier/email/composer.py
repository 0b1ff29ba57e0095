"""Makes a recorded notice ready to hand over: whom to, and which bytes."""

from dataclasses import dataclass

from services.notifier.domain.contact import Contact, Declared, former
from services.notifier.domain.notice import Notice, overtaken
from services.notifier.domain.registration_matter import AddressChanged, OfRegistration
from services.notifier.domain.standing import SubscriptionStatus
from services.notifier.email.letters import Letters
from services.notifier.email.mime import SmtpEnvelope, message
from services.notifier.vendor import VendorContact
from shared.storage.projection import Projection
from shared.time.clock import Clock


class NoContact(LookupError):
    """The notice's contact isn't known (any more)."""


class NoAddress(ValueError):
    """What the contact has as its address is none."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    recipient: str
    letter: bytes


@dataclass(frozen=True, slots=True)
class Composer:
    """`sender` is the address that mails come from; answers go to the vendor's own."""

    contacts: Projection[Contact]
    declared: Projection[Declared]
    standings: Projection[SubscriptionStatus]
    letters: Letters
    vendor: VendorContact
    sender: str
    clock: Clock

    async def pack(self, notice: Notice) -> Outgoing | None:
        """None: what it tells is no longer true. Raises NoAddress, NoContact, MissingDocument.

        Message-ID and date are the notice's own, so that a letter that goes again is the same one.
        """
        standing = await self.standings.get(notice.subscription_id)
        if overtaken(notice.matter, standing):
            return None
        contact = await self._contact(notice)
        if contact.address is None:
            raise NoAddress(str(notice.contact_id))
        letter = await self.letters.write(notice, contact, standing, self.clock.now())
        envelope = SmtpEnvelope(
            sender=self.sender,
            sender_name=self.vendor.name,
            reply_to=self.vendor.email,
            recipient=contact.address,
            message_id=notice.message_id,
            date=notice.recorded_at,
        )
        return Outgoing(contact.address, message(letter, envelope))

    async def _contact(self, notice: Notice) -> Contact:
        """What is about a registration goes to whom that declares; one of before that was kept, to the
        licence's contact. Raises NoContact."""
        contact, matter = await self.contacts.get(notice.subscription_id), notice.matter
        if contact is None:
            raise NoContact(str(notice.contact_id))
        if not isinstance(matter, OfRegistration):
            return contact
        id = former(matter.renewal_id) if isinstance(matter, AddressChanged) else str(matter.renewal_id)
        declared = await self.declared.get(id)
        return contact.model_copy(update=declared.model_dump()) if declared else contact
