"""A killed process is restarted and the restart is logged; a stopped process stays stopped."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.local.host.conditions import until
from deploy.local.host.process import BackgroundProcess
from deploy.local.stack.supervisor import StackSupervisor


def _start(process: BackgroundProcess) -> None:
    process.start([sys.executable, "-c", "import time; time.sleep(600)"], {}, tied=False)


def _until(holds: Callable[[], bool], what: str) -> None:
    until(holds, what, what, 30)


def test_killed_process_is_started_again_and_said(tmp_path: Path) -> None:
    killed, other = BackgroundProcess("killed", tmp_path), BackgroundProcess("other", tmp_path)
    said: list[str] = []
    for process in (killed, other):
        _start(process)
    keeping = threading.Thread(target=StackSupervisor((killed, other), _start, said.append).run)
    keeping.start()
    first, untouched = killed.pid, other.pid
    killed.kill()
    _until(lambda: killed.pid not in (None, first), "the killed one running again")
    assert said == ["✗ killed đã dừng, được khởi động lại / died and is started again"]
    assert other.pid == untouched
    for process in (killed, other):
        process.stop()
    keeping.join(timeout=30)
    assert not keeping.is_alive()
    assert killed.pid is None


def test_waiting_goes_on_while_something_moves(tmp_path: Path) -> None:
    """Far longer than the limit, which counts from the last progress."""
    process = BackgroundProcess("busy", tmp_path)
    _start(process)
    looks = 0

    def ready() -> bool:
        nonlocal looks
        looks += 1
        return looks > 30

    told: list[str] = []
    process.wait_until(ready, 0.2, progress=lambda: looks, waits_for=lambda: "its work", tell=told.append)
    process.stop()
    assert looks > 30
