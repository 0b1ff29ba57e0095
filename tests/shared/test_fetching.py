"""Every record that the library hands over is given out, at once, whatever its next call does."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError, UnsupportedCodecError

from shared import fetching
from shared.fetching import Intake

ONE, TWO = TopicPartition("t", 1), TopicPartition("t", 2)
Answer = dict[TopicPartition, list[str]] | Exception


class Library:
    """Answers `getmany` as scripted."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: Iterator[Answer] = iter(answers)
        self.asked: list[tuple[TopicPartition, ...]] = []

    async def getmany(self, *partitions: TopicPartition, **_: Any) -> dict[TopicPartition, list[str]]:
        self.asked.append(partitions)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def _taken(library: Library, times: int) -> list[tuple[str, ...]]:
    intake = Intake(100)
    return [await intake.take(library) for _ in range(times)]


async def test_one_record_then_the_rest_of_its_partition() -> None:
    library = Library({ONE: ["a"]}, {ONE: ["b", "c"]}, {TWO: ["x"]}, {}, {})
    assert await _taken(library, 4) == [("a",), ("b", "c"), ("x",), ()]
    assert library.asked == [(), (ONE,), (), (TWO,), ()]


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"\xc3(", 0, 1, "bad"), UnsupportedCodecError("zstd")]
)
async def test_unreadable_record_of_one_partition_takes_nothing_from_another(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_FAULT_SECONDS", 0)
    library = Library({ONE: ["a"]}, error, {ONE: ["b"]}, {ONE: ["c"]}, error, {TWO: ["x"]})
    assert await _taken(library, 6) == [("a",), (), ("b",), ("c",), (), ("x",)]


async def test_partition_that_went_to_another_member_is_not_asked_for_ever() -> None:
    library = Library({ONE: ["a"]}, {}, {TWO: ["x"]})
    assert await _taken(library, 2) == [("a",), ("x",)]


async def test_end_of_the_consumer_is_passed_on() -> None:
    with pytest.raises(ConsumerStoppedError):
        await _taken(Library(ConsumerStoppedError()), 1)
