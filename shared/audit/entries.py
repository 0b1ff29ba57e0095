"""The audit: who changed what, why, from what to what; each aggregate's entries chained by their hashes.

An entry holds the fields that its change made different, as JSON values, so the entries of one aggregate,
laid one on the other, are its present state. An entry's hash covers all of it and the hash before it: a
row that was changed, taken out or put in breaks the chain from there on. shared.audit.archive says how
entries get from the aggregate's document into the collection `audit`, and what the days' roots are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, ValidationError

from shared.storage.aggregate import Cause

ZEROS = "0" * 64


class Head(NamedTuple):
    """The last entry of a chain: its number, counted from 1, and its hash."""

    n: int = 0
    hash: str = ZEROS


START = Head()


class AuditEntry(BaseModel):
    """One change. `aggregate` is `COLLECTION/ID`, `previous` the hash of entry `n` - 1 (ZEROS for the first).

    `before` and `after` hold only the fields that differ; the first entry's `before` is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    aggregate: str
    n: int
    at: AwareDatetime
    actor: str
    action: str
    reason: str
    message_id: str | None
    before: dict[str, JsonValue]
    after: dict[str, JsonValue]
    previous: str
    hash: str

    @property
    def intact(self) -> bool:
        return self.hash == digest(self.model_dump(exclude={"hash"}))


def entry(
    head: Head,
    aggregate: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    cause: Cause,
    at: datetime,
) -> dict[str, Any] | None:
    """The Entry that follows `head` when the state changes from `before` to `after`; None if it doesn't.

    A plain document, since every save makes one. `before` is the whole state as the database keeps it
    (shared.storage.mongo.plain), `after` at least its fields that change.
    """
    old, new = differing(before, after)
    if not new:
        return None
    content = {
        "aggregate": aggregate,
        "n": head.n + 1,
        "at": at,
        "actor": cause.actor,
        "action": cause.action,
        "reason": cause.reason,
        "message_id": str(cause.message_id) if cause.message_id else None,
        "before": old,
        "after": new,
        "previous": head.hash,
    }
    return {**content, "hash": digest(content)}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of `after` that differ, as JSON values before (where there were any) and after."""
    old, new = {}, {}
    for field, value in after.items():
        if field not in before:
            new[field] = jsonable(value)
        elif before[field] != value:
            was, now = jsonable(before[field]), jsonable(value)
            if was != now:
                old[field], new[field] = was, now
    return old, new


def jsonable(value: Any) -> Any:
    """A value of the database as a JSON value. Equal before and after the database has kept it, which
    cuts instants to the millisecond."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return value


def _instant(value: datetime) -> str:
    """In UTC to the millisecond; the database takes an instant without a zone as UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds")


_canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_instant
).encode


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over JSON with sorted keys and no spaces, in UTF-8."""
    return sha256(_canonical(content).encode()).hexdigest()


class FindingKind(Enum):
    """What can be wrong with the audit."""

    CHANGED = "changed"
    """An entry isn't what its hash says, or isn't an entry at all."""
    MISSING = "missing"
    """A number has no entry."""
    TWICE = "twice"
    """A number has two entries, and they differ."""
    UNLINKED = "unlinked"
    """An entry follows another than the one before it: that one was replaced."""
    HEAD = "head"
    """The document's own note of its last entry is another."""
    STATE = "state"
    """A field of the document is not what the entries say."""
    UNAUDITED = "unaudited"
    """A document has no chain."""
    GONE = "gone"
    """A chain has no document."""
    LOST = "lost"
    """A number of the archive (shared.audit.archive) is missing."""
    ROOT = "root"
    """A day's root (shared.audit.roots) isn't what the entries and the root before make it."""
    NO_ROOT = "no root"
    """A day between others has no root."""


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """`where` is `COLLECTION/ID`, with `#n` for an entry, `#n-#m` for all from one to the other, or `.field`
    for a field of the document; `audit/N` or `audit_roots/DAY`."""

    kind: FindingKind
    where: str


class AuditChain:
    """The entries of one aggregate, followed in the order of their numbers."""

    def __init__(self, aggregate: str) -> None:
        self.aggregate = aggregate
        self.head = START
        self.state: dict[str, Any] = {}
        self.faults: list[AuditFinding] = []

    def follow(self, row: Mapping[str, Any]) -> None:
        """`row` is an Entry as the database holds it. Faults found are added to `faults`."""
        n, hash = row.get("n"), row.get("hash")
        if not isinstance(n, int) or not isinstance(hash, str):
            return self._fault(FindingKind.CHANGED, f"#{n}")
        if n == self.head.n and hash != self.head.hash:
            return self._fault(FindingKind.TWICE, f"#{n}")
        found = _read(row)
        if found is None or found.aggregate != self.aggregate:
            self._fault(FindingKind.CHANGED, f"#{n}")
        if n == self.head.n:
            return None
        self._missing(n)
        if found and n == self.head.n + 1 and found.previous != self.head.hash:
            self._fault(FindingKind.UNLINKED, f"#{n}")
        self.head = Head(n, hash)
        self.state |= row["after"] if isinstance(row.get("after"), Mapping) else {}
        return None

    def end(self, head: Head | None, state: Mapping[str, Any]) -> list[AuditFinding]:
        """All faults, given the document's own note of its last entry and its state.

        Where entries are missing or changed nobody knows what the fields should be.
        """
        if head is None:
            self._fault(FindingKind.UNAUDITED)
            return self.faults
        self._missing(head.n + 1)
        if head.n < self.head.n or (head.n == self.head.n and head.hash != self.head.hash):
            self._fault(FindingKind.HEAD)
        if not self.faults:
            for field in sorted(_unlike(self.state, jsonable(state))):
                self._fault(FindingKind.STATE, f".{field}")
        return self.faults

    def _missing(self, next: int) -> None:
        """Whatever there should be between the last entry followed and number `next`."""
        first, last = self.head.n + 1, next - 1
        if first <= last:
            self._fault(FindingKind.MISSING, f"#{first}" if first == last else f"#{first}-#{last}")

    def _fault(self, kind: FindingKind, where: str = "") -> None:
        self.faults.append(AuditFinding(kind, f"{self.aggregate}{where}"))


def shaped(row: Mapping[str, Any]) -> AuditEntry | None:
    """The row as an Entry, whatever its hash says; None if it can't be one."""
    try:
        return AuditEntry.model_validate(row)
    except ValidationError:
        return None


def _read(row: Mapping[str, Any]) -> AuditEntry | None:
    """None if the row isn't what its hash says."""
    found = shaped(row)
    return found if found and found.intact else None


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {
        field
        for field in one.keys() | other.keys()
        if (field in one) != (field in other) or one.get(field) != other.get(field)
    }
