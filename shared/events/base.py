"""What all events have in common: the fields of every body, and the values that several events use."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.text.characters import visible


class Stage(StrEnum):
    """The lifecycle stage of a subscription (see docs/reference/stages.md)."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"


class Capability(StrEnum):
    """What an office may do inside a product. Without any capability the product is closed."""

    READ = "read"
    WRITE = "write"
    PRINT = "print"
    EXPORT = "export"


class SendBy(StrEnum):
    """How a registration's form reaches the vendor."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OfficeRef = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Subject = Annotated[str, Field(pattern=r"^[!-~]{1,255}$")]
"""A person's id at the platform: visible ASCII, as in OpenID Connect (`sub`)."""


class Value(BaseModel):
    """A value inside an event. Unknown fields are ignored, so that adding one breaks no reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


V = TypeVar("V", bound=Value)


def as_seen(value: V) -> V:
    """The value with its texts normalised by `shared.text`. Older releases and other writers may have put
    invisible characters into them."""
    texts = {name: visible(text) for name, text in vars(value).items() if isinstance(text, str)}
    changes = {name: text for name, text in texts.items() if text != getattr(value, name)}
    return value.model_copy(update=changes) if changes else value


class DocumentRef(Value):
    """A document by its content; the bytes are fetched from the document store by `sha256`."""

    sha256: Sha256
    size: int
    media_type: str
    name: str


class Event(Value):
    """The body common to all events.

    `effective_on` is the civil date in the office's zone from which the change holds. `occurred_at` is when
    it happened, `recorded_at` when the service recorded it (both UTC). They differ after an outage, when
    stages that were passed meanwhile are published late.
    """

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str | None] = None
    """The compacted topic (`subscription.TOPIC`) that keeps the latest; None: the producer's event topic."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    effective_on: date
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime


class RegistrationEvent(Event):
    """An event about a registration, which may share its form with others (a joint registration).

    An event after which somebody else must act has `wait_until`: a reminder comes on that day, or the vendor
    has answered by then. Null: no day is set, or an older release told it.

    `lead_id` is the registration that carries the form, where it is another one. The body leaves it out
    otherwise.
    """

    lead_id: UUID | None = Field(default=None, exclude_if=lambda value: value is None)
