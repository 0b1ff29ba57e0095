"""Who may see and do what. A person of another office gets the same answer as if the licence or registration
did not exist."""

from typing import Literal

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.web.people import Person, Role, forbidden

_VENDOR = {Role.DESK, Role.OPS}


def is_vendors(who: Person) -> bool:
    return bool(who.roles & _VENDOR)


def may_see(who: Person, office_ref: str) -> bool:
    """Whether the person is of the vendor or of the office."""
    return is_vendors(who) or who.belongs_to(office_ref)


def may_register(who: Person, office_ref: str) -> bool:
    """Whether the person is the office's renewer, or of the vendor's desk, on the office's behalf."""
    own = Role.RENEWER in who.roles and who.belongs_to(office_ref)
    return own or on_behalf(who)


def on_behalf(who: Person) -> bool:
    return Role.DESK in who.roles


def side(who: Person) -> Literal["office", "desk"]:
    """The side for which the person acts, as events name it."""
    return "desk" if on_behalf(who) else "office"


def see(who: Person, office_ref: str) -> None:
    """Raises RenewalError for a person of another office, as if the licence did not exist."""
    if not may_see(who, office_ref):
        raise RenewalError("licence-unknown")


def register(who: Person, office_ref: str) -> None:
    """Raises RenewalError for a person of another office, and a 403 problem for a person who may only see."""
    see(who, office_ref)
    if not may_register(who, office_ref):
        raise forbidden()


def change(who: Person, renewal: Renewal | None) -> Renewal:
    """The renewal that the person may change. Raises as `register` does, and as if it did not exist."""
    if renewal is None or not may_see(who, renewal.registration.office_ref):
        raise RenewalError("registration-unknown")
    register(who, renewal.registration.office_ref)
    return renewal
