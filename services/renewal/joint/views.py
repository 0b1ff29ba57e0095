"""The JSON of the products of a joint registration."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.registration.registration import Registration
from services.renewal.rest.order_views import OrderView
from shared.events.renewal import Term
from shared.text.i18n import Text


class JointProductView(BaseModel):
    """`id` and `number` are those of the product's own registration, which gets its contract. `early`: the
    question that the person confirmed, where its renewal was early."""

    id: UUID
    number: str
    product_code: str
    product_name: str
    term: Term
    order: OrderView
    early: Text | None

    @classmethod
    def of(cls, registration: Registration) -> Self:
        return cls(
            id=registration.renewal_id,
            number=registration.number,
            product_code=registration.product_code,
            product_name=registration.product_name,
            term=registration.term,
            order=OrderView.of(registration.order),
            early=registration.early.question if registration.early else None,
        )
