"""Composes the message of a recorded notice: its recipient and its bytes."""

from dataclasses import dataclass

from services.notifier.domain.contact import Contact, DeclaredContact, former_contact_key
from services.notifier.domain.notice import Notice, is_overtaken
from services.notifier.domain.registration_matter import AddressChanged, RegistrationMatter
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.letters import LetterWriter
from services.notifier.email.mime import SmtpEnvelope, build_message
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.vendor import VendorContact


class NoContact(LookupError):
    """The notice's contact is unknown."""


class NoAddress(ValueError):
    """The contact's address is not a usable e-mail address."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    recipient: str
    letter: bytes


@dataclass(frozen=True, slots=True)
class Composer:
    """`sender` is the From address; replies go to the vendor's address."""

    contacts: Projection[Contact]
    declared: Projection[DeclaredContact]
    subscriptions: Projection[SubscriptionStatus]
    letters: LetterWriter
    vendor: VendorContact
    sender: str
    clock: Clock

    async def compose(self, notice: Notice) -> OutgoingMessage | None:
        """The message of the notice; None if the notice is no longer true. Raises NoAddress, NoContact,
        MissingDocument.

        Message-ID and date are the notice's own, so that a letter that is sent twice is the same letter.
        """
        subscription = await self.subscriptions.get(notice.subscription_id)
        now = self.clock.now()
        if is_overtaken(notice.matter, subscription, civil_date(now, notice.zone)):
            return None
        contact = await self._contact(notice)
        if contact.address is None:
            raise NoAddress(str(notice.contact_id))
        letter = await self.letters.write(notice, contact, subscription, now)
        envelope = SmtpEnvelope(
            sender=self.sender,
            sender_name=self.vendor.name,
            reply_to=self.vendor.email,
            recipient=contact.address,
            message_id=notice.message_id,
            date=notice.recorded_at,
        )
        return OutgoingMessage(contact.address, build_message(letter, envelope))

    async def _contact(self, notice: Notice) -> Contact:
        """The declared contact for a notice about a registration, if one is stored; else the licence's
        contact. Raises NoContact."""
        contact, matter = await self.contacts.get(notice.subscription_id), notice.matter
        if contact is None:
            raise NoContact(str(notice.contact_id))
        if not isinstance(matter, RegistrationMatter):
            return contact
        id = (
            former_contact_key(matter.renewal_id)
            if isinstance(matter, AddressChanged)
            else str(matter.renewal_id)
        )
        declared = await self.declared.get(id)
        return contact.model_copy(update=declared.model_dump()) if declared else contact
