"""The contacts to whom an office's notices go."""

import re
from datetime import date
from uuid import UUID

from services.notifier.domain.frozen import ProjectionModel
from shared.ids import derived

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


class Contact(ProjectionModel):
    """A copy of a licence's contact. It is personal data: only the mail to this contact contains it."""

    office_name: str
    contact_name: str
    email: str
    product_code: str
    zone: str
    expires_on: date

    @property
    def address(self) -> str | None:
        """The address if every SMTP server accepts its form, else None."""
        trimmed = self.email.strip()
        return trimmed if _ADDRESS.fullmatch(trimmed) else None


class DeclaredContact(ProjectionModel):
    """The contact that a registration declares. All mail about the registration goes to it. It is personal
    data, like `Contact`."""

    office_name: str
    contact_name: str
    email: str


def former_contact_key(renewal_id: UUID) -> str:
    """The key, among the declared contacts, of the contact known before that registration."""
    return f"{renewal_id} former"


def contact_id(subscription_id: UUID, role: str = "renewer") -> UUID:
    """The contact's id. It leaves out the address: a corrected address is the same contact."""
    return derived("contact", subscription_id, role)
