"""A forked process is as independent as a started one; a fork server that cannot load its code says so."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.stack.fork_server import ForkServer

_CODE = """
import os, signal, sys
loaded_by = os.getpid()
def main():
    print(os.getpid() == os.getsid(0), os.getpid() != loaded_by, os.environ["WHO"], sys.stdin.read() == "")
    print(sys.argv, os.environ.get("GONE"), flush=True)
    signal.pause()
"""


@pytest.fixture
def fork_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    """A fork server for one part, `sample_part`."""
    (tmp_path / "sample_part.py").write_text(_CODE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = ForkServer(["sample_part"], tmp_path / "fork_server.log")
    yield made
    made.close()


def _wait_for(*logs: Path) -> None:
    """Wait until each log has both lines."""
    until(lambda: all(log.exists() and log.read_text().count("\n") == 2 for log in logs), "nhật ký", "logs")


def _ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_forked_process_has_its_own_session_environment_and_log(
    fork_server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONE", "yes")
    fork_server.load()
    monkeypatch.delenv("GONE")
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    for log in logs:
        fork_server.fork("sample_part", {"WHO": log.stem}, log, tied=True)
    _wait_for(*logs)
    for log in logs:
        assert log.read_text() == f"True True {log.stem} True\n['sample_part'] None\n"


def test_tied_process_ends_with_the_fork_server_and_another_lives_on(
    fork_server: ForkServer, tmp_path: Path
) -> None:
    tied = fork_server.fork("sample_part", {"WHO": "tied"}, tmp_path / "tied.log", tied=True)
    free = fork_server.fork("sample_part", {"WHO": "free"}, tmp_path / "free.log", tied=False)
    _wait_for(tmp_path / "tied.log", tmp_path / "free.log")
    fork_server.close()
    until(lambda: _ended(tied), "tiến trình đã dừng", "the tied process has ended")
    assert not _ended(free)
    os.kill(free, 15)


def test_code_that_cannot_be_loaded_is_told_with_its_reason(fork_server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "sample_part.py").write_text("import no_such_library")
    with pytest.raises(StackProblem, match="no_such_library"):
        fork_server.fork("sample_part", {}, tmp_path / "broken.log", tied=True)
