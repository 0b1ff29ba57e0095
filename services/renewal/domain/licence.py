"""Our own copy of a subscription, as its events tell it."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Stage


class LicenceCopy(BaseModel):
    """What renewal needs to know of a licence. Name and codes are the office's as the vendor knows it, to
    compare with what is declared.

    Fields beside these are the store's and ignored.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    subscription_id: UUID
    office_ref: str
    product_code: str
    name: str
    tax_code: str | None
    budget_code: str | None
    province_code: str
    zone: str
    expires_on: date
    stage: Stage
