"""A token of SoftHSM with which the signing tool signs, and OpenSC's `pkcs11-tool`, which checks that."""

import os
import re
import subprocess
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.local.people import soft_token
from deploy.local.people.pki import Credential
from services.signing.domain.algorithm import Algorithm
from tests.tools.sign import softhsm
from tests.tools.sign.served import ServedTool, serve, signature_body

_LABEL = "judged"
_PIN = "JUDGED_TOKEN_PIN"
_PSS = (
    *("--mechanism", "RSA-PKCS-PSS", "--hash-algorithm", "SHA256"),
    *("--mgf", "MGF1-SHA256", "--salt-len", "32"),
)
_ECDSA = ("--mechanism", "ECDSA")
_WORDS = {"Signature is valid": "valid", "Invalid signature": "invalid"}


@dataclass(frozen=True, slots=True)
class TokenTool:
    """The signing tool over HTTP, with somebody who confirms and types the PIN. `keys`: the id of a
    certificate's key on the token, by the certificate's fingerprint."""

    served: ServedTool
    library: str
    keys: dict[str, str]

    async def sign(self, who: Credential, digest: bytes, algorithm: Algorithm) -> bytes:
        """The signature as the token gives it: of ECDSA, two numbers joined."""
        body = signature_body(who.fingerprint, algorithm.value, digest=b64encode(digest).decode())
        answer = await self.served.site.post("/v1/signatures", json=body)
        assert answer.status_code == 200, answer.text
        return b64decode(answer.json()["signature"])

    def check(self, who: Credential, signature: Path) -> str:
        """What `pkcs11-tool` says of the file, whose digest is beside it (`.digest`): `valid`, `invalid`, or
        whatever else it says."""
        mechanism = _PSS if isinstance(who.key, rsa.RSAPrivateKey) else _ECDSA
        files = ("--input-file", str(signature.with_suffix(".digest")), "--signature-file", str(signature))
        said = self._opensc("--verify", "--id", self.keys[who.fingerprint], *mechanism, *files)
        found = re.search("|".join(_WORDS), said)
        return _WORDS[found[0]] if found else said.strip()

    def add_public_key(self, who: Credential, folder: Path) -> None:
        """Tokens of offices hold it too; `pkcs11-tool` verifies with it."""
        file = folder / "public.der"
        public = who.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        file.write_bytes(public)
        written = ("--write-object", str(file), "--type", "pubkey", "--id", self.keys[who.fingerprint])
        self._opensc("--login", "--pin", f"env:{_PIN}", *written)

    def _opensc(self, *arguments: str) -> str:
        command = ["pkcs11-tool", "--module", self.library, "--token-label", _LABEL, *arguments]
        environment = os.environ | {_PIN: softhsm.PIN}
        said = subprocess.run(command, capture_output=True, text=True, env=environment)
        return said.stdout + said.stderr


@asynccontextmanager
async def run_token_tool(folder: Path, *owners: Credential) -> AsyncIterator[TokenTool]:
    """The tool with one token, on which are the owners' keys and certificates."""
    keys = _fill_token(folder, owners)
    async with serve(folder, soft_token.library_path()) as served:
        tool = TokenTool(served, soft_token.library_path(), keys)
        for owner in owners:
            tool.add_public_key(owner, folder)
        yield tool


def _fill_token(folder: Path, owners: Sequence[Credential]) -> dict[str, str]:
    """Make the token. Returns the id of each owner's key."""
    folder.mkdir()
    os.environ["SOFTHSM2_CONF"] = str(soft_token.make_store(folder))  # the tool's children read it
    token, keys = soft_token.make_token(_LABEL, softhsm.PIN), {}
    for number, owner in enumerate(owners, start=1):
        token.add(owner.certificate, owner.key, bytes([number]))
        keys[owner.fingerprint] = f"{number:02x}"
    return keys


def opensc_version() -> str:
    """Of the package: `pkcs11-tool` itself tells none."""
    said = subprocess.run(["opensc-tool", "--info"], capture_output=True, text=True)
    found = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
    return found[0] if found else "unknown"
