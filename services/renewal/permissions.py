"""Who may see and do what. A person of another office gets the same answer as if the licence or registration
did not exist."""

from typing import Literal

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.web.people import Person, forbidden


def side(who: Person) -> Literal["office", "desk"]:
    """The side for which the person acts, as events name it."""
    return "desk" if who.is_desk else "office"


def require_may_see(who: Person, office_ref: str) -> None:
    """Raises RenewalError for a person of another office, as if the licence did not exist."""
    if not who.may_see(office_ref):
        raise RenewalError("licence-unknown")


def require_may_register(who: Person, office_ref: str) -> None:
    """Raises RenewalError for a person of another office, and a 403 problem for a person who may only see."""
    require_may_see(who, office_ref)
    if not who.may_register(office_ref):
        raise forbidden()


def require_may_change(who: Person, renewal: Renewal | None) -> Renewal:
    """The renewal that the person may change. Raises as `require_may_register` does, and as if it did not
    exist."""
    if renewal is None or not who.may_see(renewal.registration.office_ref):
        raise RenewalError("registration-unknown")
    require_may_register(who, renewal.registration.office_ref)
    return renewal
