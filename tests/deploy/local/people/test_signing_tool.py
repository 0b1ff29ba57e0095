"""The real signing tool on a terminal, with a SoftHSM token that holds an office's key."""

import base64
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from deploy.local.host.ports import HOST, free_port
from deploy.local.host.problem import StackProblem
from deploy.local.people.pki import Credential, Holder, ensure_pki
from deploy.local.people.signing_tool import open_tool

SITE = "http://127.0.0.1:8126"
FORM = b"form"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    pki = ensure_pki(tmp_path_factory.mktemp("office") / "pki")
    return pki.credential("office", Holder("Sở Tài chính", ("MST:0101243150",)))


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """A port of the tool's own, so that tests can run side by side."""
    port = free_port()
    monkeypatch.setenv("GIAHAN_SIGN_PORTS", json.dumps([port]))
    return port


@pytest.fixture
def page(port: int) -> Iterator[httpx.Client]:
    """Asks the tool as SITE's page does."""
    with httpx.Client(base_url=f"http://{HOST}:{port}/v1", headers={"origin": SITE}, timeout=120) as client:
        yield client


def order(page: httpx.Client, office: Credential) -> dict[str, Any]:
    """What the page asks to sign, with the certificate that the token lists."""
    (listed,) = page.get("/certificates").json()["certificates"]
    assert listed["id"] == office.fingerprint
    assert listed["issuers"] == [base64.b64encode(issuer).decode() for issuer in office.chain[1:]]
    digest = base64.b64encode(sha256(FORM).digest()).decode()
    document = {"title": "Phiếu", "number": "GH-1", "sha256": sha256(FORM).hexdigest()}
    return {"certificate": listed["id"], "algorithm": "PS256", "digest": digest, "document": document}


def test_the_office_allows_the_site_and_signs_with_its_key(page: httpx.Client, office: Credential) -> None:
    with open_tool(office) as tool, ThreadPoolExecutor(1) as browser:
        pairing = browser.submit(page.post, "/pairing", json={})
        tool.allow_site(SITE)
        assert pairing.result().json()["paired"]
        signing = browser.submit(page.post, "/signatures", json=order(page, office))
        assert tool.enter_pin() == "PS256"
        signature = base64.b64decode(signing.result().json()["signature"])
        assert tool.pin not in repr(tool)
    key = office.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, FORM, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def test_a_site_that_the_office_did_not_open_is_not_allowed(page: httpx.Client, office: Credential) -> None:
    with ThreadPoolExecutor(1) as browser:
        with open_tool(office) as tool:
            pairing = browser.submit(page.post, "/pairing", json={})
            with pytest.raises(StackProblem, match=r"asks about the site https://giahan\.example\.vn"):
                tool.allow_site("https://giahan.example.vn")
        assert isinstance(pairing.exception(), httpx.TransportError), "the tool ended without an answer"


def test_a_port_that_another_program_holds_is_told(port: int, office: Credential) -> None:
    with socket.socket() as other:
        other.bind((HOST, port))
        with pytest.raises(StackProblem, match="could not be started") as told, open_tool(office):
            pass
    assert f"{port}" in told.value.detail


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
