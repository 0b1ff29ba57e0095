"""The audit of one aggregate, read as one list."""

from shared.audit import entries as audit
from shared.audit.entries import AuditEntry
from shared.storage.mongo import Collection, Document


async def history(collection: Collection, id: str) -> list[AuditEntry]:
    """Its entries by rising number. One that isn't an entry any more is left out: `deploy.audit` finds it.

    The document first: an entry moves from there to the archive, so that it is in one of them, or in both.
    """
    document: Document = await collection.find_one({"_id": id}, {"trail": 1}) or {}
    archived = collection.database["audit"].find({"aggregate": f"{collection.name}/{id}"}, {"_id": 0})
    rows = [*await archived.to_list(None), *document.get("trail", [])]
    entries = {entry.n: entry for row in rows if (entry := audit.shaped(row))}
    return [entries[n] for n in sorted(entries)]
