"""Dead letters are listed, shown and redriven while a service works on a real broker and database."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio

from deploy.deadletters import __main__
from deploy.deadletters.topic import letters, place, since
from shared.events.subscription import SubscriptionExpiring
from shared.ids import fresh
from shared.messaging import broker
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrives
from shared.resilience.errors import NotYet, Transient
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause
from shared.time.clock import SystemClock
from tests.support.counter import expiring
from tests.support.reader import NAME, Handler, Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import Raw, raw

BY = ("--by", "Trần Văn An", "--reason", "sự cố 17 đã sửa")
EXPIRING = "vn.giahan.subscription.expiring.v1"


@dataclass
class CommandLine:
    """The command as an operator types it, and the service that it talks to."""

    reader: Reader
    capsys: pytest.CaptureFixture[str]
    said: str = ""

    async def __call__(self, *words: str) -> int:
        status = await __main__.run(__main__.arguments([NAME, *words]))
        self.said = self.capsys.readouterr().out
        return status

    async def dead(self, key: int, *records: Raw, handler: Handler | None = None) -> list[str]:
        """The positions of these records, once they are dead letters. The service refuses events with 77 days
        left."""
        self.reader.handler = handler or self.refuse
        offsets = await self.reader.publish(*(records or [raw(expiring(key, 77))]))
        places = [f"{self.reader.topic}/0/{offset}" for offset in offsets]

        async def all_dead() -> bool:
            return set(places) <= {letter.position for letter in await self.letters()}

        await until(all_dead, f"dead letters {places}")
        return places

    async def letters(self) -> list[DeadLetter]:
        topic = f"{self.reader.settings.namespace}.{NAME}.dead"
        return [letter async for letter in letters(self.reader.settings.connection, topic)]

    async def refuse(self, event: SubscriptionExpiring, cause: Cause) -> None:
        if event.days_left == 77:
            raise ValueError("Nguyễn Thị Hoa, 0912345678")
        await self.reader.count(event, cause)

    def mend(self) -> None:
        self.reader.handler = None

    @property
    def kept(self) -> mongo.Collection:
        return self.reader.store.collection.database["redrives"]

    async def asked(self, place: str) -> list[mongo.Document]:
        topic, partition, offset = place.rsplit("/", 2)
        query = {"topic": topic, "partition": int(partition), "offset": int(offset)}
        return await self.kept.find(query).sort("n", 1).to_list(None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_reader(kafka: str, mongo_uri: str) -> AsyncIterator[Reader]:
    settings = Settings(kafka=kafka, mongo=mongo_uri, namespace=f"t{fresh().hex[:12]}", log_level="warning")
    async with run_reader(settings) as reader:
        yield reader


@pytest.fixture
def command(
    module_reader: Reader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    settings = module_reader.settings
    monkeypatch.setenv("GIAHAN_KAFKA", settings.kafka)
    monkeypatch.setenv("GIAHAN_MONGO", settings.mongo.get_secret_value())
    monkeypatch.setenv("GIAHAN_NAMESPACE", settings.namespace)
    module_reader.handler = None
    return CommandLine(module_reader, capsys)


async def test_list_says_what_died_where_when_and_why(command: CommandLine) -> None:
    (at,) = await command.dead(1)
    assert await command("list") == 0
    assert f"• {at}  20" in command.said
    assert f"subscription.expiring.v1  {expiring(1).subscription_id}" in command.said
    assert "ValueError in CommandLine.refuse" in command.said
    assert "Hoa" not in command.said


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (("--topic", "subscription.events"), True),
        (("--topic", "signing"), False),
        (("--type", "EXPIRING"), True),
        (("--type", "locked"), False),
        (("--subject", str(expiring(10).subscription_id)), True),
        (("--subject", str(expiring(11).subscription_id)), False),
        (("--died-of", "valueerror"), True),
        (("--died-of", "tombstone"), False),
        (("--since", "1h"), True),
        (("--since", "2999-01-01"), False),
        (("--type", "expiring", "--died-of", "tombstone"), False),
    ],
)
async def test_filters(command: CommandLine, words: tuple[str, ...], taken: bool) -> None:
    (at,) = await command.dead(10)
    await command("list", *words)
    assert (f"• {at} " in command.said) is taken


async def test_list_counts_by_kind_and_prints_no_more_than_asked_for(command: CommandLine) -> None:
    places = await command.dead(20, *(raw(expiring(20, 77), sequence=n) for n in (1, 2, 3)))
    await command("list", "--lines", "1", "--subject", str(expiring(20).subscription_id))
    assert sum(f"• {at} " in command.said for at in places) == 1
    assert "→ 3 thư chết / 3 dead letters" in command.said
    assert "       3  subscription.expiring.v1: ValueError in CommandLine.refuse" in command.said


async def test_show_tells_everything_and_steers_no_terminal(command: CommandLine) -> None:
    evil = b'{"office_ref": "\x1b[2J\x9b \xe2\x80\xae'
    poison = Raw(evil, [("ce_type", b"\x1b[31mred"), ("ce_id", b"\xc3\x28"), ("x", None)])
    (at,) = await command.dead(30, poison)
    assert await command("show", at) == 0
    for part in (f"{len(evil)} bytes", "ce_id: 0xc328", "x: null", "\\x1b[31mred", "khóa / key         key"):
        assert part in command.said
    assert "7b 22 6f 66" in command.said
    assert all(c.isprintable() or c == "\n" for c in command.said)
    await command("list")
    assert all(c.isprintable() or c == "\n" for c in command.said)


async def test_show_of_json_tombstone_long_body_and_nothing(command: CommandLine) -> None:
    long = raw(expiring(31)).with_header("ce_id", b"17")
    body = json.dumps({"name": "Trường Mầm non Hoa Hồng\u202e", "more": "x" * 5000}).encode()
    json_at, none_at = await command.dead(31, Raw(body, long.headers), Raw(None, long.headers))
    await command("show", json_at)
    assert '  "name": "Trường Mầm non Hoa Hồng\\u202e"' in command.said
    assert command.said.endswith("… (--whole)\n")
    await command("show", json_at, "--whole")
    assert "x" * 5000 in command.said
    await command("show", none_at)
    assert "tombstone" in command.said
    assert await command("show", f"{command.reader.topic}/0/999999") == 1


async def test_redriven_letter_is_applied_and_who_asked_why_is_kept(command: CommandLine) -> None:
    (at,) = await command.dead(40)
    before, began = int(at.rpartition("/")[2]) + 1, SystemClock().now() - timedelta(seconds=1)

    async def settled() -> bool:
        return await command.reader.committed() == before

    await until(settled, "the dead letter's offset committed")
    command.mend()
    assert await command("redrive", at, *BY) == 0
    counter = f"counters/{expiring(40).subscription_id}"
    assert f"✓ {at}#1: đã áp dụng / applied (Trần Văn An" in command.said
    assert f"{counter}: đã thay đổi / changed" in command.said
    assert await command.reader.count_of(40) == 1
    assert await command.reader.committed() == before, "the group's offset in the source topic moved"
    (kept,) = await command.asked(at)
    assert (kept["by"], kept["because"], kept["type"]) == (BY[1], BY[3], EXPIRING)
    assert (kept["status"], kept["did"]) == ("applied", {counter: "changed"})
    assert began < kept["at"] <= kept["settled_at"]
    assert "letter" not in kept
    await command("list")
    assert f"• {at} " not in command.said
    await command("list", "--all")
    assert f"✓ {at}#1: đã áp dụng" in command.said
    await command("show", at)
    assert f"✓ {at}#1: đã áp dụng" in command.said


async def test_same_letter_redriven_twice_is_applied_once(command: CommandLine) -> None:
    (at,) = await command.dead(50)
    command.mend()
    (letter,) = [one for one in await command.letters() if one.position == at]
    redrives, now = Redrives(command.kept), SystemClock().now()
    answers = await asyncio.gather(*(redrives.ask(letter, "A", "b", now) for _ in range(5)))
    assert sum(ours for _, ours in answers) == 1
    assert await command("redrive", at, *BY) == 0
    assert await command("redrive", at, *BY) == 0
    assert "đã áp dụng / applied (A, " in command.said
    assert len(await command.asked(at)) == 1
    assert await command.reader.count_of(50) == 1


async def test_record_dead_lettered_twice_is_one_letter(command: CommandLine) -> None:
    """The process died between publishing the dead letter and committing."""
    (at,) = await command.dead(60)
    dead = f"{command.reader.settings.namespace}.{NAME}.dead"
    (record,) = [
        r for r in await command.reader.dead() if ("dead_offset", at.rpartition("/")[2].encode()) in r.headers
    ]
    async with broker.dead_letter_producer(command.reader.settings.connection) as producer:
        await producer.send_and_wait(dead, record.value, key=record.key, headers=list(record.headers))
    command.mend()
    await command("list")
    assert command.said.count(f"• {at} ") == 1
    await command("redrive", *BY, "--subject", str(expiring(60).subscription_id))
    assert "asked for 1" in command.said
    assert await command.reader.count_of(60) == 1


async def test_what_was_handled_already_is_skipped_with_the_reason(command: CommandLine) -> None:
    """The effect was saved, then something after it failed: the dead letter's event
    already had its effect."""

    async def count_then_fail(event: SubscriptionExpiring, cause: Cause) -> None:
        await command.reader.count(event, cause)
        await command.refuse(event, cause)

    (at,) = await command.dead(70, handler=count_then_fail)
    assert await command.reader.count_of(70) == 1
    command.mend()
    assert await command("redrive", at, *BY) == 0
    assert f"✓ {at}#1: bỏ qua / skipped" in command.said
    assert "đã xử lý sự kiện này từ trước / had handled it before" in command.said
    assert (await command.asked(at))[0]["did"] == {f"counters/{expiring(70).subscription_id}": "handled"}
    assert await command.reader.count_of(70) == 1


async def test_letter_that_fails_again_says_so_and_can_be_redriven_once_more(command: CommandLine) -> None:
    (at,) = await command.dead(80)
    assert await command("redrive", at, *BY) == 1
    assert f"✗ {at}#1: lại hỏng / failed again" in command.said
    assert "ValueError in CommandLine.refuse" in command.said
    await command("list")
    assert f"    ✗ {at}#1: lại hỏng" in command.said
    command.mend()
    assert await command("redrive", at, *BY) == 0
    assert [kept["status"] for kept in await command.asked(at)] == ["failed", "applied"]
    assert await command.reader.count_of(80) == 1


async def test_record_that_nobody_can_read_fails_again_whole(command: CommandLine) -> None:
    poison = raw(expiring(81)).with_header("ce_id", b"\xc3\x28").with_header("x-null", None)
    (at,) = await command.dead(81, poison)
    (letter,) = [one for one in await command.letters() if one.position == at]
    assert (letter.key, letter.value, list(letter.headers)) == (poison.key, poison.value, poison.headers)
    assert await command("redrive", at, *BY) == 1
    assert "a CloudEvents header is not UTF-8" in command.said


async def test_letter_handed_over_is_the_record_as_it_was(command: CommandLine, settings: Settings) -> None:
    poison = raw(expiring(82)).with_header("ce_id", b"\xc3\x28").with_header("x-null", None)
    (at,) = await command.dead(82, poison)
    (letter,) = [one for one in await command.letters() if one.position == at]
    client = mongo.connect(settings.mongo.get_secret_value())
    apart = Redrives(client[settings.database("apart")]["redrives"])
    await apart.ask(letter, "A", "b", SystemClock().now())
    (handed,) = [handed async for _, handed in apart.pending()]
    client.close()
    assert (handed.key, handed.value, list(handed.headers)) == (poison.key, poison.value, poison.headers)


async def test_letter_that_comes_too_early_waits_and_holds_back_its_own_subscription_only(
    command: CommandLine,
) -> None:
    first = await command.dead(90, raw(expiring(90, 77)))
    later = await command.dead(90, raw(expiring(90, 77), sequence=2))
    other = await command.dead(91)
    ready, handled = asyncio.Event(), list[str]()

    async def wait(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.office_ref == "office-90" and not ready.is_set():
            raise NotYet("a contract that is signed")
        handled.append(event.office_ref)
        await command.reader.count(event, cause)

    command.reader.handler = wait
    assert await command("redrive", "--topic", "subscription", *BY, "--since", "1h", "--wait", "3") == 1
    assert f"… {first[0]}#1: đang chờ dịch vụ / waits for the service" in command.said
    assert "a contract that is signed" in command.said
    assert f"… {later[0]}#1: " in command.said
    assert f"✓ {other[0]}#1: đã áp dụng" in command.said
    ready.set()
    assert await command("redrive", "--subject", str(expiring(90).subscription_id), *BY) == 0
    assert await command.reader.count_of(90) == 2
    assert [kept["n"] for kept in await command.asked(first[0])] == [1]


async def test_redrive_of_what_never_comes_is_withdrawn(command: CommandLine) -> None:
    (at,) = await command.dead(95)
    never = True

    async def wait(event: SubscriptionExpiring, cause: Cause) -> None:
        if never:
            raise NotYet("a registration that nobody made")
        await command.reader.count(event, cause)

    command.reader.handler = wait
    assert await command("withdraw", at, *BY) == 1
    assert await command("redrive", at, *BY, "--wait", "1") == 1
    assert await command("withdraw", at, *BY) == 0
    assert f"✗ {at}#1: lại hỏng / failed again" in command.said
    assert "rút lại / withdrawn (Trần Văn An: sự cố 17 đã sửa)" in command.said
    assert "letter" not in (await command.asked(at))[0]
    never = False
    assert await command("redrive", at, *BY) == 0
    assert await command.reader.count_of(95) == 1


async def test_fault_that_passes_is_waited_for(command: CommandLine) -> None:
    (at,) = await command.dead(100)
    failures = 0

    async def busy(event: SubscriptionExpiring, cause: Cause) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise ExceptionGroup("tasks", [Transient("busy")])
        await command.reader.count(event, cause)

    command.reader.handler = busy
    assert await command("redrive", at, *BY) == 0
    assert (failures, await command.reader.count_of(100)) == (2, 1)


async def test_many_are_handed_over_in_the_order_of_their_source(command: CommandLine) -> None:
    records = [raw(expiring(110, 77), sequence=n) for n in range(1, 13)]
    await command.dead(110, *records)
    ids: list[str] = []

    async def note(event: SubscriptionExpiring, cause: Cause) -> None:
        ids.append(str(cause.message_id))

    command.reader.handler = note
    assert await command("redrive", "--subject", str(expiring(110).subscription_id), *BY) == 0
    assert ids == [dict(record.headers)["ce_id"].decode() for record in records]


async def test_dry_run_asks_for_nothing(command: CommandLine) -> None:
    (at,) = await command.dead(120)
    command.mend()
    assert await command("redrive", "--every", "--dry-run") == 0
    assert f"• {at} " in command.said
    assert "nothing was done" in command.said
    assert await command.asked(at) == []
    assert await command.reader.count_of(120) == 0


async def test_record_that_the_database_cannot_take_is_refused(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at,) = await command.dead(130)
    monkeypatch.setattr("shared.messaging.dead_letters.redrives.LARGEST", 100)
    assert await command("redrive", at, *BY) == 1
    assert "too large to be redriven" in command.said
    assert await command.asked(at) == []


async def test_service_without_dead_letters(command: CommandLine) -> None:
    assert await __main__.run(__main__.arguments(["signing", "list"])) == 0
    assert "0 dead letters" in command.capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("redrive",),
        ("redrive", *BY),
        ("redrive", "a/0/1", "--every", *BY),
        ("redrive", "a/0/1"),
        ("redrive", "a/0/1", "--by", "An", "--reason", "  "),
        ("redrive", "a/0", *BY),
        ("withdraw", "a/0/1"),
        ("withdraw", *BY),
        ("show",),
        ("list", "--since", "yesterday"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.arguments([NAME, *words])
    assert ended.value.code == 2


def test_place_and_since() -> None:
    assert place("t1.subscription.events/3/17") == "t1.subscription.events/3/17"
    with pytest.raises(argparse.ArgumentTypeError):
        place("events/3/-1")
    assert since("2026-11-25T03:00").isoformat() == "2026-11-25T03:00:00+00:00"
    assert since("2026-11-25T10:00+07:00") == since("2026-11-25T03:00")


@pytest.mark.parametrize(
    ("named", "away"),
    [
        ("GIAHAN_KAFKA", "127.0.0.1:1"),
        ("GIAHAN_MONGO", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"),
    ],
)
async def test_command_without_a_server_says_which(command: CommandLine, named: str, away: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.deadletters", NAME, "list"),
        env={**os.environ, named: away},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 2
    assert named in out.decode()
