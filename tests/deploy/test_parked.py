"""Parked messages are listed, shown, retried and dropped while a service works on a real broker."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

import pytest
import pytest_asyncio

from deploy.parked import __main__
from deploy.parked.messages import ParkedMessages
from shared.events.subscription import SubscriptionExpiring
from shared.ids import fresh
from shared.messaging.consumption import lifecycle
from shared.messaging.parked import Parked
from shared.resilience.errors import NotYet
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause
from shared.time.clock import SystemClock
from tests.support.counter import expiring
from tests.support.reader import NAME, Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import Raw, raw

BY = ("--by", "Trần Văn An", "--reason", "thư giả, sự cố 17")
FORGED = 66
"""The days left of an event that nothing proves."""


@dataclass
class CommandLine:
    """The command as an operator types it, and the service that it talks to."""

    reader: Reader
    capsys: pytest.CaptureFixture[str]
    said: str = ""
    proven: set[str] = field(default_factory=set)
    fails: bool = False
    handles: asyncio.Event = field(default_factory=asyncio.Event)
    """Unset, the service's own tries wait in their handler."""

    async def __call__(self, *words: str) -> int:
        status = await __main__.run(__main__.arguments([NAME, *words]))
        self.said = self.capsys.readouterr().out
        return status

    async def prove(self, event: SubscriptionExpiring, cause: Cause) -> None:
        await self.handles.wait()
        if event.days_left == FORGED and event.office_ref not in self.proven:
            if self.fails:
                raise ValueError("Nguyễn Thị Hoa, 0912345678")
            raise NotYet(f"registration {event.subscription_id}")
        await self.reader.count(event, cause)

    async def park(self, key: int, *records: Raw) -> list[str]:
        """The ids of these records, once they are parked."""
        them = records or (raw(expiring(key, FORGED)),)
        ids = [dict(one.headers)["ce_id"].decode() for one in them]
        await self.reader.publish(*them)

        async def all_parked() -> bool:
            return set(ids) <= {one["_id"] for one in await self.kept("parked").find().to_list(None)}

        await until(all_parked, f"parked {ids}")
        return ids

    def kept(self, collection: str) -> mongo.Collection:
        return self.reader.store.collection.database[collection]

    async def decided(self, id: str) -> list[tuple[str, str, str]]:
        found = self.kept("parked_decisions").find({"event_id": id}).sort("n", 1)
        return [(one["verb"], one["by"], one["because"]) async for one in found]

    async def is_parked(self, id: str) -> bool:
        return await self.kept("parked").find_one({"_id": id}) is not None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_reader(settings_of_module: Settings) -> AsyncIterator[Reader]:
    async with run_reader(settings_of_module) as reader:
        yield reader


@pytest.fixture(scope="module")
def settings_of_module(kafka: str, mongo_uri: str) -> Settings:
    return Settings(kafka=kafka, mongo=mongo_uri, namespace=f"t{fresh().hex[:12]}", log_level="error")


@pytest.fixture
def command(
    module_reader: Reader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    settings = module_reader.settings
    monkeypatch.setenv("GIAHAN_MONGO", settings.mongo.get_secret_value())
    monkeypatch.setenv("GIAHAN_NAMESPACE", settings.namespace)
    monkeypatch.setattr(lifecycle, "_PARKED_SECONDS", 0.2)
    command = CommandLine(module_reader, capsys)
    command.handles.set()
    module_reader.handler = command.prove
    return command


async def test_list_says_what_waits_since_when_and_for_what(command: CommandLine) -> None:
    (id,) = await command.park(1)
    subject = expiring(1).subscription_id
    assert await command("list", "--subject", str(subject)) == 0
    assert re.search(rf"• {id}  20\d\d-.*Z  subscription.expiring.v1  {subject}", command.said)
    assert f"chờ / waits for: registration {subject}" in command.said
    assert "→ 1 thư đang chờ / 1 parked" in command.said
    assert "1  subscription.expiring.v1: registration …" in command.said
    assert await command("show", id) == 0
    assert '"office_ref": "office-1"' in command.said
    assert "đang chờ / parked" in command.said


async def test_dropped_message_goes_and_who_decided_why_is_kept(command: CommandLine) -> None:
    id, other = (await command.park(10))[0], (await command.park(11))[0]
    assert await command("drop", id, "--dry-run") == 0
    assert await command.is_parked(id)
    assert await command("drop", id, *BY) == 0
    assert "dropped 1" in command.said
    assert not await command.is_parked(id)
    assert await command.is_parked(other)
    assert await command.decided(id) == [("drop", BY[1], BY[3])]
    command.proven.add("office-10")
    await command.reader.publish(raw(expiring(10)))
    await command.reader.until_counted(10)
    assert await command.reader.count_of(10) == 1, "the dropped one was handled"
    assert await command("drop", id, *BY) == 0
    assert f"{id}#1: đã bỏ / dropped (Trần Văn An, " in command.said
    assert await command("show", id) == 0
    assert "đã bỏ / dropped" in command.said


async def test_retry_tells_what_it_waits_for_now_and_finishes_what_is_proven(command: CommandLine) -> None:
    (id,) = await command.park(20)
    assert await command("retry", id, *BY) == 1
    assert "chờ / waits for: registration" in command.said
    assert "finished 0" in command.said
    command.fails = True
    assert await command("retry", id, *BY) == 1
    assert "lỗi / fails: ValueError in CommandLine.prove" in command.said
    assert "Hoa" not in command.said
    command.handles.clear()  # else the service may finish the message before it is asked to
    retrying = asyncio.create_task(command("retry", id, *BY))

    async def asked() -> bool:
        return len(await command.decided(id)) == 3

    await until(asked, "the third retry")
    command.proven.add("office-20")
    command.handles.set()
    assert await retrying == 0
    assert "finished 1" in command.said
    assert await command.reader.count_of(20) == 1
    assert [verb for verb, _, _ in await command.decided(id)] == ["retry"] * 3


async def test_dropped_message_is_brought_back_by_a_retry(command: CommandLine) -> None:
    (id,) = await command.park(30)
    assert await command("drop", id, *BY) == 0
    command.proven.add("office-30")
    assert await command("retry", id, *BY) == 0
    await command.reader.until_counted(30)
    assert [verb for verb, _, _ in await command.decided(id)] == ["drop", "retry"]


async def test_several_need_a_preview_whose_number_still_holds(command: CommandLine) -> None:
    subject = ("--subject", str(expiring(40).subscription_id))
    ids = await command.park(40, *(raw(expiring(40, FORGED), sequence=n) for n in (1, 2, 3)))
    with pytest.raises(SystemExit):
        await command("drop", *subject, *BY)
    assert await command("drop", *subject, "--dry-run") == 0
    assert all(id in command.said for id in ids)
    assert "3 messages; nothing was done" in command.said
    assert await command("drop", *subject, "--expect", "2", *BY) == 1
    assert all([await command.is_parked(id) for id in ids])
    assert await command("drop", *subject, "--expect", "3", *BY) == 0
    assert not any([await command.is_parked(id) for id in ids])


async def test_message_finished_in_the_same_moment_is_not_called_dropped(command: CommandLine) -> None:
    (id,) = await command.park(50)
    messages = ParkedMessages(cast("mongo.Database", command.kept("parked").database))
    (message,) = [one for one in await messages.all() if str(one.envelope.id) == id]
    command.proven.add("office-50")
    await command.reader.until_counted(50)

    async def gone() -> bool:
        return not await command.is_parked(id)

    await until(gone, "the handled one is parked no more")
    assert not await messages.drop(message, "A", "b", SystemClock().now())
    assert await command.decided(id) == []


async def test_retried_message_that_was_dropped_meanwhile_stays_away(command: CommandLine) -> None:
    """The message is dropped while the service handles it: what the service writes afterwards does not bring
    it back."""
    (id,) = await command.park(60)
    held = Parked(command.kept("parked"), SystemClock())
    (message,) = [one for one in await held.of() if str(one.envelope.id) == id]
    assert await command("drop", id, *BY) == 0
    await held.update_reason(message, "something else")
    assert not await command.is_parked(id)


async def test_what_a_message_holds_steers_no_terminal(command: CommandLine) -> None:
    evil = raw(expiring(70, FORGED)).with_header("traceparent", b"\x1b[31mred")
    (id,) = await command.park(70, evil)
    for words in (("list",), ("show", id)):
        await command(*words)
        assert all(c.isprintable() or c == "\n" for c in command.said)


async def test_unknown_id(command: CommandLine) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert await command("show", nobody) == 1
    assert await command("drop", nobody, *BY) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("drop",),
        ("drop", *BY),
        ("drop", "17", *BY),
        ("drop", "00000000-0000-4000-8000-000000000000"),
        ("drop", "00000000-0000-4000-8000-000000000000", "--by", "An", "--reason", " "),
        ("drop", "00000000-0000-4000-8000-000000000000", "--type", "contract", *BY),
        ("retry", "--before", "7d", *BY),
        ("show",),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.arguments([NAME, *words])
    assert ended.value.code == 2
