"""Reads the orders that a transfer may be for, with what is open of each."""

from uuid import UUID

from services.renewal.domain.flow import VALID
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.transfer import order_code
from services.renewal.domain.registration.order import Order
from services.renewal.receivables import Receivables
from services.renewal.store import Renewals
from shared.storage.mongo import Document

_FIELDS = (
    "status",
    "registration.number",
    "registration.order",
    "registration.office.name",
    "registration.office.tax_code",
)


async def read_orders(renewals: Renewals, receivables: Receivables) -> OrderIndex:
    """Also those that are paid or closed: a memo that names one of them must not match another."""
    paid = await receivables.paid_by_renewal()
    orders = [_order(document, paid) async for document in renewals.followed(_FIELDS)]
    return OrderIndex.of(orders)


def _order(document: Document, paid_by_renewal: dict[UUID, int]) -> PayableOrder:
    id, registration = UUID(document["_id"]), document["registration"]
    total = Order.model_validate(registration["order"], extra="ignore").total
    paid = paid_by_renewal.get(id, 0)
    return PayableOrder(
        renewal_id=id,
        code=order_code(registration["number"]),
        open_amount=max(total - paid, 0) if document["status"] in VALID else 0,
        paid=paid,
        tax_code=registration["office"]["tax_code"] or "",
        office_name=registration["office"]["name"],
    )
