"""Whom an office's notices go to."""

from datetime import date
from uuid import UUID

from services.notifier.domain.frozen import Copied
from shared.ids import derived


class Contact(Copied):
    """Our copy of a licence's contact. Personal data: it leaves only in the mail to the contact itself."""

    office_name: str
    contact_name: str
    email: str
    product_code: str
    zone: str
    expires_on: date


def contact_id(subscription_id: UUID, role: str = "renewer") -> UUID:
    """Names the contact without its address: a corrected address is the same contact."""
    return derived("contact", subscription_id, role)
