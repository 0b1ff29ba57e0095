"""Creates a collection's indexes as the code defines them.

An index whose definition changed is dropped and built again. In between it does not exist, and a unique one
is not enforced: stop the service's writers for that moment of such an upgrade. If the process dies in
between, the next start builds the index.
"""

from collections.abc import Sequence

from shared.storage.mongo import Collection, IndexModel, is_other_index


async def ensure(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Repeating it changes nothing. Raises DuplicateKeyError if documents violate a unique index."""
    for index in indexes:
        if not await _create(collection, index):
            await collection.drop_index(index.document["name"])
            await _create(collection, index)


async def _create(collection: Collection, index: IndexModel) -> bool:
    """False if there is another index of that name."""
    try:
        await collection.create_indexes([index])
    except Exception as error:
        if not is_other_index(error):
            raise
        return False
    return True
