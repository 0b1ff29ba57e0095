"""What all events have in common: the body every consumer may rely on, and the values they share."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.text.characters import visible


class Stage(StrEnum):
    """Where a subscription stands against its expiry (see docs/reference/stages.md)."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"


class Capability(StrEnum):
    """What an office may do inside a product. An empty set closes the product."""

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
"""Who somebody is at the platform: visible ASCII, as OpenID Connect has it."""


class Value(BaseModel):
    """A value inside an event. Unknown fields are ignored, so that adding one breaks no reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


V = TypeVar("V", bound=Value)


def as_seen(value: V) -> V:
    """With its texts as every other part of the system reads them (`shared.text`): what was recorded before
    that was one reading, and what others write, may hold more than people see."""
    texts = {name: visible(text) for name, text in value if isinstance(text, str)}
    return value.model_copy(update=texts)


class DocumentRef(Value):
    """A document by its content; the bytes are fetched from the document store by `sha256`."""

    sha256: Sha256
    size: int
    media_type: str
    name: str


class Event(Value):
    """The body common to all events.

    `effective_on` is the civil date in the office's zone from which the change holds;
    `occurred_at` is when it happened, `recorded_at` when we wrote it down (both UTC). They differ
    after an outage, when passed-over stages are told late.
    """

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str | None] = None
    """The compacted topic (`subscription.TOPIC`) that keeps the latest; None: the producer's events."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    effective_on: date
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
