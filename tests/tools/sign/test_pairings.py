"""The list of allowed sites in its file."""

import stat
from pathlib import Path

import pytest

from tools.sign.pairings import Pairings

SITE, OTHER = "https://giahan.example.vn", "https://other.example.vn"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "origins.json"


def test_a_site_is_remembered_by_the_next_start(file: Path) -> None:
    Pairings(file).add(SITE)
    assert Pairings(file).has(SITE)
    assert not Pairings(file).has(OTHER)


def test_the_file_is_the_persons_alone_and_nothing_else_is_left(file: Path) -> None:
    Pairings(file).add(SITE)
    Pairings(file).add(OTHER)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_a_forgotten_site_is_forgotten_while_the_tool_runs(file: Path) -> None:
    running = Pairings(file)
    running.add(SITE)
    running.add(OTHER)
    assert Pairings(file).forget(SITE)
    assert running.stored() == [OTHER]
    assert not Pairings(file).forget(SITE)


def test_a_preset_site_needs_no_file(file: Path) -> None:
    assert Pairings(file, [SITE]).has(SITE)
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "{", '{"origins": ["nonsense"]}', '{"origins": 1}'])
def test_a_damaged_file_allows_nobody_and_is_written_anew(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    pairings = Pairings(file)
    assert pairings.stored() == []
    pairings.add(SITE)
    assert pairings.stored() == [SITE]


def test_a_write_that_fails_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Pairings(file).add(SITE)

    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        Pairings(file).add(OTHER)
    assert Pairings(file).stored() == [SITE]
    assert list(file.parent.iterdir()) == [file]
