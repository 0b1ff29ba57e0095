"""The contracts in force that somebody proposed to void, and that wait for a second person."""

from dataclasses import dataclass

from services.renewal.domain.renewal import Renewal
from shared.storage.mongo import Document
from shared.storage.store import Store

_WAITING: Document = {"void_proposal.at": {"$type": "date"}}


@dataclass(frozen=True, slots=True)
class VoidProposals:
    """Queries on the store of renewals."""

    store: Store[Renewal]

    async def waiting(self, most: int) -> list[Renewal]:
        """The longest waiting first."""
        oldest_first = [("void_proposal.at", 1), ("_id", 1)]
        found, _ = await self.store.find_readable(_WAITING, sort=oldest_first, limit=most)
        return [stored.state for stored in found]

    async def count(self) -> int:
        return await self.store.collection.count_documents(_WAITING)
