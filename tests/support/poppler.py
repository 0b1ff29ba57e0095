"""pdfsig of poppler: signs PDFs and checks them, with keys and trust from an NSS database."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.people.pki import Credential


@dataclass(frozen=True, slots=True)
class NssDatabase:
    folder: Path

    @property
    def _name(self) -> str:
        return f"sql:{self.folder}"

    def add_key(self, owner: Credential) -> None:
        self._run("pk12util", "-i", str(owner.p12), "-d", self._name, "-W", owner.password, "-K", "")

    def trust(self, certificate: Path) -> None:
        """Trust the authority of a PEM file."""
        self._run("certutil", "-A", "-n", "root", "-t", "C,C,C", "-i", str(certificate), "-d", self._name)

    def sign(self, before: Path, after: Path, nick: str) -> None:
        """Write `after`, which is `before` signed with the key of that name. pdfsig ends with an error after
        it has signed (NSS says that objects are in use)."""
        after.unlink(missing_ok=True)
        command = ["pdfsig", "-nssdir", self._name, "-add-signature", "-nick", nick, "-reason", "Approved"]
        subprocess.run(
            [*command, str(before), str(after)], capture_output=True, env={**os.environ, "TZ": "UTC"}
        )
        assert after.exists(), "pdfsig signed nothing"

    def check(self, file: Path) -> str:
        """What pdfsig prints about the signatures."""
        command = ["pdfsig", "-nssdir", self._name, str(file)]
        return subprocess.run(command, capture_output=True, text=True).stdout

    @staticmethod
    def _run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)


def make_database(folder: Path) -> NssDatabase:
    folder.mkdir(parents=True, exist_ok=True)
    made = NssDatabase(folder)
    subprocess.run(
        ["certutil", "-N", "-d", f"sql:{folder}", "--empty-password"], check=True, capture_output=True
    )
    return made


def poppler_version() -> str:
    said = subprocess.run(["pdfsig", "-v"], capture_output=True, text=True)
    return (said.stdout + said.stderr).split()[2]
