"""The audit of one aggregate, read as one list."""

from shared.audit import entries as audit
from shared.audit.entries import AuditEntry
from shared.storage.mongo import Collection, Document


async def history(collection: Collection, id: str) -> list[AuditEntry]:
    """The aggregate's entries by rising number. An invalid entry is left out; `deploy.audit` reports it.

    It reads the document first: entries move from there to the archive, so each is found at least once.
    """
    document: Document = await collection.find_one({"_id": id}, {"trail": 1}) or {}
    archived = collection.database["audit"].find({"aggregate": f"{collection.name}/{id}"}, {"_id": 0})
    rows = [*await archived.to_list(None), *document.get("trail", [])]
    entries = {entry.n: entry for row in rows if (entry := audit.parse(row))}
    return [entries[n] for n in sorted(entries)]
