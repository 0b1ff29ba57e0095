"""Whom an office's notices go to."""

import re
from datetime import date
from uuid import UUID

from services.notifier.domain.frozen import ProjectionModel
from shared.ids import derived

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


class Contact(ProjectionModel):
    """Our copy of a licence's contact. Personal data: it leaves only in the mail to the contact itself."""

    office_name: str
    contact_name: str
    email: str
    product_code: str
    zone: str
    expires_on: date

    @property
    def address(self) -> str | None:
        """The address as SMTP takes it everywhere; None where there is none that it takes."""
        trimmed = self.email.strip()
        return trimmed if _ADDRESS.fullmatch(trimmed) else None


class DeclaredContact(ProjectionModel):
    """Whom a registration names: all mail about it goes there. Personal data like a contact."""

    office_name: str
    contact_name: str
    email: str


def former_contact_key(renewal_id: UUID) -> str:
    """Names, among what was declared, the contact that was known before that registration."""
    return f"{renewal_id} former"


def contact_id(subscription_id: UUID, role: str = "renewer") -> UUID:
    """Names the contact without its address: a corrected address is the same contact."""
    return derived("contact", subscription_id, role)
