"""Python environments of programs that are no part of ours, or whose packages don't go with ours."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def interpreter(group: str, what: str) -> Path:
    """The interpreter of the environment `.run/GROUP-venv`. Installs the environment first if it differs from
    `locks/GROUP.txt`, and prints `what` it installs."""
    lock, home = _ROOT / "locks" / f"{group}.txt", _ROOT / ".run" / f"{group}-venv"
    python, stamp = home / "bin" / "python", home / "installed.txt"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        print(f"  installing {what} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
        stamp.write_text(lock.read_text())
    return python
