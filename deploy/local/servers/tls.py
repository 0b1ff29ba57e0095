"""Certificates and passwords of the secured local stack, created once in their own folder.

Their authority is separate from the signatures' authority: whoever may run a Kafka server may not sign a
form. Only the owner can read the files.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from deploy.local.people.authority import Authority
from deploy.local.people.pki import FROM, UNTIL, make_once, new_key, write_private

KAFKA, MONGO = "giahan-kafka", "giahan-mongo"
"""The names in the servers' certificates."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files in `folder`: `ca.pem`, a PEM with key and certificate for each server, MongoDB's `keyfile`
    for its members, and `passwords.json` with all passwords by server and user."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def keyfile(self) -> Path:
        return self.folder / "keyfile"

    def server(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def passwords(self, server: str, users: Iterable[str]) -> dict[str, SecretStr]:
        """The passwords of `users`. A user without a password gets a new one."""
        file = self.folder / "passwords.json"
        known: dict[str, dict[str, str]] = json.loads(file.read_text())
        of_server = known.setdefault(server, {})
        new = {user: secrets.token_urlsafe(24) for user in users if user not in of_server}
        if new:
            of_server |= new
            write_private(file, json.dumps(known, indent=1).encode())
        return {user: SecretStr(of_server[user]) for user in users}


def ensure_credentials(folder: Path, hosts: Sequence[str]) -> Credentials:
    """The credentials in `folder`, created on first use. `hosts`: the names by which clients reach the
    servers."""
    make_once(folder, "passwords.json", lambda scratch: _make(scratch, hosts))
    return Credentials(folder)


def _make(folder: Path, hosts: Sequence[str]) -> None:
    authority = Authority.root("Gia Han Local Server CA", new_key("p256"), (FROM, UNTIL))
    write_private(folder / "ca.pem", authority.pem())
    for name in (KAFKA, MONGO):
        write_private(
            folder / f"{name}.pem", authority.server_pem(name, new_key("p256"), hosts, (FROM, UNTIL))
        )
    write_private(folder / "keyfile", b64encode(secrets.token_bytes(96)))
    write_private(folder / "passwords.json", b"{}")
