"""Addresses by which a signing program on the office's computer fetches a document and returns it signed.

Such a program doesn't send the visitor's session: the address itself, which nobody can guess, is its right,
as long as that session lasts and the visitor may sign.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.base import Sha256
from shared.storage.mongo import Collection, Document, IndexModel, plain
from shared.time.clock import Clock
from shared.web.pages.ended_sessions import VerifiedSession

_MOST_UPLOADS = 10  # the first is accepted; the others are files that were refused
INDEX = IndexModel([("until", 1)], name="until", expireAfterSeconds=60)
Kind = Literal["form", "contract"]


class Transfer(BaseModel):
    """The right to fetch and to sign one document, until it expires. `document` is its SHA-256: another
    revision is neither given out nor accepted. `session` is the visitor's. Both are None in addresses of an
    older release."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    renewal_id: UUID
    kind: Kind
    until: AwareDatetime
    document: Sha256 | None = None
    session: VerifiedSession | None = None


@dataclass(frozen=True, slots=True)
class Transfers:
    """`clock` is real time. The database has only the hashes of the addresses' secret parts, and deletes
    each a minute after it expired."""

    collection: Collection
    clock: Clock
    lifetime: timedelta

    async def open(self, renewal_id: UUID, kind: Kind, document: Sha256, session: VerifiedSession) -> str:
        """The secret part of a new address. Dies before or after the insert: nobody knows the address."""
        secret = secrets.token_urlsafe(32)
        until = self.clock.now() + self.lifetime
        transfer = Transfer(renewal_id=renewal_id, kind=kind, until=until, document=document, session=session)
        await self.collection.insert_one({"_id": _hash(secret), **plain(transfer)})
        return secret

    async def find(self, secret: str) -> Transfer | None:
        """None for an address that was never given out, or has expired."""
        return self._valid(await self.collection.find_one({"_id": _hash(secret)}))

    async def use(self, secret: str) -> Transfer | None:
        """As `find`, and counts an upload. None after too many. Dies before or after: one upload less is
        left."""
        left = {"_id": _hash(secret), "uploads": {"$not": {"$gte": _MOST_UPLOADS}}}
        return self._valid(await self.collection.find_one_and_update(left, {"$inc": {"uploads": 1}}))

    def _valid(self, row: Document | None) -> Transfer | None:
        transfer = Transfer.model_validate(row) if row else None
        return transfer if transfer and self.clock.now() < transfer.until else None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
