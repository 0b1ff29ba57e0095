"""The command line: a second start, the list of sites, settings that are wrong."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.sign.conftest import Office
from tests.tools.sign.tool_process import ROOT, run_tool
from tools.sign.main import main
from tools.sign.pairings import Pairings

SITE = "https://giahan.example.vn"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIAHAN_SIGN_FOLDER", str(tmp_path))
    return tmp_path


def test_a_second_start_says_that_the_tool_runs_and_a_held_port_is_passed_over(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        monkeypatch.setenv("GIAHAN_SIGN_PORTS", f"[{port}]")
        assert main([]) == 1
        assert f"Other programs hold the ports {port}" in capsys.readouterr().err
        with run_tool(office, folder, port) as tool:
            monkeypatch.setenv("GIAHAN_SIGN_PORTS", f"[{port}, {tool.port}]")
            assert main([]) == 0
    said = capsys.readouterr().out
    assert f"đã chạy sẵn (cổng {tool.port})" in said
    assert f"running already (port {tool.port})" in said


def test_sites_are_listed_and_forgotten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "No site is allowed yet." in capsys.readouterr().out
    Pairings(folder / "origins.json").add(SITE)
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == f"{SITE}\n"
    assert main(["--forget", SITE]) == 0
    assert main(["--forget", SITE]) == 2
    assert main(["--list"]) == 0
    assert SITE not in capsys.readouterr().out.splitlines()


def test_a_site_of_the_settings_is_listed_and_cannot_be_forgotten(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIAHAN_SIGN_ORIGINS", f'["{SITE}"]')
    assert main(["--list"]) == 0
    assert main(["--forget", SITE]) == 2
    said = capsys.readouterr()
    assert said.out == f"{SITE}\n"
    assert "change them instead" in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGINS", '["http://giahan.example.vn"]'),
        ("ORIGINS", "nonsense"),
        ("ANSWER_SECONDS", "0"),
        ("PORTS", "[]"),
        ("ASK", "loudly"),
    ],
)
def test_settings_that_cannot_be_used_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"GIAHAN_SIGN_{name}", value)
    assert main(["--list"]) == 2
    assert name.lower() in capsys.readouterr().err.lower()


def test_the_persons_file_counts_after_the_environment(office: Office, tmp_path: Path) -> None:
    """Read by a new process: the folder is the system's own for settings."""
    config = tmp_path / "giahan-sign"
    config.mkdir()
    (config / "settings.toml").write_text(f'origins = ["{SITE}"]\nanswer_seconds = 5\n')
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIAHAN_SIGN_")}
    env |= {"XDG_CONFIG_HOME": str(tmp_path), "GIAHAN_SIGN_ANSWER_SECONDS": "7"}
    code = (
        "from tools.sign.settings import SignToolSettings as S; s = S(); print(s.origins, s.answer_seconds)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert said.stdout == f"('{SITE}',) 7.0\n", said.stderr
