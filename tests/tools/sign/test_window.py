"""The whole tool with its real window: keys in, signature out."""

import asyncio
import json
import os
import signal
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha384
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from tests.tools.sign.conftest import Office
from tests.tools.sign.keyboard import Screen, open_screen
from tests.tools.sign.questions import signature_question
from tests.tools.sign.served import SITE, error_of, signature_body
from tests.tools.sign.softhsm import PIN, TYPED_PIN
from tests.tools.sign.tool_process import RunningTool, run_tool, shows
from tools.sign.child import run_in_child
from tools.sign.confirmation import window
from tools.sign.confirmation.question import Reply

DIGEST = sha384(b"form").digest()
PICTURES = os.environ.get("GIAHAN_PICTURES")


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with open_screen() as opened:
        yield opened


@pytest.fixture(scope="module")
def paired(office: Office, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTool]:
    """A tool that allows the site. At the end nothing that it wrote has a PIN."""
    folder = tmp_path_factory.mktemp("paired")
    with run_tool(office, folder, DISPLAY=screen.name, GIAHAN_SIGN_ORIGINS=f'["{SITE}"]') as tool:
        yield tool
        written = tool.stop()
    assert "signature.made" in written
    assert not shows(TYPED_PIN, written)
    assert not shows(PIN, written)


def body(office: Office) -> dict[str, Any]:
    return signature_body(office.ids["p384"], "ES384", digest=b64encode(DIGEST).decode())


def code_of(answer: httpx.Response) -> str:
    code: str = error_of(answer)["code"]
    return code


def take_picture(screen: Screen, name: str) -> None:
    if PICTURES:
        screen.picture(Path(PICTURES) / f"signing-tool-{name}.png")


def test_the_pin_is_typed_into_the_window_and_the_digest_signed(
    paired: RunningTool, screen: Screen, office: Office
) -> None:
    asked = paired.ask("/v1/signatures", body(office))
    screen.wait_for_window()
    take_picture(screen, "signature")
    screen.type(TYPED_PIN)
    screen.press("Return")
    answer = asked.result().json()
    signature = b64decode(answer["signature"])
    r, s = int.from_bytes(signature[:48]), int.from_bytes(signature[48:])
    key = office.certificates["p384"].public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(encode_dss_signature(r, s), DIGEST, ec.ECDSA(Prehashed(hashes.SHA384())))
    screen.wait_for_no_window()


def test_escape_cancels(paired: RunningTool, screen: Screen, office: Office) -> None:
    asked = paired.ask("/v1/signatures", body(office))
    screen.wait_for_window()
    screen.type(TYPED_PIN)
    screen.press("Escape")
    assert code_of(asked.result()) == "cancelled"
    screen.wait_for_no_window()


def test_an_empty_pin_is_not_tried_and_a_wrong_one_is_told(
    paired: RunningTool, screen: Screen, office: Office
) -> None:
    asked = paired.ask("/v1/signatures", body(office))
    screen.wait_for_window()
    screen.press("Return")
    assert code_of(paired.ask("/v1/signatures", body(office)).result()) == "busy"
    screen.type("0000")
    screen.press("Return")
    error = error_of(asked.result())
    assert (error["code"], error["pin"]["low"]) == ("pin_wrong", True)


def test_after_a_wrong_pin_the_window_warns(paired: RunningTool, screen: Screen, office: Office) -> None:
    asked = paired.ask("/v1/signatures", body(office))
    screen.wait_for_window()
    take_picture(screen, "pin-low")
    screen.type(TYPED_PIN)
    screen.press("KP_Enter")
    assert asked.result().status_code == 200, "the right PIN takes the warning away"


def test_a_page_that_goes_away_closes_the_window(paired: RunningTool, screen: Screen, office: Office) -> None:
    page = socket.create_connection(("127.0.0.1", paired.port))
    content = json.dumps(body(office)).encode()
    head = f"POST /v1/signatures HTTP/1.1\r\nHost: 127.0.0.1:{paired.port}\r\nOrigin: {SITE}\r\n"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    page.sendall((head + kind).encode() + content)
    screen.wait_for_window()
    page.close()
    screen.wait_for_no_window()
    assert paired.process.poll() is None


async def test_a_pin_pad_is_announced_and_no_pin_asked(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", screen.name)
    question = signature_question(flags={"pin_pad": True}).model_dump_json().encode()
    asked = asyncio.create_task(run_in_child(window.ask, question, 120))
    await asyncio.to_thread(screen.wait_for_window)
    screen.press("Return")
    assert Reply.model_validate_json(await asked) == Reply(outcome="confirmed")


def test_a_site_is_allowed_by_a_key_that_nobody_presses_by_accident(
    office: Office, screen: Screen, tmp_path: Path
) -> None:
    with run_tool(office, tmp_path, DISPLAY=screen.name) as tool:
        asked = tool.ask("/v1/pairing", {})
        screen.wait_for_window()
        take_picture(screen, "pairing")
        screen.press("Return")
        assert code_of(asked.result()) == "pairing_refused"
        screen.wait_for_no_window()
        asked = tool.ask("/v1/pairing", {})
        screen.wait_for_window()
        screen.press("Tab")
        screen.press("Return")
        assert asked.result().json() == {"protocol": 1, "paired": True}
        assert tool.site.get("/v1/tool").json()["paired"] is True


def test_a_window_that_nobody_answers_closes_as_cancelled(
    office: Office, screen: Screen, tmp_path: Path
) -> None:
    with run_tool(office, tmp_path, DISPLAY=screen.name, GIAHAN_SIGN_ANSWER_SECONDS="3") as tool:
        answer = tool.ask("/v1/pairing", {}).result()
        assert (answer.status_code, code_of(answer)) == (409, "cancelled")
        screen.wait_for_no_window()


def test_a_tool_that_is_killed_leaves_no_window(office: Office, screen: Screen, tmp_path: Path) -> None:
    with run_tool(office, tmp_path, DISPLAY=screen.name) as tool:
        asked = tool.ask("/v1/pairing", {})
        screen.wait_for_window()
        children = psutil.Process(tool.process.pid).children(recursive=True)
        tool.process.send_signal(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            asked.result()
        screen.wait_for_no_window()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert alive == []


def test_without_a_screen_and_a_terminal_it_says_so(office: Office, tmp_path: Path) -> None:
    with run_tool(office, tmp_path, DISPLAY="") as tool:
        answer = tool.ask("/v1/pairing", {}).result()
    assert (answer.status_code, code_of(answer)) == (503, "no_screen")
