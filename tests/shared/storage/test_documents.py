"""Documents by content: the same bytes are one document, and a crash in between blocks nothing."""

import ast
import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.resilience.errors import MissingDocument
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.documents import MongoDocuments, Provenance
from shared.storage.indexes import ensure
from shared.storage.mongo import Database
from tests.support.clock import FixedClock
from tests.support.counter import DAY

ROOT = Path(__file__).parents[3]
DATA = b"%PDF-1.7 " + bytes(range(256)) * 2000


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    client = mongo.connect(settings.mongo.get_secret_value())
    yield client[settings.database("documents")]
    client.close()


@pytest.fixture
async def documents(database: Database) -> MongoDocuments:
    return MongoDocuments(database, FixedClock(DAY))


async def test_same_bytes_twice_are_one_document(documents: MongoDocuments, database: Database) -> None:
    one, other = [await documents.put(DATA, media_type="application/pdf", name=n) for n in ("a", "b")]
    assert one.sha256 == other.sha256 == hashlib.sha256(DATA).hexdigest()
    assert await documents.get(one.sha256) == DATA
    assert await database["fs.files"].count_documents({}) == 1


async def test_same_bytes_at_the_same_time_are_one_document(
    documents: MongoDocuments, database: Database
) -> None:
    puts = (documents.put(DATA, media_type="application/pdf", name="a") for _ in range(5))
    assert len({ref.sha256 for ref in await asyncio.gather(*puts)}) == 1
    assert await database["fs.files"].count_documents({}) == 1


async def test_document_killed_between_upload_and_insert_can_be_put_again(
    documents: MongoDocuments, database: Database
) -> None:
    sha256 = hashlib.sha256(DATA).hexdigest()
    left = mongo.Bucket(database)
    await left.upload_from_stream_with_id("left", sha256, DATA, metadata={"at": DAY - timedelta(days=2)})
    with pytest.raises(MissingDocument):
        await documents.get(sha256)
    await documents.put(DATA, media_type="application/pdf", name="a")
    assert [await documents.collect(), await documents.collect()] == [1, 0]
    assert await documents.get(sha256) == DATA


async def test_collect_uses_an_index(documents: MongoDocuments, database: Database) -> None:
    """Guards against: one look-up for each file, each of which reads every document."""
    for collection, indexes in documents.indexes.items():
        await ensure(collection, indexes)
        await ensure(collection, indexes)
    await documents.put(DATA, media_type="application/pdf", name="a")
    plan = await database["documents"].find({"file": "any"}, {"_id": 1}).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def test_upload_of_today_is_not_collected(documents: MongoDocuments, database: Database) -> None:
    await mongo.Bucket(database).upload_from_stream_with_id("now", "x", DATA, metadata={"at": DAY})
    assert await documents.collect() == 0


async def test_missing_and_damaged_bytes_are_missing(documents: MongoDocuments, database: Database) -> None:
    with pytest.raises(MissingDocument):
        await documents.get("0" * 64)
    ref = await documents.put(DATA, media_type="application/pdf", name="a")
    chunk = await database["fs.chunks"].find_one({"n": 1})
    assert chunk
    damaged = bytes(len(chunk["data"]))
    await database["fs.chunks"].update_one({"_id": chunk["_id"]}, {"$set": {"data": damaged}})
    with pytest.raises(MissingDocument, match="damaged"):
        await documents.get(ref.sha256)


async def test_empty_document_can_be_stored(documents: MongoDocuments) -> None:
    ref = await documents.put(b"", media_type="text/plain", name="empty")
    assert (await documents.get(ref.sha256), ref.size) == (b"", 0)


async def test_document_has_its_provenance(documents: MongoDocuments, database: Database) -> None:
    """Guards against: an event refers to another office's document, or to an unsigned form."""
    ours, theirs = Provenance("contract", 1), Provenance("contract", 2)
    ref = await documents.put(DATA, media_type="application/pdf", name="a", of=ours)
    assert await documents.is_of(ref.sha256, ours)
    for other in (theirs, Provenance("sealed_contract", 1)):
        assert not await documents.is_of(ref.sha256, other)
    for _ in range(2):
        await documents.put(DATA, media_type="application/pdf", name="a", of=theirs)
    assert await documents.is_of(ref.sha256, theirs)
    assert await database["provenance"].count_documents({}) == 2
    with pytest.raises(MissingDocument):
        await documents.is_of("0" * 64, ours)


async def test_provenance_is_found_by_hash(documents: MongoDocuments) -> None:
    ours, theirs = Provenance("contract", "1/2"), Provenance("form", "2")
    ref = await documents.put(DATA, media_type="application/pdf", name="a", of=ours)
    await documents.put(DATA, media_type="application/pdf", name="a", of=theirs)
    bare = await documents.put(b"bare", media_type="application/pdf", name="b")
    found = await documents.find_provenance([ref.sha256, bare.sha256, "0" * 64])
    assert {sha256: set(each) for sha256, each in found.items()} == {
        ref.sha256: {ours, theirs},
        bare.sha256: set(),
    }


async def test_document_of_an_older_release_is_accepted_for_a_day(database: Database) -> None:
    clock = FixedClock(DAY)
    documents = MongoDocuments(database, clock)
    ref = await documents.put(DATA, media_type="application/pdf", name="a")
    assert await documents.is_of(ref.sha256, Provenance("contract", 1))
    clock.move_to(DAY + timedelta(days=1, seconds=1))
    assert not await documents.is_of(ref.sha256, Provenance("contract", 1))


def test_every_put_of_the_services_names_the_provenance() -> None:
    """A document without provenance would be accepted as anything for a day."""
    stored = [
        (file, call)
        for file in (ROOT / "services").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func).endswith("documents.put")
    ]
    assert len(stored) > 5
    assert not [file for file, call in stored if "of" not in {each.arg for each in call.keywords}]


async def test_forgotten_and_expired_documents_are_removed(
    documents: MongoDocuments, database: Database
) -> None:
    ends = DAY + timedelta(hours=1)
    ref = await documents.put(
        DATA, media_type="text/plain", name="a", of=Provenance("draft", "1"), until=ends
    )
    document = await database["documents"].find_one({"_id": ref.sha256})
    provenance = await database["provenance"].find_one({"_id": f"{ref.sha256}/draft/1"})
    assert (document or {})["until"] == (provenance or {})["until"] == ends
    made = [index.document for each in documents.indexes.values() for index in each]
    assert [index["expireAfterSeconds"] for index in made if "until" in index["key"]] == [0, 0]
    for _ in range(2):
        await documents.forget(ref.sha256)
    with pytest.raises(MissingDocument):
        await documents.get(ref.sha256)
    assert (
        await database["fs.files"].count_documents({}) == await database["fs.chunks"].count_documents({}) == 0
    )


async def test_bytes_removed_while_they_are_fetched_are_missing(
    documents: MongoDocuments, database: Database
) -> None:
    ref = await documents.put(DATA, media_type="text/plain", name="a")
    await database["fs.files"].delete_many({})
    with pytest.raises(MissingDocument):
        await documents.get(ref.sha256)
