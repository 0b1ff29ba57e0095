"""The stack says clearly why it cannot start, and stops what it had started."""

import os
import shutil
import socket
from collections import namedtuple
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from deploy.local.host.ports import DEFAULT_BASE, HOST, Ports, free_port
from deploy.local.host.problem import StackProblem
from deploy.local.stack import doctor
from deploy.local.stack.stack import Stack

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path, Ports.free(), tied=True)


def silent(piece: str) -> None:
    """Drop the text."""


def test_a_taken_port_is_told_before_anything_starts(stack: Stack) -> None:
    with (
        socket.create_server((HOST, stack.ports.signing)),
        pytest.raises(StackProblem, match=rf"port {stack.ports.signing} \(signing\)"),
    ):
        stack.start(silent)
    assert not any(process.pid for process in stack.processes)


def test_a_full_disk_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 1 << 40, 20 << 20))
    with pytest.raises(StackProblem, match="only 20 MB of disk are free"):
        stack.start(silent)


def test_a_second_command_at_the_same_time_is_told(stack: Stack) -> None:
    with (stack.directory / "stack.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        with pytest.raises(StackProblem, match="another command"):
            stack.start(silent)


def test_existing_servers_that_do_not_answer_are_told(tmp_path: Path) -> None:
    nowhere = f"{HOST}:{free_port()}"
    with pytest.raises(StackProblem, match="GIAHAN_KAFKA"):
        Stack(tmp_path, Ports.free(), kafka=nowhere, mongo=f"mongodb://{nowhere}").start(silent)


def test_existing_servers_are_not_started_or_stopped(tmp_path: Path, kafka: str, mongo_uri: str) -> None:
    stack = Stack(tmp_path, Ports.free(), kafka=kafka, mongo=mongo_uri)
    assert {process.name for process in stack.processes} == {
        "pages", "subscription", "renewal", "signing", "notifier", "platform"
    }  # fmt: skip
    assert stack.stop() == []


def test_a_database_password_is_never_told(tmp_path: Path, kafka: str) -> None:
    secret = f"mongodb://someone:hush@{HOST}:{free_port()}/?replicaSet=x"
    with pytest.raises(StackProblem) as told:
        Stack(tmp_path, Ports.free(), kafka=kafka, mongo=secret).start(silent)
    assert "hush" not in str(told.value)


def test_the_doctor_names_who_holds_a_port(stack: Stack) -> None:
    with socket.create_server((HOST, stack.ports.smtp)):
        said = [finding for finding in doctor.findings(stack) if not (finding.ok or finding.optional)]
    assert [(f.what, f"pid {os.getpid()}" in f.detail) for f in said] == [
        (f"cổng / port {stack.ports.smtp}", True)
    ]


def test_the_doctor_names_what_only_the_signing_tool_and_the_judges_need(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = shutil.which
    lacks = ("softhsm2-util", "objdump", "pkcs11-tool")
    monkeypatch.setattr(shutil, "which", lambda name: None if name in lacks else which(name))
    said = {finding.what: finding for finding in doctor.findings(stack)}
    for package in ("softhsm2", "binutils", "opensc"):
        assert str(said[package]).startswith(f"○ {package}")
        assert f"apt install {package}" in str(said[package])


def test_ports_move_together(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Ports.from_base(DEFAULT_BASE).named()
    assert usual == {
        "subscription": 8101, "renewal": 8102, "signing": 8103, "notifier": 8104,
        "smtp": 8125, "pages": 8126, "platform": 8127, "kafka": 29092, "mongo": 29017,
    }  # fmt: skip
    monkeypatch.setenv("GIAHAN_PORT_BASE", "9100")
    assert Ports.from_env().named() == {name: port + 1000 for name, port in usual.items()}


@pytest.mark.parametrize("base", ["80", "x", "60000", "-1"])
def test_a_useless_port_base_is_told(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("GIAHAN_PORT_BASE", base)
    with pytest.raises(StackProblem, match="GIAHAN_PORT_BASE"):
        Ports.from_env()
