"""The audit check names every change that was made without the store."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from deploy.audit.__main__ import finding_line, summary
from deploy.audit.verification import verify
from shared.audit import entries
from shared.audit.entries import AuditFinding, FindingKind, Head
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.mongo import Database
from tests.support.audited_service import archive_of, change_times, run_audited_service
from tests.support.clock import FixedClock
from tests.support.counter import DAY, Counter, increment

Harm = Callable[[Database], Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def source(settings: Settings) -> AsyncIterator[Service]:
    """Three days of changes to three counters: days with a root, archived entries, and some entries still in
    the documents."""
    async with run_audited_service(settings) as (service, store, clock):
        archive = archive_of(service)
        for day in range(3):
            clock.move_to(DAY + timedelta(days=day))
            for id in ("a", "b", "c"):
                await change_times(store, id, 1)
            await archive.move()
            await archive.roots.close()
        await change_times(store, "a", 1)
        yield service


async def _faults(database: Database) -> set[tuple[FindingKind, str]]:
    return {(fault.kind, fault.where) for fault in (await verify(database)).faults}


async def test_unharmed_audit_passes_and_is_counted(source: Service) -> None:
    found = await verify(source.database)
    assert found.faults == []
    assert (found.documents, found.entries, found.roots) == (3, 10, 2)
    assert found.last
    assert found.last.root in summary(found)


async def test_nothing_there_yet_passes(source: Service) -> None:
    found = await verify(source.client[f"{source.settings.namespace}_none"])
    assert (found.faults, found.documents, found.last) == ([], 0, None)


async def test_entries_in_both_places_pass(source: Service) -> None:
    """The archive died between insert and removal."""
    document = await source.database["counters"].find_one({"_id": "a"})
    assert document
    await archive_of(source).insert(document["trail"])
    found = await verify(source.database)
    assert (found.faults, found.entries) == ([], 10)


async def _rewritten(database: Database, through: int) -> None:
    """Change the second entry of `b` and compute all later hashes again, as an expert attacker would."""
    head, rows = Head(), await database["audit"].find({"aggregate": "counters/b"}).sort("n", 1).to_list(None)
    for row in rows:
        content = {key: value for key, value in row.items() if key not in ("_id", "hash")}
        content["previous"] = head.hash
        if row["n"] == 2:
            content["reason"] = "lý do khác"
        head = Head(row["n"], entries.digest(content))
        await database["audit"].replace_one({"_id": row["_id"]}, {**content, "hash": head.hash})
        if row["n"] == through:
            break
    if through == 3:
        noted = {"head": head.hash, "n": head.n}
        await database["counters"].update_one({"_id": "b"}, {"$set": {"audit": noted}})


def _set(collection: str, query: dict[str, Any], **fields: Any) -> Harm:
    async def harm(database: Database) -> None:
        names = {name.replace("__", "."): value for name, value in fields.items()}
        changed = await database[collection].update_one(query, {"$set": names})
        assert changed.modified_count == 1

    return harm


def _removed(collection: str, query: dict[str, Any]) -> Harm:
    async def harm(database: Database) -> None:
        assert (await database[collection].delete_many(query)).deleted_count >= 1

    return harm


async def _whole_chain(database: Database) -> None:
    await _removed("counters", {"_id": "c"})(database)
    await _removed("audit", {"aggregate": "counters/c"})(database)


async def _put_in(database: Database) -> None:
    await database["counters"].insert_one(
        {"_id": "x", "version": 1, "sequence": 0, "handled": [], "count": 1}
    )


B2 = {"aggregate": "counters/b", "n": 2}
FIRST, LAST = "2026-11-25", "2026-11-26"


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (_set("audit", B2, reason="lý do khác"), {(FindingKind.CHANGED, "counters/b#2")}),
        (_set("audit", B2, after__count=9), {(FindingKind.CHANGED, "counters/b#2")}),
        (_set("audit", B2, at=DAY), {(FindingKind.CHANGED, "counters/b#2")}),
        (_set("audit", B2, more=1), {(FindingKind.CHANGED, "counters/b#2")}),
        (_set("counters", {"_id": "a"}, trail__0__actor="person:x"), {(FindingKind.CHANGED, "counters/a#4")}),
        (
            _removed("audit", B2),
            {
                (FindingKind.MISSING, "counters/b#2"),
                (FindingKind.LOST, "audit/5"),
                (FindingKind.ROOT, f"audit_roots/{LAST}"),
            },
        ),
        (_set("counters", {"_id": "a"}, trail=[]), {(FindingKind.MISSING, "counters/a#4")}),
        (_set("counters", {"_id": "b"}, count=9), {(FindingKind.STATE, "counters/b.count")}),
        (_set("counters", {"_id": "b"}, audit__head="0" * 64), {(FindingKind.HEAD, "counters/b")}),
        (_set("counters", {"_id": "b"}, audit__n=2), {(FindingKind.HEAD, "counters/b")}),
        (_set("counters", {"_id": "b"}, audit=None), {(FindingKind.UNAUDITED, "counters/b")}),
        (_removed("counters", {"_id": "b"}), {(FindingKind.GONE, "counters/b")}),
        (_put_in, {(FindingKind.UNAUDITED, "counters/x")}),
        (
            partial(_rewritten, through=2),
            {(FindingKind.UNLINKED, "counters/b#3"), (FindingKind.ROOT, f"audit_roots/{LAST}")},
        ),
        (partial(_rewritten, through=3), {(FindingKind.ROOT, f"audit_roots/{LAST}")}),
        (
            _whole_chain,
            {(FindingKind.LOST, f"audit/{n}") for n in (3, 6)}
            | {(FindingKind.ROOT, f"audit_roots/{day}") for day in (FIRST, LAST)},
        ),
        (_set("audit_roots", {"_id": FIRST}, root="0" * 64), {(FindingKind.ROOT, f"audit_roots/{FIRST}")}),
        (_set("audit_roots", {"_id": LAST}, previous="0" * 64), {(FindingKind.ROOT, f"audit_roots/{LAST}")}),
        (_set("audit_roots", {"_id": FIRST}, count=2), {(FindingKind.ROOT, f"audit_roots/{FIRST}")}),
        (_set("audit_roots", {"_id": FIRST}, last="x"), {(FindingKind.ROOT, f"audit_roots/{FIRST}")}),
        (_removed("audit_roots", {"_id": FIRST}), {(FindingKind.ROOT, f"audit_roots/{LAST}")}),
        (
            _set("audit", {"_id": 9}, aggregate="counters"),
            {(FindingKind.GONE, "counters"), (FindingKind.MISSING, "counters/c#3")},
        ),
        (
            _set("audit", {"_id": 9}, aggregate="other/c"),
            {(FindingKind.GONE, "other/c"), (FindingKind.MISSING, "counters/c#3")},
        ),
    ],
)
async def test_what_was_done_behind_the_stores_back_is_named(
    source: Service, harm: Harm, named: set[tuple[FindingKind, str]]
) -> None:
    await harm(source.database)
    assert named == await _faults(source.database)


async def test_one_harm_names_one_row(source: Service) -> None:
    await _set("audit", B2, reason="lý do khác")(source.database)
    assert await _faults(source.database) == {(FindingKind.CHANGED, "counters/b#2")}


async def test_day_between_others_without_a_root_is_named(source: Service) -> None:
    clock = source.clock
    assert isinstance(clock, FixedClock)
    clock.move_to(DAY + timedelta(days=4))
    roots = archive_of(source).roots
    while await roots.close():
        pass
    await _removed("audit_roots", {"_id": {"$in": ["2026-11-26", "2026-11-27"]}})(source.database)
    assert (FindingKind.NO_ROOT, "audit_roots/2026-11-26..2026-11-27") in await _faults(source.database)


async def test_collection_whose_index_was_dropped_is_checked_all_the_same(source: Service) -> None:
    await source.database["counters"].drop_index("trail")
    await _set("counters", {"_id": "b"}, count=9)(source.database)
    assert (FindingKind.STATE, "counters/b.count") in await _faults(source.database)


async def test_check_beside_a_service_at_work_finds_nothing(source: Service) -> None:
    store = source.store("counters", Counter, audited=True)
    archive = archive_of(source)

    async def work() -> None:
        for number in range(40):
            await store.change(str(number % 5), increment, Cause.command())
            await archive.move()

    working = asyncio.create_task(work())
    while not working.done():
        assert (await verify(source.database)).faults == []
    await working


def _run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    named = {"GIAHAN_MONGO": settings.mongo.get_secret_value(), "GIAHAN_NAMESPACE": settings.namespace}
    command = [sys.executable, "-m", "deploy.audit", *arguments]
    return subprocess.run(command, env={**os.environ, **named}, capture_output=True, text=True)


async def test_command_says_what_it_found(source: Service) -> None:
    clean = _run(source.settings, "subscription")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "3 documents, 10 entries, 2 roots" in clean.stdout
    await _set("audit", B2, reason="lý do khác")(source.database)
    harmed = _run(source.settings, "subscription")
    assert harmed.returncode == 1
    assert harmed.stdout == "✗ counters/b#2: bản ghi đã bị sửa / the entry was changed\n"


async def test_command_without_a_database_says_so(settings: Settings) -> None:
    away = settings.model_copy(
        update={"mongo": SecretStr("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")}
    )
    answer = _run(away, "subscription")
    assert answer.returncode == 2
    assert "GIAHAN_MONGO" in answer.stdout


@pytest.mark.parametrize("kind", FindingKind)
def test_every_fault_has_its_words(kind: FindingKind) -> None:
    assert " / " in finding_line(AuditFinding(kind, "counters/a"))
