"""What the notifier knows of the payment for one registration. Amounts are in đồng."""

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.notifier.domain.frozen import ProjectionModel


class PaymentProgress(ProjectionModel):
    """Fields are empty until renewal publishes their event.

    `pay_by` is the last day to pay, `reminded` the number of the last reminder for it. `access_until` is the
    last day of the access that an accepted commitment gives. `claimed_on` is when the office says to have
    paid; the vendor looks for the money until `seen_by`. `claim_refused`: it did not find it. `paid` of
    `total` was received, the last of it on `received_on`. `misrecorded` are the ids of receipts that were
    recorded in error.
    """

    commitment: Literal["accepted", "refused"] | None = None
    pay_by: date | None = None
    access_until: date | None = None
    reminded: int = 0
    claimed_on: date | None = None
    claim_refused: bool = False
    seen_by: date | None = None
    paid: int | None = None
    total: int | None = None
    received_on: date | None = None
    misrecorded: Mapping[UUID, bool] = Field(default_factory=dict)

    @property
    def open_amount(self) -> int | None:
        """What is still to be paid; None if nothing is known of it."""
        if self.paid is None or self.total is None:
            return None
        return max(self.total - self.paid, 0)

    @property
    def is_complete(self) -> bool:
        return self.open_amount == 0

    @property
    def open_claim(self) -> date | None:
        """The day on which the office says to have paid, while the vendor has not answered."""
        return None if self.claim_refused else self.claimed_on
