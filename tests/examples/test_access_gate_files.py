"""Answers survive a restart; a damaged file counts as no answer."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from docs.examples.access_gate import KEEP
from tests.examples.product import (
    CLOSED,
    OPEN,
    SECOND,
    Gate,
    Product,
    entry,
    etag_of,
    gate_answer,
    unreachable,
)


async def test_restart_keeps_answer_and_etag(tmp_path: Path) -> None:
    gate = Gate(CLOSED)
    assert not await Product(gate, tmp_path / "kept").let_in()
    gate.fail_with(unreachable)
    again = Product(gate, tmp_path / "kept")
    again.later(timedelta(days=1))
    assert not await again.let_in()
    gate.failing = False
    again.later(timedelta(days=1))
    assert not await again.let_in()
    assert gate.requests[-1].headers["if-none-match"] == etag_of(CLOSED)
    gate.fail_with(unreachable)
    third = Product(gate, tmp_path / "kept")
    third.later(timedelta(days=2) + KEEP)
    assert not await third.let_in()
    third.later(SECOND)
    assert await third.let_in()


def damage(folder: Path, content: bytes) -> None:
    (file,) = folder.iterdir()
    file.write_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"\xff",
        b"[" * 200_000,
        b'[{}, "", "2026-12-31T00:00:00+00:00"]',
        json.dumps([CLOSED, "", "2026-12-31T00:00:00"]).encode(),
        json.dumps([gate_answer(entry([]), office="other"), "", "2026-12-31T00:00:00Z"]).encode(),
    ],
    ids=["empty", "half", "null", "not_utf8", "too_deep", "no_answer", "no_zone", "other_office"],
)
async def test_damaged_file_is_no_answer_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    gate = Gate(CLOSED)
    assert not await Product(gate, tmp_path).let_in()
    damage(tmp_path, content)
    gate.fail_with(unreachable)
    assert await Product(gate, tmp_path).let_in()
    gate.failing = False
    assert not await Product(gate, tmp_path).let_in()
    gate.fail_with(unreachable)
    assert not await Product(gate, tmp_path).let_in()


async def test_kept_etag_that_is_none_is_survived(tmp_path: Path) -> None:
    gate = Gate(CLOSED)
    before = Product(gate, tmp_path)
    assert not await before.let_in()
    damage(tmp_path, json.dumps([CLOSED, 5, before.clock.now().isoformat()]).encode())
    gate.answer = OPEN
    after = Product(gate, tmp_path)
    after.later(timedelta(hours=1))
    assert await after.let_in()


async def test_folder_that_cant_be_written_costs_only_the_restart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    gate = Gate(CLOSED)
    product = Product(gate, tmp_path / "file" / "kept")
    assert not await product.let_in()
    gate.fail_with(unreachable)
    product.later(timedelta(days=1))
    assert not await product.let_in()


async def test_death_while_writing_leaves_the_old_answer_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(CLOSED)
    assert not await Product(gate, tmp_path).let_in()
    gate.answer = OPEN

    def dies(file: Path, *_: Any) -> None:
        with file.open("w") as half:
            half.write("[{")
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", dies)
        dying = Product(gate, tmp_path)
        dying.later(timedelta(hours=1))
        assert await dying.let_in()
    gate.fail_with(unreachable)
    assert not await Product(gate, tmp_path).let_in()
