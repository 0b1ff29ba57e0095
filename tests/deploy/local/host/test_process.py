"""Later commands find a background process again, and never mistake another process for it."""

import json
import os
import sys
from pathlib import Path

import pytest

from deploy.local.host.problem import StackProblem
from deploy.local.host.process import BackgroundProcess

SLEEPER = [sys.executable, "-c", "print('up', flush=True); import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()",
]


def started(directory: Path, command: list[str] = SLEEPER) -> BackgroundProcess:
    process = BackgroundProcess("sleeper", directory)
    process.start(command, {}, tied=True)
    process.wait_until(lambda: "up" in process.log.read_text(), 10)
    return process


def test_another_command_finds_and_stops_it(tmp_path: Path) -> None:
    first = started(tmp_path)
    later = BackgroundProcess("sleeper", tmp_path)
    assert later.pid == first.pid
    assert later.stop()
    assert not first.stop(), "there is nothing left to stop"


def test_a_reused_pid_is_not_ours(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    (pids / "sleeper.pid").write_text(json.dumps({"pid": os.getpid(), "birth": "1"}))
    stale = BackgroundProcess("sleeper", tmp_path)
    assert stale.pid is None
    assert not stale.stop()


@pytest.mark.parametrize("content", ["", "{", "[]", "17", '{"pid": "x", "birth": null}'])
def test_a_broken_pid_file_is_no_process(tmp_path: Path, content: str) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    (pids / "sleeper.pid").write_text(content)
    assert BackgroundProcess("sleeper", tmp_path).pid is None


def test_one_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    process = started(tmp_path, STUBBORN)
    assert process.stop(grace_s=0.2)
    assert process.pid is None


def test_a_death_while_starting_is_told_with_the_logs_last_words(tmp_path: Path) -> None:
    process = BackgroundProcess("broken", tmp_path)
    traceback = json.dumps({"event": "start.failed", "exception": "Traceback:\n  here\nKeyError: 'port'"})
    process.start([sys.executable, "-c", f"print({traceback!r}); raise SystemExit(3)"], {}, tied=True)
    with pytest.raises(StackProblem) as told:
        process.wait_until(lambda: False, 10)
    assert told.value.detail == "start.failed: KeyError: 'port'"
    assert "đã dừng" in told.value.vi
    assert "Traceback" not in str(told.value)


def test_taking_too_long_is_told(tmp_path: Path) -> None:
    process = started(tmp_path)
    with pytest.raises(StackProblem, match="isn't ready"):
        process.wait_until(lambda: False, 0.1)
    process.stop()


def test_the_log_before_is_kept(tmp_path: Path) -> None:
    started(tmp_path).stop()
    started(tmp_path).stop()
    assert (tmp_path / "logs" / "sleeper.log.1").read_text() == "up\n"
