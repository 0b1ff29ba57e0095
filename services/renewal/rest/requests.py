"""What the HTTP routes share: the reason, where a page begins, and refusals as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator, BaseModel, ConfigDict

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.refusal import RenewalError
from services.renewal.rest.views import field_errors
from services.renewal.texts import REFUSALS
from shared.text.names import Item
from shared.web.problems import Problem

Seen = Annotated[str | None, Header(alias="If-Match", pattern=r'^"\d{1,9}"$')]
"""The version that the clerk saw. Without it, any version is accepted."""


def _checked_position(text: str | None) -> str | None:
    """The text, checked to be a position. Raises ValueError."""
    if text:
        QueuePosition.read(text)
    return text


PlaceText = Annotated[str, AfterValidator(_checked_position)]
"""Where the next page of a list begins, from the last answer; empty for the first page."""


class ReasonRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Item


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except RenewalError as refused:
        raise problem(refused) from None


def problem(refused: RenewalError) -> Problem:
    status, title = REFUSALS[refused.name]
    return Problem(status, refused.name, title, field_errors(refused.errors), **refused.about)


def unknown() -> Problem:
    """The problem for a registration that doesn't exist. A person of another office gets it too, so that the
    answer doesn't reveal whether the registration exists."""
    return problem(RenewalError("registration-unknown"))
