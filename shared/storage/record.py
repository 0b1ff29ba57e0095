"""How an aggregate is kept: its document, and what a save writes into it."""

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
    """The aggregate would outgrow its document: a design fault, never retried."""


def state_of(document: Document) -> Document:
    """The document without what is kept beside the state."""
    return {key: value for key, value in document.items() if key not in _META}


def head_of(document: Document) -> audit.Head | None:
    """The document's own note of its last audit entry; None if it has no chain."""
    noted = document.get("audit")
    return audit.Head(noted["n"], noted["head"]) if noted else None


@dataclass(frozen=True, slots=True)
class Audited(Stored[S]):
    """An aggregate with a chain: its last entry, and the state as the database has it."""

    head: audit.Head = audit.START
    kept: Document = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Save(Generic[S]):
    """What one save writes: `after` as it then stands, the fields of its state that changed (of a new
    aggregate all), and what is appended to outbox and trail."""

    after: Stored[S]
    state: Document
    outbox: list[Document]
    trail: list[Document]

    def whole(self) -> Document:
        """The document of a new aggregate."""
        trail = {"trail": self.trail} if isinstance(self.after, Audited) else {}
        return {"_id": self.after.id, **self._meta(), "outbox": self.outbox, **trail, **self.state}

    def change(self) -> Document:
        """The update of one that is there. Outbox and trail are only pushed to: relay and archive pull from
        them, and setting them here would bring back what has left."""
        grown = {"outbox": self.outbox, "trail": self.trail}
        push = {name: {"$each": entries} for name, entries in grown.items() if entries}
        return {"$set": {**self._meta(), **self.state}, **({"$push": push} if push else {})}

    @property
    def grows(self) -> bool:
        """Whether it can add more than a little to the document: what has no fixed length changed."""
        told = sum(len(entry["body"]) for entry in self.outbox)
        return told > _SMALL or not all(_is_small(value) for value in self.state.values())

    @property
    def size(self) -> int:
        """Bytes of the document, about: its state, and what this save keeps beside it."""
        beside = {**self._meta(), "outbox": self.outbox, "trail": self.trail}
        return mongo.size({**mongo.plain(self.after.state), **beside})

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
    """`source` names the service in event ids, `name` the collection in the audit (None: no audit)."""

    def __init__(self, model: type[S], source: str, name: str | None) -> None:
        self._model = model
        self._source = source
        self._name = name

    def state(self, document: Document) -> S:
        return self._state(state_of(document))

    def read(self, document: Document) -> Stored[S]:
        kept = state_of(document)
        state = self._state(kept)
        stored = Stored(
            id=document["_id"],
            state=state,
            version=document["version"],
            sequence=document["sequence"],
            handled={UUID(item["id"]): item["at"] for item in document["handled"]},
            filled=frozenset(state.model_fields_set.difference(kept)),
        )
        if self._name is None:
            return stored
        # A document from before its store was audited begins its chain with the whole state.
        head = head_of(document)
        return _audited(stored, head, kept) if head else _audited(stored)

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
                raise TypeError("an audited store saves what it has read itself")
            after, trail = _with_entry(f"{self._name}/{id}", after, state, cause, now)
        made = Save(after, state, self._outbox(before, after, decision, cause, now), trail)
        if (cause.remembered or made.grows) and made.size > LARGEST:
            raise TooLarge(f"{self._model.__name__}: an aggregate would pass {LARGEST} bytes")
        return made

    def _state(self, kept: Document) -> S:
        """Fields that only a newer release knows stay, at every depth: this one saves what it read."""
        return self._model.model_validate(kept, extra="allow")

    def _new(self, id: str, state: S) -> Stored[S]:
        return Stored(id, state) if self._name is None else Audited(id, state)

    def _outbox(
        self, before: Stored[S], after: Stored[S], decision: Decision[S], cause: Cause, now: datetime
    ) -> list[Document]:
        told = envelopes(self._source, before, decision.events, cause, now)
        outbox = [_outgoing(envelope) for envelope in told]
        if snapshot := decision.snapshot:
            kept = snapshot_envelope(self._source, after, snapshot, cause, now)
            outbox.append({**_outgoing(kept), "topic": snapshot.TOPIC})
        return outbox


def _changed(stored: Stored[S] | None, state: S) -> Document:
    """A document from before its store was audited begins its chain with all of it."""
    fields = state.__dict__
    if stored is None or (isinstance(stored, Audited) and not stored.kept):
        return {name: mongo.plain(value) for name, value in fields.items()}
    before = stored.state.__dict__
    return {
        name: mongo.plain(new)
        for name, new in fields.items()
        if name in stored.filled or (new is not (old := before[name]) and new != old)
    }


def _is_small(value: Any) -> bool:
    return len(value) <= _SMALL if type(value) is str else type(value) not in (dict, list)


def _audited(stored: Stored[S], head: audit.Head = audit.START, kept: Document | None = None) -> Audited[S]:
    of_store = (stored.id, stored.state, stored.version, stored.sequence, stored.handled, stored.filled)
    return Audited(*of_store, head, kept or {})


def _with_entry(
    aggregate: str, after: Audited[S], changed: Document, cause: Cause, now: datetime
) -> tuple[Audited[S], list[Document]]:
    """`after`, still with the chain of before, and its new entry, if any."""
    entry = audit.entry(after.head, aggregate, after.kept, changed, cause, now)
    if entry is None:
        return after, []
    kept = {**after.kept, **changed}
    return _audited(after, audit.Head(entry["n"], entry["hash"]), kept), [entry]


def _outgoing(envelope: Envelope) -> Document:
    """An outbox entry: the record as it will be published, with what the relay finds and marks it by."""
    return {
        "id": str(envelope.id),
        "at": envelope.time,
        "key": envelope.subject,
        "headers": [list(header) for header in envelope.headers()],
        "body": envelope.body,
    }
