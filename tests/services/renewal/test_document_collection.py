"""The documents that a crash left are collected, but never those of an upload in progress."""

from datetime import timedelta
from pathlib import Path

from services.renewal.main import compose
from services.renewal.settings import RenewalSettings
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.time.clock import SystemClock
from tests.support.people import People
from tests.support.service_process import run_service, until


async def test_service_removes_what_a_crash_left_uploaded(settings: Settings, tmp_path: Path) -> None:
    People(tmp_path / "jwks.json")
    service, plan = compose(RenewalSettings(**settings.model_dump()))
    documents = service.client[settings.database("documents")]
    kept = await service.documents.put(b"%PDF", media_type="application/pdf", name="a.pdf")
    for name, age in (("left", timedelta(days=2)), ("under way", timedelta(minutes=1))):
        at = {"at": SystemClock().now() - age}
        await mongo.Bucket(documents).upload_from_stream_with_id(name, "x", b"%PDF", metadata=at)

    async def gone() -> bool:
        return await documents["fs.files"].find_one({"_id": "left"}) is None

    async with run_service(service, plan):
        await until(gone, "the upload of a crash gone")
        assert await documents["fs.files"].count_documents({}) == 2
        assert await service.documents.get(kept.sha256) == b"%PDF"
    service.client.close()
