"""Every boundary has a crash point, every crash point has its boundary, and the finder really finds calls."""

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.boundaries import Boundary, in_project, in_source
from tests.faults.crash_points import BY_NAME, POINTS
from tests.faults.driver_patch import owner_of
from tests.faults.drivers import DRIVERS, METHODS, OURS


def test_every_boundary_in_the_source_has_a_name() -> None:
    unnamed = set(in_project()) - {point.boundary for point in POINTS}
    assert not unnamed, "give each a name in tests/faults/crash_points.py"


def test_every_name_has_its_boundary_in_the_source() -> None:
    gone = {point.boundary for point in POINTS} - set(in_project())
    assert not gone, "these calls are no longer there"


def test_names_and_boundaries_are_unique() -> None:
    twice = [boundary for boundary, count in Counter(in_project()).items() if count > 1]
    assert not twice, "one function, the same method twice: the two can't be told apart"
    assert len(BY_NAME) == len(POINTS)


def test_every_driver_has_the_methods_that_are_patched() -> None:
    missing = [
        f"{driver.owner}.{method}"
        for driver in DRIVERS
        for method in driver.methods
        if not callable(getattr(owner_of(driver), method, None))
    ]
    assert not missing


def test_only_ambiguous_names_have_receivers_that_do_not_count() -> None:
    assert OURS.keys() <= METHODS


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("await self.collection.insert_one({})", "insert_one"),
        ("return await within(5, self._kafka.commit(offsets))", "commit"),
        ("sending = producer.send_and_wait(topic)", "send_and_wait"),
        ("tasks.create_task(rows[0].delete_many({}))", "delete_many"),
        ("await self.of(part).update_one({}, {})", "update_one"),
        ("await self._workers.run(render, job)", "run"),
        ("await gather(*(place.bulk_write(w) for w in writes))", "bulk_write"),
        ("await self._retried(lambda: self._rows.replace_one(key, row))", "replace_one"),
    ],
)
def test_a_new_call_is_found_in_whatever_form(line: str, method: str) -> None:
    text = f"class Keeper:\n    async def keep(self):\n        {line}\n"
    assert list(in_source("shared.new", text)) == [Boundary("shared.new", "Keeper.keep", method)]


def test_a_call_in_a_nested_function_is_named_as_python_names_it() -> None:
    text = "def outer():\n    async def inner():\n        await x.delete_one({})\n    return inner\n"
    (found,) = in_source("shared.new", text)
    assert found.function == "outer.<locals>.inner"


@pytest.mark.parametrize(
    "line", ["queue.put(record)", "await self.collection.find_one({})", "asyncio.run(main())"]
)
def test_reads_and_our_own_classes_are_no_boundaries(line: str) -> None:
    assert not list(in_source("shared.new", f"async def f():\n    {line}\n"))


def test_an_unnamed_boundary_of_a_project_is_found(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "shared" / "deep").mkdir(parents=True)
    (tmp_path / "shared" / "deep" / "new.py").write_text("async def f(c):\n    await c.drop()\n")
    assert list(in_project(tmp_path)) == [Boundary("shared.deep.new", "f", "drop")]
