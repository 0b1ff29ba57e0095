"""The bootstrap says in one sentence what a machine lacks, before it changes anything there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone's files that the bootstrap reads, and a folder of commands that go first."""
    for file in (
        "deploy/local/bootstrap",
        "deploy/local/servers/kafka-pom.xml",
        "deploy/local/servers/kafka-jars.sha256",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "dev.txt").touch()
    (tmp_path / "bin").mkdir()
    return tmp_path


def command(checkout: Path, name: str, script: str) -> None:
    file = checkout / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def bootstrap(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{checkout}/bin:{os.environ['PATH']}"}
    command = [str(checkout / "deploy/local/bootstrap"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_an_old_python_is_told(checkout: Path) -> None:
    command(checkout, "python3", '[ "$1" = -V ] && echo Python 3.9.2 || exit 1')
    said = bootstrap(checkout)
    assert said.returncode == 1
    assert "Cần Python 3.11 trở lên, máy này có Python 3.9.2." in said.stderr
    assert not (checkout / ".venv").exists()


def test_a_full_disk_is_told(checkout: Path) -> None:
    command(checkout, "df", "echo head; echo dev 1000 990 10 99% /")
    said = bootstrap(checkout)
    assert said.returncode == 1
    assert "Only 10 MB of disk are free" in said.stderr


def test_what_is_missing_is_listed_with_its_purpose_before_root_is_asked_for(checkout: Path) -> None:
    command(checkout, "ldconfig", "true")
    command(checkout, "id", "echo 1000")
    command(checkout, "sudo", "exit 1")
    said = bootstrap(checkout)
    assert said.returncode == 1
    assert "libpango-1.0-0: dàn trang PDF / lays out PDFs" in said.stdout
    assert "Root or sudo is needed" in said.stderr
    assert "Traceback" not in said.stderr


def test_only_the_tests_need_the_window_of_the_signing_tool(checkout: Path) -> None:
    real = sys.executable
    command(checkout, "python3", f'case "$*" in *_tkinter*) exit 1 ;; esac; exec {real} "$@"')
    command(checkout, "ldconfig", "true")
    command(checkout, "id", "echo 1000")
    command(checkout, "sudo", "exit 1")
    assert "python3-tk: cửa sổ của công cụ ký số" in bootstrap(checkout, "browser").stdout
    assert "python3-tk" not in bootstrap(checkout, "demo").stdout + bootstrap(checkout).stdout


def test_the_demo_needs_a_browser_and_the_stack_alone_does_not(checkout: Path) -> None:
    command(checkout, "ldconfig", "true")
    command(checkout, "id", "echo 1000")
    command(checkout, "sudo", "exit 1")
    assert "libatomic1: điều khiển trình duyệt" in bootstrap(checkout, "demo").stdout
    assert "libatomic1" not in bootstrap(checkout).stdout


def test_a_failed_installation_is_told_with_the_logs_last_words(checkout: Path) -> None:
    command(checkout, "ldconfig", "true")
    command(checkout, "id", "echo 0")
    command(checkout, "dpkg", "true")
    command(checkout, "apt-get", "echo E: no route to the mirror; exit 100")
    said = bootstrap(checkout)
    assert said.returncode == 1
    assert "Debian's package lists can't be fetched" in said.stderr
    assert "E: no route to the mirror" in said.stderr
