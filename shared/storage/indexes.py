"""Makes a collection's indexes what the code says they are.

An index of which the definition changed is dropped and built anew: between the two, nothing of its is
enforced, so that such an upgrade wants the service's writers stopped for that moment. Dying in between leaves
it missing; the next start builds it.
"""

from collections.abc import Sequence

from shared.storage.mongo import Collection, IndexModel, is_other_index


async def ensure(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Repeating it changes nothing. Raises DuplicateKeyError where documents break a unique one."""
    for index in indexes:
        if not await _made(collection, index):
            await collection.drop_index(index.document["name"])
            await _made(collection, index)


async def _made(collection: Collection, index: IndexModel) -> bool:
    """False where another is there by its name."""
    try:
        await collection.create_indexes([index])
    except Exception as error:
        if not is_other_index(error):
            raise
        return False
    return True
