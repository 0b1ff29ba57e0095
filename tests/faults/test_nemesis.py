"""The nemesis knows every fault, and the seed alone decides what it does."""

import inspect
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from tests.faults import kafka_faults, mail_faults, message_faults, mongo_faults, service_faults
from tests.faults.nemesis import FAULTS, choices
from tests.faults.world import World

_MODULES = (kafka_faults, mongo_faults, service_faults, message_faults, mail_faults)


def _world(small: Any) -> World:
    return cast("World", SimpleNamespace(cluster=SimpleNamespace(small=small)))


def _first(seed: int, count: int, small: Any = "there") -> list[str]:
    made = choices(_world(small), Random(seed))
    return [next(made).__name__ for _ in range(count)]


def test_every_fault_is_among_its_choices() -> None:
    written = {
        function
        for module in _MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and hasattr(function, "__wrapped__") and name[0] != "_"
    }
    assert written == set(FAULTS)


def test_each_happens_once_before_one_happens_again() -> None:
    for round in (_first(1, 2 * len(FAULTS))[: len(FAULTS)], _first(1, 2 * len(FAULTS))[len(FAULTS) :]):
        assert sorted(round) == sorted(fault.__name__ for fault in FAULTS)


def test_the_same_seed_chooses_the_same() -> None:
    assert _first(3, 50) == _first(3, 50)
    assert _first(3, 50) != _first(4, 50)


def test_without_a_small_disk_none_gets_full() -> None:
    assert "disk_full" not in _first(1, 100, small=None)
