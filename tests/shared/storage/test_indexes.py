"""A newer release may define an index anew: the service starts, and the index is as it says."""

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
async def test_index_is_what_the_newest_release_says(settings: Settings, later: IndexModel) -> None:
    service = Service("subscription", settings)
    kept = service.database["indexed"]
    for indexes in ([BEFORE], [later], [later]):
        await ensure(kept, indexes)
    made = (await kept.index_information())["one"]
    assert made["key"] == list(later.document["key"].items())
    assert made.get("partialFilterExpression") == later.document.get("partialFilterExpression")
    service.client.close()


async def test_documents_that_break_the_new_one_are_told(settings: Settings) -> None:
    service = Service("subscription", settings)
    kept = service.database["indexed"]
    await ensure(kept, [BEFORE])
    await kept.insert_many([{"a": 1, "status": "new"}, {"a": 1, "status": "new"}])
    with pytest.raises(DuplicateKeyError):
        await ensure(kept, [NOW])
    service.client.close()
