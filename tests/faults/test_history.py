"""A history is read back as it was written, and an unreadable one is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.faults import sample_history
from tests.faults.checker import check_file
from tests.faults.history import HistoryRecorder, InjectedFault, of, read


def _written(file: Path) -> Path:
    history = HistoryRecorder(file)
    history.record(*sample_history.SOUND)
    history.close()
    return file


def test_every_kind_of_line_comes_back(tmp_path: Path) -> None:
    assert read(_written(tmp_path / "a" / "history.jsonl")) == sample_history.SOUND


def test_checker_reads_the_file_alone(tmp_path: Path) -> None:
    file = _written(tmp_path / "history.jsonl")
    assert check_file(file) == []
    text = file.read_text()
    file.write_text(text.replace('"kind":"healed","open":[]', '"kind":"healed","open":["lag"]'))
    assert [violation.what for violation in check_file(file)] == ["lag"]


@pytest.mark.parametrize("line", ["{", '{"kind":"hearsay"}', '{"kind":"healed","closed":[]}', "[]"])
def test_line_that_says_nothing_is_refused(tmp_path: Path, line: str) -> None:
    file = _written(tmp_path / "history.jsonl")
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(ValidationError):
        read(file)


def test_line_is_out_before_the_next_thing_happens(tmp_path: Path) -> None:
    history = HistoryRecorder(tmp_path / "history.jsonl")
    history.record(InjectedFault(name="killed"))
    assert [fault.name for fault in of(InjectedFault, read(history.file))] == ["killed"]
    history.close()
