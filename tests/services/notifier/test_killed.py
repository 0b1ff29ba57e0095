"""The notifier is SIGKILLed in the middle of a batch of fifty mails and started again."""

import asyncio
import os
import sys
from pathlib import Path

from deploy.local.ports import free_port
from services.notifier.domain.notice import Status
from services.notifier.settings import NotifierSettings
from shared.calendar import civil_date
from shared.clock import SystemClock
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice
from tests.services.notifier.rig import Rig, rigged
from tests.support.running import until

ROOT = Path(__file__).parents[3]
BATCH, HALF, LINES = 50, 25, 4


async def started(settings: NotifierSettings) -> asyncio.subprocess.Process:
    told = {
        "environment": "production",
        "kafka": settings.kafka,
        "mongo": settings.mongo,
        "namespace": settings.namespace,
        "port_base": str(settings.port_base),
        "log_level": "warning",
        "smtp_port": str(settings.smtp_port),
        "smtp_seconds": "2",
        "smtp_retry_seconds": "0.1",
        "smtp_connections": str(LINES),
    }
    environment = {**os.environ, **{f"GIAHAN_{name.upper()}": value for name, value in told.items()}}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifier", "--only", "worker", cwd=ROOT, env=environment
    )


async def delivered(rig: Rig) -> int:
    return await rig.service.database["notices"].count_documents({"status": Status.DELIVERED})


async def test_first_half_is_not_sent_again(
    kafka: str, mongo_uri: str, namespace: str, post: PostOffice
) -> None:
    settings = NotifierSettings(
        environment="production",
        kafka=kafka,
        mongo=mongo_uri,
        namespace=namespace,
        port_base=free_port() - 4,
        smtp_port=post.port,
    )
    post.gate, post.free = asyncio.Event(), HALF
    async with rigged(settings) as rig:
        now = SystemClock().now()
        rig.clock.move_to(now)
        for number in range(BATCH):
            await rig.office(number)
            since = civil_date(now, ex.ZONE)
            await rig.record(ex.locked(1, office_ref=f"office-{number}", effective_on=since))

        process = await started(settings)

        async def stuck() -> bool:
            return post.waiting == LINES

        await until(stuck, "half is out and every line waits for an answer")
        process.kill()
        await process.wait()
        # Every line has taken up a later letter, so that the answers of those before are saved.
        assert (await delivered(rig), len(post.taken)) == (HALF, HALF)

        post.gate.set()
        process = await started(settings)

        async def all_delivered() -> bool:
            return await delivered(rig) == BATCH

        await until(all_delivered, "all fifty delivered")
        process.terminate()
        assert await process.wait() == 0
    copies = [len(post.to(f"office{number}@giahanso.example")) for number in range(BATCH)]
    assert copies == [1] * BATCH
