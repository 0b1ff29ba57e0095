"""The renewals of single products, for what is kept by subscription.

A product of a joint registration is on the lead's form until it has a renewal of its own. The commitment to
pay is always the lead's.
"""

from collections.abc import Iterable, Iterator, Set
from uuid import UUID

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.members import ACCEPTED
from services.renewal.domain.renewal import Renewal


def by_product(found: Iterable[Renewal], subscriptions: Set[UUID]) -> Iterator[Renewal]:
    """The renewals of these subscriptions: their own ones, and for a joined product without one the lead's,
    as if it were registered alone. `found` has all of both, and the order of `found` stays."""
    renewals = list(found)
    own = {renewal.registration.renewal_id for renewal in renewals}
    leads = {renewal.registration.renewal_id: renewal for renewal in renewals if renewal.registration.joined}
    for renewal in renewals:
        made = renewal.registration
        if made.subscription_id in subscriptions:
            lead = leads.get(made.lead.renewal_id if made.lead else made.renewal_id)
            yield _committed(renewal, lead) if lead else renewal
        for place, joined in enumerate(made.joined):
            if joined.subscription_id in subscriptions and joined.renewal_id not in own:
                yield _committed(_on_lead(renewal, place), renewal)


def _committed(product: Renewal, lead: Renewal) -> Renewal:
    """With the lead's commitment, as it stands for the product."""
    made = lead.commitment
    return product.with_changes(commitment=made and made.of_product(product.registration.renewal_id))


def _on_lead(lead: Renewal, place: int) -> Renewal:
    """The product as if it were registered alone. Once the lead is accepted, so is the product: it gets its
    contract with a renewal of its own."""
    status = RegistrationStatus.ACCEPTED if lead.status in ACCEPTED else lead.status
    contracts = {"contract_number": None, "contract_date": None}
    joined = lead.registration.joined[place]
    return lead.with_changes(registration=joined, status=status, stands_for=None, **contracts)
