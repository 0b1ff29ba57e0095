"""The whole tool on a terminal: where there is no screen, or on request."""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.host.ports import free_port
from deploy.local.host.terminal import Terminal, open_terminal
from tests.tools.sign.conftest import Office
from tests.tools.sign.served import SITE, error_of, signature_body
from tests.tools.sign.softhsm import PIN
from tests.tools.sign.tool_process import ROOT, environment, shows


class Page:
    """Asks as SITE's page does, and goes on while the person is asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._pool = ThreadPoolExecutor()
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Origin": SITE},
            timeout=120,
            trust_env=False,
            verify=False,
        )

    def ask(self, path: str, body: dict[str, Any]) -> Future[httpx.Response]:
        return self._pool.submit(self._client.post, path, json=body)

    def close(self) -> None:
        self._pool.shutdown()
        self._client.close()


@pytest.fixture
def page() -> Iterator[Page]:
    opened = Page(free_port())
    yield opened
    opened.close()


@pytest.fixture
def terminal(office: Office, page: Page, tmp_path: Path) -> Iterator[Terminal]:
    """A tool without a screen, so that it asks on its terminal."""
    with open_terminal(
        ROOT, environment(office, tmp_path, page.port, DISPLAY=""), "-m", "tools.sign", "--verbose"
    ) as opened:
        opened.wait_for("tool.started")
        yield opened


def body(office: Office) -> dict[str, Any]:
    return signature_body(office.ids["rsa"])


def test_a_site_is_allowed_and_a_form_signed_on_the_terminal(
    terminal: Terminal, page: Page, office: Office
) -> None:
    asked = page.ask("/v1/pairing", {})
    assert SITE in terminal.wait_for(r"yes or no: $")
    terminal.type("có")
    assert asked.result().json()["paired"] is True
    asked = page.ask("/v1/signatures", body(office))
    shown = terminal.wait_for(r"PIN \(empty cancels\): $", echo=False)
    for part in (
        SITE,
        "Phiếu đăng ký gia hạn",
        "12/GH-2026",
        "abababab … abababab",
        "Trường Tiểu học Xuân Phú",
    ):
        assert part in shown
    terminal.type(PIN)
    assert asked.result().json()["algorithm"] == "PS256"
    written = terminal.wait_for("signature.made", echo=True)
    assert not shows(PIN, written), "neither echoed nor logged"


def test_anything_but_yes_refuses(terminal: Terminal, page: Page) -> None:
    for typed in ("", "không", "yess"):
        asked = page.ask("/v1/pairing", {})
        terminal.wait_for(r"yes or no: $")
        terminal.type(typed)
        assert error_of(asked.result())["code"] == "pairing_refused"


def test_an_unanswered_question_ends_and_the_terminal_echoes_again(
    office: Office, page: Page, tmp_path: Path
) -> None:
    settings = {"GIAHAN_SIGN_ORIGINS": json.dumps([SITE]), "GIAHAN_SIGN_ANSWER_SECONDS": "5"}
    with open_terminal(
        ROOT, environment(office, tmp_path, page.port, **settings), "-m", "tools.sign", "--console"
    ) as terminal:
        terminal.wait_for("tool.started")
        asked = page.ask("/v1/signatures", body(office))
        terminal.wait_for(r"PIN \(empty cancels\): $", echo=False)
        assert error_of(asked.result())["code"] == "cancelled"
        terminal.wait_for("", echo=True)
        asked = page.ask("/v1/signatures", body(office))
        terminal.wait_for(r"PIN \(empty cancels\): $", echo=False)
        terminal.type("")
        assert error_of(asked.result())["code"] == "cancelled"
