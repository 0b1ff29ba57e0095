"""The office's signing tool as a separate process: JSON lines in, JSON lines out."""

import base64
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from deploy.local.people.pki import Credential, Holder, ensure_pki

MESSAGE = b"signed attributes"
DIGEST = base64.b64encode(sha256(MESSAGE).digest()).decode()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    pki = ensure_pki(tmp_path_factory.mktemp("office") / "pki")
    return pki.credential("office", Holder("Sở Tài chính", ("MST:0101243150",)))


def ask(who: Credential, *lines: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        "-m",
        "deploy.local.people.office_signer",
        "--p12",
        str(who.p12),
        "--password-env",
        "OFFICE_PASSWORD",
    ]
    return subprocess.run(
        [sys.executable, *command],
        input="".join(f"{line}\n" for line in lines),
        env={**os.environ, "OFFICE_PASSWORD": password or who.password},
        capture_output=True,
        text=True,
        check=False,
    )


def answers(who: Credential, *requests: Any) -> list[dict[str, Any]]:
    told = ask(who, *(json.dumps(request) for request in requests))
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_signs_the_digest_it_is_given(office: Credential) -> None:
    chain, signed = answers(
        office, {"do": "certificates"}, {"do": "sign", "digest": DIGEST, "algorithm": "PS256"}
    )
    own = x509.load_der_x509_certificate(base64.b64decode(chain["certificates"][0]))
    key = own.public_key()
    assert own == office.certificate
    assert isinstance(key, rsa.RSAPublicKey)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    key.verify(base64.b64decode(signed["signature"]), MESSAGE, pss, hashes.SHA256())


def test_what_it_cannot_do_is_said_and_it_goes_on(office: Credential) -> None:
    told = answers(
        office,
        {"do": "sign", "digest": DIGEST, "algorithm": "ES256"},
        {"do": "sign", "digest": "AAAA", "algorithm": "PS256"},
        {"do": "sign", "digest": "%", "algorithm": "PS256"},
        {"do": "dance"},
        ["certificates"],
        {"do": "certificates"},
    )
    assert ["error" in answer for answer in told] == [True] * 5 + [False]


def test_wrong_password_ends_it_with_a_sentence(office: Credential) -> None:
    ended = ask(office, password="s3cret-typo")
    assert ended.returncode == 1
    assert ended.stderr == "office_signer: wrong password, or not a PKCS#12 file\n"


def test_absent_file(office: Credential, tmp_path: Path) -> None:
    absent = Credential(tmp_path / "no.p12", "x", office.key, office.certificate, office.chain)
    ended = ask(absent)
    assert "No such file" in ended.stderr
    assert "Traceback" not in ended.stderr
