"""An aggregate's document: how it is read, and what a save writes to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.audit import entries as audit
from shared.messaging.envelope import Envelope
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision, State, Stored, envelopes, snapshot_envelope
from shared.storage.mongo import Document

S = TypeVar("S", bound=State)

LARGEST = 256 * 1024
_SMALL = 4096
_META = ("_id", "version", "sequence", "handled", "outbox", "audit", "trail")


class TooLarge(Exception):
    """The aggregate would become too large for its document: an error of design, never retried."""


def state_of(document: Document) -> Document:
    """The fields of the state alone."""
    return {key: value for key, value in document.items() if key not in _META}


def head_of(document: Document) -> audit.Head | None:
    """The last audit entry according to the document itself; None if it has no chain."""
    head = document.get("audit")
    return audit.Head(head["n"], head["head"]) if head else None


@dataclass(frozen=True, slots=True)
class Audited(Stored[S]):
    """An aggregate with an audit chain: its last entry, and the state as it is in the database."""

    head: audit.Head = audit.START
    in_database: Document = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Save(Generic[S]):
    """What one save writes: `after` is the aggregate after it; `state` holds the changed fields (all fields
    of a new aggregate); `outbox` and `trail` are appended."""

    after: Stored[S]
    state: Document
    outbox: list[Document]
    trail: list[Document]

    def new_document(self) -> Document:
        """The document of a new aggregate."""
        trail = {"trail": self.trail} if isinstance(self.after, Audited) else {}
        return {"_id": self.after.id, **self._meta(), "outbox": self.outbox, **trail, **self.state}

    def update(self) -> Document:
        """The update of an existing document. It only pushes to outbox and trail: relay and archive remove
        entries meanwhile, and setting the lists here would bring those back."""
        push = {name: {"$each": entries} for name, entries in self.appended.items() if entries}
        return {"$set": self.fields, **({"$push": push} if push else {})}

    @property
    def fields(self) -> Document:
        """The fields of an existing document that get new values."""
        return {**self._meta(), **self.state}

    @property
    def appended(self) -> dict[str, list[Document]]:
        return {"outbox": self.outbox, "trail": self.trail}

    @property
    def grows(self) -> bool:
        """Whether the document may grow by more than a little: a field without a fixed length changed, or the
        events are long."""
        events = sum(len(entry["body"]) for entry in self.outbox)
        return events > _SMALL or not all(_is_small(value) for value in self.state.values())

    @property
    def size(self) -> int:
        """About the size of the document in bytes: its state, and what this save adds to it."""
        after = self.after
        if isinstance(after, Audited):
            state = after.in_database
        else:
            state = self.state if after.version == 1 else mongo.plain(after.state)
        return mongo.size({**state, **self._meta(), "outbox": self.outbox, "trail": self.trail})

    def _meta(self) -> Document:
        after = self.after
        meta = {
            "version": after.version,
            "sequence": after.sequence,
            "handled": [{"id": str(id), "at": at} for id, at in after.handled.items()],
        }
        if isinstance(after, Audited):
            meta["audit"] = {"head": after.head.hash, "n": after.head.n}
        return meta


class Records(Generic[S]):
    """Reads and saves documents. `source` is the service's name in event ids, `name` the collection's name in
    the audit (None: no audit)."""

    def __init__(self, model: type[S], source: str, name: str | None) -> None:
        self._model = model
        self._source = source
        self._name = name

    def state(self, document: Document) -> S:
        return self._state(state_of(document))

    def read(self, document: Document) -> Stored[S]:
        in_database = state_of(document)
        state = self._state(in_database)
        stored = Stored(
            id=document["_id"],
            state=state,
            version=document["version"],
            sequence=document["sequence"],
            handled={UUID(item["id"]): item["at"] for item in document["handled"]},
            filled=frozenset(state.model_fields_set.difference(in_database)),
        )
        if self._name is None:
            return stored
        # If the document is older than the audit of its store, its chain begins with the whole state.
        head = head_of(document)
        return _audited(stored, head, in_database) if head else _audited(stored)

    def save(
        self, stored: Stored[S] | None, id: str, decision: Decision[S], cause: Cause, now: datetime
    ) -> Save[S]:
        """Raises TooLarge."""
        before = stored or self._new(id, decision.state)
        after = before.next(decision, cause, now)
        state = _changed(stored, decision.state)
        trail: list[Document] = []
        if self._name is not None:
            if not isinstance(after, Audited):
                raise TypeError("an audited store saves only aggregates that it has read itself")
            after, trail = _with_entry(f"{self._name}/{id}", after, state, cause, now)
        save = Save(after, state, self._outbox(before, after, decision, cause, now), trail)
        if (cause.remembered or save.grows) and save.size > LARGEST:
            raise TooLarge(f"{self._model.__name__}: an aggregate would pass {LARGEST} bytes")
        return save

    def _state(self, fields: Document) -> S:
        """Fields that only a newer release knows are preserved at every depth: the next save writes them
        back."""
        return self._model.model_validate(fields, extra="allow")

    def _new(self, id: str, state: S) -> Stored[S]:
        return Stored(id, state) if self._name is None else Audited(id, state)

    def _outbox(
        self, before: Stored[S], after: Stored[S], decision: Decision[S], cause: Cause, now: datetime
    ) -> list[Document]:
        events = envelopes(self._source, before, decision.events, cause, now)
        outbox = [_outbox_entry(envelope) for envelope in events]
        if snapshot := decision.snapshot:
            envelope = snapshot_envelope(self._source, after, snapshot, cause, now)
            outbox.append({**_outbox_entry(envelope), "topic": snapshot.TOPIC})
        return outbox


def _changed(stored: Stored[S] | None, state: S) -> Document:
    """The fields of the state that changed. All of them if the document is older than the audit of its store:
    its chain begins with the whole state."""
    fields = state.__dict__
    if stored is None or (isinstance(stored, Audited) and not stored.in_database):
        return {name: mongo.plain(value) for name, value in fields.items()}
    before = stored.state.__dict__
    return {
        name: mongo.plain(new)
        for name, new in fields.items()
        if name in stored.filled or (new is not (old := before[name]) and new != old)
    }


def _is_small(value: Any) -> bool:
    return len(value) <= _SMALL if type(value) is str else type(value) not in (dict, list)


def _audited(
    stored: Stored[S], head: audit.Head = audit.START, in_database: Document | None = None
) -> Audited[S]:
    fields = (stored.id, stored.state, stored.version, stored.sequence, stored.handled, stored.filled)
    return Audited(*fields, head, in_database or {})


def _with_entry(
    aggregate: str, after: Audited[S], changed: Document, cause: Cause, now: datetime
) -> tuple[Audited[S], list[Document]]:
    """`after`, whose chain is still the old one, with its new audit entry; and that entry, if there is
    one."""
    entry = audit.entry(after.head, aggregate, after.in_database, changed, cause, now)
    if entry is None:
        return after, []
    in_database = {**after.in_database, **changed}
    return _audited(after, audit.Head(entry["n"], entry["hash"]), in_database), [entry]


def _outbox_entry(envelope: Envelope) -> Document:
    """The record as it will be published, with the `id` and `at` by which the relay finds and removes it."""
    return {
        "id": str(envelope.id),
        "at": envelope.time,
        "key": envelope.subject,
        "headers": [list(header) for header in envelope.headers()],
        "body": envelope.body,
    }
