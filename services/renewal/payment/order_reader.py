"""Reads the orders that a transfer may be for, with what is open of each."""

import asyncio
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.renewal.domain.flow import VALID
from services.renewal.domain.payment.order_index import OrderIndex, PayableOrder
from services.renewal.domain.payment.transfer import order_code
from services.renewal.domain.registration.order import Order
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.storage.mongo import Document

log = structlog.get_logger()

_AT_ONCE = 200
_FIELDS = (
    "status",
    "registration.number",
    "registration.order",
    "registration.joined.order",
    "registration.office.name",
    "registration.office.tax_code",
)


async def read_orders(renewals: Renewals, receivables: Receivables) -> OrderIndex:
    """Also those that are paid or closed: a memo that names one of them must not match another. Other tasks
    run meanwhile: there may be a hundred thousand."""
    paid, orders = await receivables.paid_by_renewal(), []
    async for document in renewals.followed(_FIELDS):
        orders.append(_order(document, paid))
        if len(orders) % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return await asyncio.to_thread(OrderIndex.of, orders)


def _order(document: Document, paid_by_renewal: dict[UUID, int]) -> PayableOrder:
    """Of a registration whose order can't be read, nothing is open."""
    id, registration = UUID(document["_id"]), document["registration"]
    paid, open_amount = paid_by_renewal.get(id, 0), 0
    try:
        orders = [registration["order"], *(each["order"] for each in registration.get("joined", ()))]
        total = sum(Order.model_validate(order, extra="ignore").total for order in orders)
        open_amount = max(total - paid, 0) if document["status"] in VALID else 0
    except ValidationError:
        log.exception("payment.order_unreadable", renewal_id=str(id))
    return PayableOrder(
        renewal_id=id,
        code=order_code(registration["number"]),
        open_amount=open_amount,
        paid=paid,
        tax_code=registration["office"]["tax_code"] or "",
        office_name=registration["office"]["name"],
    )
