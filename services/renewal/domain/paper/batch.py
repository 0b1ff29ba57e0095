"""The aggregate `Batch`: a day's post, entered form by form. It has no effect until it is closed."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.renewal.domain.paper.postal_date import Post, check
from services.renewal.domain.refusal import RenewalError
from shared.storage.aggregate import Decision, State


class Batch(State):
    """A batch. `postmarked_on` is the default for its entries; None where the postmarks can't be read."""

    id: UUID
    received_on: date
    postmarked_on: date | None
    opened_by: str
    opened_at: datetime
    status: Literal["open", "closed"] = "open"
    closed_by: str | None = None
    closed_at: datetime | None = None


def open_batch(id: UUID, post: Post, by: str, today: date, now: datetime) -> Decision[Batch]:
    """Raises RenewalError for impossible dates."""
    check(post, today)
    return Decision(Batch(id=id, **post.model_dump(), opened_by=by, opened_at=now))


def close_batch(batch: Batch, unfinished: int, by: str, now: datetime) -> Decision[Batch]:
    """Closes the batch: from now on its entries are received or refused, finally. `unfinished` counts entries
    without a scan, files that are still being read, and pages that nobody has looked at. Raises RenewalError
    where there are any."""
    if batch.status == "closed":
        return Decision(batch)
    if unfinished:
        raise RenewalError("batch-unfinished", unfinished=str(unfinished))
    return Decision(batch.model_copy(update={"status": "closed", "closed_by": by, "closed_at": now}))


def check_open(batch: Batch) -> None:
    if batch.status == "closed":
        raise RenewalError("batch-closed")
