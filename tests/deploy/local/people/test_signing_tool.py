"""The signing tool on a terminal, and what is told without it or its token; tests/e2e has it sign."""

import json
import socket
from pathlib import Path
from typing import cast

import pytest

from deploy.local.host.ports import HOST, free_port
from deploy.local.host.problem import StackProblem
from deploy.local.host.terminal import Terminal
from deploy.local.people.pki import Credential, Holder, ensure_pki
from deploy.local.people.signing_tool import ToolTerminal, open_tool
from tools.sign.texts import words

SITE = "http://127.0.0.1:8126"
ALLOW, PIN = (words("console", name).line for name in ("allow", "pin"))


class Screen:
    """Stands for the terminal: shows the texts in `shown` one after the other, and keeps what is typed."""

    def __init__(self, *shown: str) -> None:
        self.shown = list(shown)
        self.typed: list[str] = []
        self.echoes = True

    def wait_for(self, pattern: str, *, echo: bool | None = None) -> str:
        self.echoes = echo is not False
        return self.shown.pop(0)

    def type(self, text: str) -> None:
        self.typed.append(text if self.echoes else f"unseen {text}")


def at(screen: Screen) -> ToolTerminal:
    return ToolTerminal(cast("Terminal", screen), "48261937")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    pki = ensure_pki(tmp_path_factory.mktemp("office") / "pki")
    return pki.credential("office", Holder("Sở Tài chính", ("MST:0101243150",)))


def test_the_site_is_allowed_and_the_pin_typed_unseen() -> None:
    made = "INFO signature.made origin=http://127.0.0.1:8126 algorithm=PS256\r\n"
    screen = Screen(f"    {SITE}\r\n{ALLOW}: ", f"{PIN}: ", made)
    tool = at(screen)
    tool.allow_site(SITE)
    assert tool.enter_pin() == "PS256"
    assert screen.typed == ["có", "unseen 48261937"]
    assert "48261937" not in repr(tool)


def test_a_site_that_the_office_did_not_open_is_not_allowed() -> None:
    screen = Screen(f"    {SITE}1\r\n{ALLOW}: ")
    with pytest.raises(StackProblem, match=f"asks about the site {SITE}"):
        at(screen).allow_site(SITE)
    assert screen.typed == []


def test_a_port_that_another_program_holds_is_told(
    office: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("GIAHAN_SIGN_PORTS", json.dumps([port]))
    with socket.socket() as other:
        other.bind((HOST, port))
        with pytest.raises(StackProblem, match="could not be started") as told, open_tool(office):
            pass
    assert str(port) in told.value.detail


def test_a_token_that_cannot_be_made_is_told_without_a_secret(
    office: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "softhsm2-util"
    broken.write_text("#!/bin/sh\necho no space left >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(StackProblem, match="no signing token") as told, open_tool(office):
        pass
    assert "no space left" in told.value.detail
    assert "--pin" not in str(told.value)
