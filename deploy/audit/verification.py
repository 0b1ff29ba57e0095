"""Verifies the audit trail (shared.audit) against the current state of the database.

It is safe while the service runs. A document and its entries are read in one snapshot, because entries move
from the document to the archive; roots cover only entries that no longer change.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from shared.audit import entries as audit
from shared.audit.archive import TRAIL
from shared.audit.entries import AuditChain, AuditFinding, FindingKind
from shared.audit.roots import Root, root_of
from shared.storage.mongo import Collection, Database, Document
from shared.storage.record import head_of, state_of

_CHUNK = 500
_DAY = timedelta(days=1)


@dataclass(slots=True)
class VerificationReport:
    """What the verification counted, and the findings. `last` is the newest root."""

    documents: int = 0
    entries: int = 0
    roots: int = 0
    last: Root | None = None
    faults: list[AuditFinding] = field(default_factory=list)


async def verify(database: Database) -> VerificationReport:
    found = VerificationReport()
    for collection in await _audited(database):
        async for ids in _chunks(collection):
            await _chains(collection, ids, found)
    async for aggregates in _aggregates(database["audit"]):
        await _without_document(database, aggregates, found)
    await _roots(database, found)
    await _numbers(database["audit"], found)
    return found


async def _audited(database: Database) -> list[Collection]:
    """The collections that have the index of pending entries, and those that archived entries name."""
    every = {name: database[name] for name in await database.list_collection_names()}
    named = {
        aggregate.partition("/")[0]
        async for aggregates in _aggregates(database["audit"])
        for aggregate in aggregates
    }
    return [
        collection
        for name, collection in sorted(every.items())
        if name in named or TRAIL.document["name"] in await collection.index_information()
    ]


async def _chunks(collection: Collection) -> AsyncIterator[list[Any]]:
    """All ids of the collection, in chunks."""
    cursor = collection.find({}, {"_id": 1}).sort("_id", 1)
    while rows := await cursor.to_list(_CHUNK):
        yield [row["_id"] for row in rows]


async def _aggregates(kept: Collection) -> AsyncIterator[list[str]]:
    """The aggregates that entries name, in chunks, read from the index alone."""
    grouped = kept.aggregate([{"$sort": {"aggregate": 1}}, {"$group": {"_id": "$aggregate"}}])
    while rows := await grouped.to_list(_CHUNK):
        yield [str(row["_id"]) for row in rows]


async def _chains(collection: Collection, ids: list[Any], found: VerificationReport) -> None:
    names = {f"{collection.name}/{id}": id for id in ids}
    kept = collection.database["audit"]
    async with await collection.database.client.start_session(snapshot=True) as moment:
        query = kept.find({"aggregate": {"$in": list(names)}}, {"_id": 0}, session=moment)
        rows: dict[str, list[Document]] = {name: [] for name in names}
        async for row in query:
            rows[row["aggregate"]].append(row)
        documents = collection.find({"_id": {"$in": ids}}, {"outbox": 0}, session=moment)
        async for document in documents:
            _chain(f"{collection.name}/{document['_id']}", rows, document, found)


def _chain(
    aggregate: str, rows: dict[str, list[Document]], document: Document, found: VerificationReport
) -> None:
    """Check one document's chain. An entry may be in both places (see shared.audit.archive)."""
    entries = sorted([*rows[aggregate], *document.get("trail", [])], key=_number)
    chain = AuditChain(aggregate)
    for row in entries:
        chain.follow(row)
    found.documents += 1
    found.entries += len({_number(row) for row in entries})
    found.faults += chain.end(head_of(document), state_of(document))


def _number(row: Document) -> int:
    return row["n"] if isinstance(row.get("n"), int) else 0


async def _without_document(database: Database, aggregates: list[str], found: VerificationReport) -> None:
    there: set[str] = set()
    for name in set(await database.list_collection_names()) & {one.partition("/")[0] for one in aggregates}:
        ids = [one.partition("/")[2] for one in aggregates if one.startswith(f"{name}/")]
        rows = database[name].find({"_id": {"$in": ids}}, {"_id": 1})
        there |= {f"{name}/{row['_id']}" async for row in rows}
    found.faults += [
        AuditFinding(FindingKind.GONE, aggregate) for aggregate in aggregates if aggregate not in there
    ]


async def _roots(database: Database, found: VerificationReport) -> None:
    """Check every day's root. `before` is the previous day's root, or None if that root is wrong itself."""
    before: Root | None = None
    async for row in database["audit_roots"].find({}).sort("_id", 1):
        found.roots += 1
        root = await _root(database["audit"], row)
        linked = root is not None and (
            root.previous == audit.ZEROS if found.roots == 1 else before is None or _follows(before, root)
        )
        if not linked:
            found.faults.append(AuditFinding(FindingKind.ROOT, f"audit_roots/{row['_id']}"))
        if root and found.last:
            found.faults += _missing_days(found.last.day + _DAY, root.day)
        before, found.last = root if linked else None, root or found.last


def _follows(before: Root, root: Root) -> bool:
    return root.previous == before.root and root.last - root.count == before.last


async def _root(kept: Collection, row: Document) -> Root | None:
    """The stored root; None if the entries do not produce it."""
    try:
        root = Root.model_validate(row)
    except ValidationError:
        return None
    hashed = await root_of(kept, root.previous, root.last - root.count + 1, root.last)
    return root if hashed == root.root else None


def _missing_days(first: date, end: date) -> list[AuditFinding]:
    if first >= end:
        return []
    last = end - _DAY
    return [AuditFinding(FindingKind.NO_ROOT, f"audit_roots/{first}" + (f"..{last}" if last > first else ""))]


async def _numbers(kept: Collection, found: VerificationReport) -> None:
    """Check the archive's numbers, which have no gaps. A missing number means that an entry was removed,
    perhaps with its whole chain."""
    expected = 1
    async for numbers in _chunks(kept):
        for number in numbers:
            if not isinstance(number, int):
                found.faults.append(AuditFinding(FindingKind.CHANGED, f"audit/{number}"))
                continue
            if number != expected:
                found.faults.append(AuditFinding(FindingKind.LOST, f"audit/{expected}"))
            expected = number + 1
