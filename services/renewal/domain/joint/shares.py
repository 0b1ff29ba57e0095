"""What of the money that came counts for each product of a joint registration. Amounts are in đồng."""

from collections.abc import Mapping
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.joint.events import of_product
from services.renewal.domain.registration.registration import Registration
from shared.events.payment import PaymentRecorded, PaymentReversed

ReceiptEvent = PaymentRecorded | PaymentReversed


class ProductShare(Frozen):
    """The part of the money that a clerk allocated to one product's registration."""

    renewal_id: UUID
    amount: int


def shares_of(
    registration: Registration, paid: int, allocated: tuple[ProductShare, ...]
) -> Mapping[UUID, int]:
    """What of `paid` counts for each registration on the form. All of it counts once it pays for all; before,
    only what is allocated does. An allocation of more than came (money went back) counts for nothing."""
    if not registration.joined:
        return {registration.renewal_id: paid}
    costs = {each.renewal_id: each.order.total for each in registration.on_form}
    over = paid - sum(costs.values())
    if over >= 0:
        return costs | {registration.renewal_id: registration.order.total + over}
    known = {each.renewal_id: each.amount for each in allocated}
    if sum(known.values()) > paid:
        known = {}
    return {id: known.get(id, 0) for id in costs}


def paid_products(
    registration: Registration, paid: int, allocated: tuple[ProductShare, ...]
) -> tuple[UUID, ...]:
    """The registrations of a joint one whose own price their share pays. None of a single one."""
    if not registration.joined:
        return ()
    shares = shares_of(registration, paid, allocated)
    priced = [each for each in registration.on_form if each.order.total]
    return tuple(each.renewal_id for each in priced if shares[each.renewal_id] >= each.order.total)


def tell_each(
    event: ReceiptEvent, registration: Registration, paid: int, allocated: tuple[ProductShare, ...]
) -> tuple[ReceiptEvent, ...]:
    """The event about the whole sum, told of each product with its own share and price."""
    if not registration.joined:
        return (event,)
    shares = shares_of(registration, paid, allocated)
    whole = {"form_paid_vnd": event.paid_vnd, "form_total_vnd": event.total_vnd}
    own = {"paid_vnd": shares[registration.renewal_id], "total_vnd": registration.order.total}
    told = [event.model_copy(update={**whole, **own})]
    for joined in registration.joined:
        share = {"paid_vnd": shares[joined.renewal_id], "total_vnd": joined.order.total}
        copy = of_product(event, joined, **whole, **share)
        assert isinstance(copy, ReceiptEvent)
        told.append(copy)
    return tuple(told)
