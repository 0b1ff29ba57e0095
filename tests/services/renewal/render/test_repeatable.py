"""The same content gives the same bytes, whatever the machine's clock, time zone, language or user."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
HERE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def test_bytes_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    machines = [
        (0, {"TZ": "UTC", "LANG": "C.UTF-8", "HOME": str(tmp_path / "a"), "PYTHONHASHSEED": "1"}),
        (400, {"TZ": "Asia/Ho_Chi_Minh", "LANG": "vi_VN.UTF-8", "LC_ALL": "vi_VN.UTF-8"}),
        (
            -3000.5,
            {
                "TZ": "America/St_Johns",
                "LANG": "tr_TR.UTF-8",
                "SOURCE_DATE_EPOCH": "1",
                "PYTHONHASHSEED": "7",
            },
        ),
    ]
    said = {_drawn(days, tmp_path, machine) for days, machine in machines}
    assert len(said) == 1
    assert len(said.pop().split()) == 2


def _drawn(days: float, folder: Path, machine: dict[str, str]) -> str:
    command = [sys.executable, "-m", "tests.services.renewal.render.drawing_elsewhere", str(days)]
    environment = HERE | {"HOME": str(folder)} | machine
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
