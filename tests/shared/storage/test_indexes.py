"""A newer release may change the definition of an index: the service starts, and rebuilds the index."""

import pytest

from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.indexes import ensure
from shared.storage.mongo import DuplicateKeyError, IndexModel

BEFORE = IndexModel([("a", 1)], name="one", unique=True, partialFilterExpression={"status": "open"})
NOW = IndexModel(
    [("a", 1)], name="one", unique=True, partialFilterExpression={"status": {"$in": ["open", "new"]}}
)
OTHER_KEYS = IndexModel([("b", 1)], name="one")


@pytest.mark.parametrize("later", [NOW, OTHER_KEYS])
async def test_changed_index_is_rebuilt(settings: Settings, later: IndexModel) -> None:
    service = Service("subscription", settings)
    collection = service.database["indexed"]
    for indexes in ([BEFORE], [later], [later]):
        await ensure(collection, indexes)
    made = (await collection.index_information())["one"]
    assert made["key"] == list(later.document["key"].items())
    assert made.get("partialFilterExpression") == later.document.get("partialFilterExpression")
    service.client.close()


async def test_documents_that_violate_a_new_unique_index_are_reported(settings: Settings) -> None:
    service = Service("subscription", settings)
    collection = service.database["indexed"]
    await ensure(collection, [BEFORE])
    await collection.insert_many([{"a": 1, "status": "new"}, {"a": 1, "status": "new"}])
    with pytest.raises(DuplicateKeyError):
        await ensure(collection, [NOW])
    service.client.close()
