"""CloudEvents 1.0 in Kafka binary mode: headers around a JSON body."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.events.base import Event

E = TypeVar("E", bound=Event)
Headers = list[tuple[str, bytes]]


class BadRecord(ValueError):
    """A record that is not one of the system's events. It is never retried: it goes to the dead letters."""


class _Attributes(BaseModel):
    """The headers that every event has; other headers are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ce_specversion: str = Field(pattern=r"^1\.")
    ce_id: UUID
    ce_type: str
    ce_source: str
    ce_subject: str
    ce_time: AwareDatetime
    ce_aggregate: str
    ce_sequence: int = Field(ge=1)
    ce_causationid: UUID | None = None
    ce_correlationid: UUID
    traceparent: str | None = None
    ce_republished: Literal["true"] | None = None


_NAMES = frozenset(_Attributes.model_fields)


@dataclass(frozen=True, slots=True)
class Position:
    """An event's place in the order of its source aggregate. `republished`: the event tells the state once
    more. It also replaces a copy that was made from an event with the same sequence."""

    aggregate: str
    sequence: int
    republished: bool = False

    def follows(self, seen: int) -> bool:
        """Whether a copy that has seen the sequence `seen` takes this event."""
        return self.sequence > seen or (self.republished and self.sequence == seen)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its CloudEvents attributes. `sequence` is its place in the order of its source
    `aggregate`. `republished`: it tells the aggregate's present state once more (ADR 0024)."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    aggregate: str
    sequence: int
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    body: bytes
    republished: bool = False

    @property
    def position(self) -> Position:
        return Position(self.aggregate, self.sequence, self.republished)

    def headers(self) -> Headers:
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat(),
            "ce_dataschema": f"urn:giahan:event:{self.type.removeprefix('vn.giahan.')}",
            "ce_aggregate": self.aggregate,
            "ce_sequence": str(self.sequence),
            "ce_causationid": str(self.causation_id) if self.causation_id else None,
            "ce_correlationid": str(self.correlation_id),
            "content-type": "application/json",
            "traceparent": self.traceparent,
            "ce_republished": "true" if self.republished else None,
        }
        return [(name, value.encode()) for name, value in attributes.items() if value is not None]

    @classmethod
    def parse(cls, headers: Iterable[tuple[str, bytes | None]], body: bytes | None) -> Self:
        """Read a record. Raises BadRecord with the reason, and no other error, whatever the headers hold."""
        if body is None:
            raise BadRecord("the record has no body (tombstone)")
        try:
            ours = ((name, value) for name, value in headers if name in _NAMES)
            text = {name: value.decode() for name, value in ours if value is not None}
            at = _Attributes.model_validate(text)
        except UnicodeDecodeError as error:
            raise BadRecord("a CloudEvents header is not UTF-8") from error
        except ValidationError as error:
            raise BadRecord(_summary(error)) from error
        return cls(
            at.ce_id, at.ce_type, at.ce_source, at.ce_subject, at.ce_time, at.ce_aggregate,
            at.ce_sequence, at.ce_correlationid, at.ce_causationid, at.traceparent, body,
            at.ce_republished is not None,
        )  # fmt: skip


def header(headers: Iterable[tuple[str, bytes | None]], name: str) -> str | None:
    """One header as text, with undecodable bytes replaced; None if it is missing."""
    for key, value in headers:
        if key == name and value is not None:
            return value.decode(errors="replace")
    return None


def read_event(model: type[E], body: bytes) -> E:
    """The body as its event model. Raises BadRecord that names the wrong fields, never their values."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise BadRecord(_summary(error)) from error


def _summary(error: ValidationError) -> str:
    """Which fields are wrong and why, without their values, which may be personal data."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'body'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
