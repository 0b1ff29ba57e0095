"""The audit: who changed what, why, with the old and new values. Each aggregate's entries form a hash chain.

An entry holds the fields that a change made different, as JSON values, so the entries of one aggregate,
applied in order, give its present state. An entry's hash covers the whole entry and the hash before it: a row
that was changed, removed or inserted breaks the chain. shared.audit.archive describes how entries get from
the aggregate's document to the collection `audit`; shared.audit.roots describes the daily roots.
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
    """The AuditEntry that follows `head` when the state changes from `before` to `after`; None if nothing
    changes.

    A plain document, for speed: every save makes one. `before` is the whole state as the database stores it
    (shared.storage.mongo.plain), `after` has at least the fields that change.
    """
    old, new = diff(before, after)
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


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of `after` that differ: their old JSON values (only of fields in `before`) and new ones."""
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
    """A value of the database as a JSON value. It is the same before and after the value was stored, although
    the database cuts instants to the millisecond."""
    if type(value) is str or value is None:
        return value
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime):
        return _instant(value)
    return value.hex() if isinstance(value, bytes) else value


def _instant(value: datetime) -> str:
    """In UTC, to the millisecond. An instant without a zone is UTC, as in the database."""
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
    """An entry does not match its hash, or is no valid entry."""
    MISSING = "missing"
    """A number of a chain has no entry."""
    TWICE = "twice"
    """A number of a chain has two different entries."""
    UNLINKED = "unlinked"
    """An entry's `previous` is not the hash of the entry before it: that one was replaced."""
    HEAD = "head"
    """The document names another entry as its last one."""
    STATE = "state"
    """A field of the document differs from what the entries say."""
    UNAUDITED = "unaudited"
    """A document has no chain."""
    GONE = "gone"
    """A chain has no document."""
    LOST = "lost"
    """A number of the archive (shared.audit.archive) is missing."""
    ROOT = "root"
    """A day's root (shared.audit.roots) does not match the entries and the root before."""
    NO_ROOT = "no root"
    """A day between others has no root."""


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """`where` is `COLLECTION/ID`, followed by `#n` for an entry, `#n-#m` for a range of entries, or `.field`
    for a field of the document; or it is `audit/N` or `audit_roots/DAY`."""

    kind: FindingKind
    where: str


class AuditChain:
    """Checks the entries of one aggregate, in the order of their numbers."""

    def __init__(self, aggregate: str) -> None:
        self.aggregate = aggregate
        self.head = START
        self.state: dict[str, Any] = {}
        self.findings: list[AuditFinding] = []

    def follow(self, row: Mapping[str, Any]) -> None:
        """Check the next entry, `row` as it is in the database, and add what is wrong to `findings`."""
        n, hash = row.get("n"), row.get("hash")
        if not isinstance(n, int) or not isinstance(hash, str):
            return self._add(FindingKind.CHANGED, f"#{n}")
        if n == self.head.n and hash != self.head.hash:
            return self._add(FindingKind.TWICE, f"#{n}")
        entry = _parse_intact(row)
        if entry is None or entry.aggregate != self.aggregate:
            self._add(FindingKind.CHANGED, f"#{n}")
        if n == self.head.n:
            return None
        self._add_missing(n)
        if entry and n == self.head.n + 1 and entry.previous != self.head.hash:
            self._add(FindingKind.UNLINKED, f"#{n}")
        self.head = Head(n, hash)
        self.state |= row["after"] if isinstance(row.get("after"), Mapping) else {}
        return None

    def end(self, head: Head | None, state: Mapping[str, Any]) -> list[AuditFinding]:
        """Check the document at the end of the chain: its last entry according to itself, and its state.
        Returns all findings.

        The state is checked only if no entry is missing or wrong: otherwise nobody knows what it should be.
        """
        if head is None:
            self._add(FindingKind.UNAUDITED)
            return self.findings
        self._add_missing(head.n + 1)
        if head.n < self.head.n or (head.n == self.head.n and head.hash != self.head.hash):
            self._add(FindingKind.HEAD)
        if not self.findings:
            for field in sorted(_different_fields(self.state, jsonable(state))):
                self._add(FindingKind.STATE, f".{field}")
        return self.findings

    def _add_missing(self, next: int) -> None:
        """Add a finding if there are numbers between the last entry and `next`."""
        first, last = self.head.n + 1, next - 1
        if first <= last:
            self._add(FindingKind.MISSING, f"#{first}" if first == last else f"#{first}-#{last}")

    def _add(self, kind: FindingKind, where: str = "") -> None:
        self.findings.append(AuditFinding(kind, f"{self.aggregate}{where}"))


def parse(row: Mapping[str, Any]) -> AuditEntry | None:
    """The row as an AuditEntry, without a check of its hash; None if it is no valid entry."""
    try:
        return AuditEntry.model_validate(row)
    except ValidationError:
        return None


def _parse_intact(row: Mapping[str, Any]) -> AuditEntry | None:
    """None if the row does not match its hash."""
    entry = parse(row)
    return entry if entry and entry.intact else None


def _different_fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {
        field
        for field in one.keys() | other.keys()
        if (field in one) != (field in other) or one.get(field) != other.get(field)
    }
