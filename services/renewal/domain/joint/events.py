"""The events of a joint registration: what the lead tells is told of each joined product too.

Other services keep what they know by subscription. So one decision of the lead gives the same event once for
each product, with that product's own ids, term and order, in the same save.
"""

from collections.abc import Iterator
from typing import Any

from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from shared.events.base import Event, RegistrationEvent
from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentBroken,
    CommitmentExtended,
    CommitmentRefused,
)
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperCopyUploaded,
    PaperFormAccepted,
    PaperFormReceived,
    PaperFormReturned,
)
from shared.events.renewal import (
    FormReissued,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
    TermConfirmed,
)
from shared.storage.aggregate import Decision

_OF_THE_FORM = (
    RenewalRegistered,
    FormReissued,
    TermConfirmed,
    SendingChanged,
    PaperCopyUploaded,
    PaperCopyRefused,
    PaperFormReceived,
    PaperFormReturned,
    PaperFormAccepted,
    RenewalRefused,
    RenewalCancelled,
)
"""While the lead stands for the joined products."""
_OF_THE_PAYMENT = (CommitmentAccepted, CommitmentRefused, CommitmentExtended, CommitmentBroken)
"""Always: all products are paid together."""


def for_each_product(decision: Decision[Renewal]) -> Decision[Renewal]:
    """The decision with its events told of the joined products too."""
    if not decision.events or not decision.state.registration.joined:
        return decision
    told = [event for each in decision.events for event in (each, *_copies(each, decision.state))]
    return Decision(decision.state, tuple(told), decision.snapshot)


def of_product(event: RegistrationEvent, product: Registration, /, **changes: Any) -> RegistrationEvent:
    """The lead's event, told of a joined product."""
    assert product.lead is not None
    ids = {
        "subscription_id": product.subscription_id,
        "product_code": product.product_code,
        "renewal_id": product.renewal_id,
        "registration_no": product.number,
        "lead_id": product.lead.renewal_id,
    }
    return event.model_copy(update={**ids, **changes})


def _copies(event: Event, lead: Renewal) -> Iterator[RegistrationEvent]:
    carried = isinstance(event, _OF_THE_FORM) and lead.carries_joined
    if isinstance(event, RegistrationEvent) and (carried or isinstance(event, _OF_THE_PAYMENT)):
        for place, joined in enumerate(lead.registration.joined):
            yield of_product(event, joined, **_own(event, lead, place))


def _own(event: Event, lead: Renewal, place: int) -> dict[str, Any]:
    """What differs from the lead's event."""
    joined = lead.registration.joined[place]
    match event:
        case RenewalRegistered():
            return {"term": joined.term, **joined.order.event_fields, "joined": ()}
        case FormReissued():
            old = lead.earlier[-1].joined[place].term
            own = {"term": joined.term, "old_term": old, "form_no": lead.registration.number}
            return {**own, "unconfirmed": lead.unconfirmed}
        case TermConfirmed():
            return {"term": joined.term}
        case RenewalCancelled():
            instead = lead.replacement
            return instead.event_fields(joined.subscription_id) if instead else {}
    return {}
