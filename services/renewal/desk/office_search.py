"""Finds offices, registered or not, in our copies of the licences (from subscription's events)."""

import re
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import structlog
from pydantic import ValidationError

from services.renewal.domain.desk.office_keys import office_keys, sought_keys
from services.renewal.domain.licence import LicenceCopy
from shared.storage.mongo import Document, UpdateOne
from shared.storage.projection import Projection

MOST = 50
"""The most offices in an answer. Each may have several products."""
_LICENCES = 4 * MOST
_BATCH = 500
_NO_KEYS: Document = {"found_by": {"$exists": False}}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundOffice:
    """An office with its licences: one for each product."""

    licences: tuple[LicenceCopy, ...]

    @property
    def first(self) -> LicenceCopy:
        return self.licences[0]


@dataclass(frozen=True, slots=True)
class OfficeSearch:
    copies: Projection[LicenceCopy]

    async def find(self, text: str) -> list[FoundOffice]:
        """At most MOST offices, sorted by name. `text`: words of the name or their beginnings, with or
        without diacritics; or a tax or budget code, a phone number, an e-mail address or the office's code,
        or the beginning of one. At most 200 licences are read: of a text that more match, some are
        missing."""
        query = office_query(text)
        found = await self.copies.find(query, limit=_LICENCES) if query else []
        found.sort(key=lambda copy: (copy.name.casefold(), copy.office_ref, copy.product_code))
        offices = [FoundOffice(tuple(group)) for _, group in groupby(found, key=attrgetter("office_ref"))]
        return offices[:MOST]

    async def complete(self) -> None:
        """Adds search keys to copies that were stored before the keys existed. A copy that can't be read is
        logged and stays without keys.

        If the process dies in between, the next start continues. A newer event of the licence also writes
        the keys, and they stay.
        """
        licences, last = self.copies.collection, ""
        while batch := await self._without_keys(last):
            if writes := [write for document in batch if (write := _with_keys(document))]:
                await licences.bulk_write(writes, ordered=False)
            last = batch[-1]["_id"]

    async def _without_keys(self, after: str) -> list[Document]:
        found = self.copies.collection.find(_NO_KEYS | {"_id": {"$gt": after}})
        return await found.sort("_id", 1).limit(_BATCH).to_list(None)


def _with_keys(document: Document) -> UpdateOne | None:
    """The write that adds the keys. None where the copy can't be read."""
    try:
        copy = LicenceCopy.model_validate(document, extra="ignore")
    except ValidationError:
        log.error("offices.damaged_copy", subscription_id=document["_id"])
        return None
    return UpdateOne({"_id": document["_id"]} | _NO_KEYS, {"$set": {"found_by": office_keys(copy)}})


def office_query(text: str) -> Document | None:
    """The query for the licences of the offices that `text` matches. None where it contains nothing to search
    for."""
    ways = [{"found_by": {"$all": [_begins(key) for key in way]}} for way in sought_keys(text)]
    return {"$or": ways} if ways else None


def _begins(key: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(key)}")
