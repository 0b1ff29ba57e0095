"""The sender is killed (SIGKILL) in the middle of a batch of fifty mails, and started again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.notifier.domain.notice import NoticeStatus
from services.notifier.settings import NotifierSettings
from shared.time.calendar import civil_date
from shared.time.clock import SystemClock
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice
from tests.services.notifier.rig import Rig
from tests.support.service_process import until

ROOT = Path(__file__).parents[4]
BATCH, HALF, LINES = 50, 25, 4
SENDING = """
import asyncio
from services.notifier.main import compose
from services.notifier.settings import NotifierSettings

async def main():
    service, plan = compose(NotifierSettings())
    (sender,) = plan.loops
    await sender.run(sender.heartbeat)

asyncio.run(main())
"""


@asynccontextmanager
async def sending(settings: NotifierSettings) -> AsyncIterator[asyncio.subprocess.Process]:
    """A separate process that runs the sender. It is killed at the end."""
    fields = {
        "environment": "production",
        "mongo": settings.mongo.get_secret_value(),
        "namespace": settings.namespace,
        "log_level": "warning",
        "smtp_port": str(settings.smtp_port),
        "smtp_seconds": "10",
        "smtp_retry_seconds": "0.1",
        "smtp_connections": str(LINES),
    }
    environment = {**os.environ, **{f"GIAHAN_{name.upper()}": value for name, value in fields.items()}}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDING, cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def delivered(rig: Rig) -> int:
    return await rig.service.database["notices"].count_documents({"status": NoticeStatus.DELIVERED})


async def test_first_half_is_not_sent_again(rig: Rig, post: PostOffice) -> None:
    post.gate, post.free = asyncio.Event(), HALF
    now = SystemClock().now()
    rig.clock.move_to(now)
    for number in range(BATCH):
        await rig.office(number)
        since = civil_date(now, ex.ZONE)
        await rig.record(ex.locked(1, office_ref=f"office-{number}", effective_on=since))

    async def stuck() -> bool:
        return post.waiting == LINES

    async with sending(rig.settings):
        await until(stuck, "half is out and every line waits for an answer")
    # Every connection had begun a later letter, so the results of the earlier ones are saved.
    assert (await delivered(rig), len(post.taken)) == (HALF, HALF)

    post.gate.set()

    async def all_delivered() -> bool:
        return await delivered(rig) == BATCH

    async with sending(rig.settings):
        await until(all_delivered, "all fifty delivered")
    copies = [len(post.to(f"office{number}@giahanso.example")) for number in range(BATCH)]
    assert copies == [1] * BATCH
