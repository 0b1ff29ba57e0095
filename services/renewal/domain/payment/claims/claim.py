"""What an office says of its payment, and the copy of its payment order that it uploads."""

from datetime import date, datetime
from typing import Literal

from services.renewal.domain.frozen import Frozen
from shared.events.base import DocumentRef

Side = Literal["office", "desk"]


class PaymentClaim(Frozen):
    """The office says that it paid on a day, itself or through the desk (`side`). `memo` is what it wrote on
    its payment order, or empty. `refused`: why the desk didn't find the money. `chased_at`: when the office
    was told that its money isn't seen."""

    paid_on: date
    memo: str
    side: Side
    claimed_at: datetime
    refused: str | None = None
    chased_at: datetime | None = None


class PaymentSlip(Frozen):
    """A copy of the office's payment order, to look at. It is no proof that money came."""

    document: DocumentRef
    side: Side
    uploaded_at: datetime
