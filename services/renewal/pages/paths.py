"""The parameters in addresses. They are checked before anything is queried with them."""

from typing import Annotated

from fastapi import Path

from services.renewal.domain.desk.queue_position import QueuePosition
from shared.web.pages.guard import not_found

OfficeRef = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProductCode = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def queue_position(text: str) -> QueuePosition | None:
    """Parses the position from the query string. Raises a 404 problem if it can't be read."""
    try:
        return QueuePosition.read(text) if text else None
    except ValueError:
        raise not_found() from None
