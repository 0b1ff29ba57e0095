"""PDFs made ready for a signature that is on its way: kept while it may still come, and no longer."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from shared import mongo
from shared.clock import Clock
from shared.documents import Documents
from shared.faults import MissingDocument
from shared.mongo import Collection, IndexModel

INDEX = IndexModel([("until", 1)], name="until", expireAfterSeconds=0)
_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PreparedForms:
    """`clock`: real time. `lifetime` of an attempt, after which the database itself drops what is left by
    processes that died, attempts that ran out and forms that were closed. `earlier`: where releases before
    this one kept them."""

    kept: Collection
    earlier: Documents
    clock: Clock
    lifetime: timedelta

    async def put(self, pdf: bytes) -> str:
        """Returns its SHA-256. Dead before the attempt is saved: it is dropped in time."""
        sha256 = hashlib.sha256(pdf).hexdigest()
        until = self.clock.now() + self.lifetime + _MARGIN
        try:
            await self.kept.insert_one({"_id": sha256, "pdf": pdf, "until": until})
        except mongo.DuplicateKeyError:  # the same certificate at the same moment
            return sha256
        return sha256

    async def get(self, sha256: str) -> bytes | None:
        """None where it is gone."""
        found = await self.kept.find_one({"_id": sha256}, {"pdf": 1})
        if found:
            return bytes(found["pdf"])
        try:
            return await self.earlier.get(sha256)
        except MissingDocument:
            return None

    async def forget(self, sha256: str) -> None:
        """Its attempt is over. Dead before it, the database drops it in time."""
        await self.kept.delete_one({"_id": sha256})
