"""The statements that write many saves of one collection, each save conditional on its own version.

A statement of its own costs the server more than the update that it makes (docs/adr/0011), so one statement
saves many documents. For each of them it looks up the expected version and the new values, by the place of
the document's id among all ids.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from shared.storage.aggregate import State, Stored
from shared.storage.mongo import Document, InsertOne, UpdateMany
from shared.storage.record import Save

S = TypeVar("S", bound=State)

_AT_ONCE = 50
"""Saves in one statement. As many of the largest (record.LARGEST) fit into the 16 MB of a statement."""


def statements(
    saves: Sequence[tuple[Stored[S] | None, Save[S]]],
) -> Iterator[InsertOne[Document] | UpdateMany]:
    """The operations of one unordered bulk write, which inserts or matches a document for each save made."""
    updates = []
    for before, save in saves:
        if before is None:
            yield InsertOne(save.new_document())
        else:
            updates.append((before, save))
    for start in range(0, len(updates), _AT_ONCE):
        yield _update(updates[start : start + _AT_ONCE])


def _update(saves: Sequence[tuple[Stored[S], Save[S]]]) -> UpdateMany:
    """As Save.update, it only appends to lists that others empty meanwhile."""
    ids = [before.id for before, _ in saves]
    place = {"$indexOfArray": [{"$literal": ids}, "$_id"]}

    def own(values: list[Any]) -> Document:
        return {"$arrayElemAt": [{"$literal": values}, place]}

    appended = {
        name: {"$concatArrays": [{"$ifNull": [f"${name}", []]}, own(entries)]}
        for name in saves[0][1].appended
        if any(entries := [save.appended[name] for _, save in saves])
    }
    unchanged = {"$eq": ["$version", own([before.version for before, _ in saves])]}
    merged = {"$mergeObjects": ["$$ROOT", own([save.fields for _, save in saves]), appended]}
    return UpdateMany({"_id": {"$in": ids}, "$expr": unchanged}, [{"$replaceWith": merged}])
