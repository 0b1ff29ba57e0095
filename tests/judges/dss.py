"""EU DSS, the European Commission's library for signatures, in one Java process."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from pydantic import BaseModel, ConfigDict

from deploy.local.people.pki import Credential, Pki
from tests.support.maven import jars, version

_FOLDER = Path(__file__).parent
_PROGRAM = _FOLDER / "Dss.java"


class DssFailed(Exception):
    """DSS raised an error instead of an answer, or its process ended."""


class DssSignature(BaseModel):
    """What DSS says about one signature, in the words of EN 319 102-1. `sub_indication`: why it isn't passed;
    else empty."""

    model_config = ConfigDict(frozen=True)

    indication: str
    sub_indication: str
    level: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.indication, self.sub_indication, self.level)))


class DssAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    signatures: tuple[DssSignature, ...] = ()
    error: str | None = None


class Dss:
    """Trusts the root of the test PKI and knows its revocation lists. It signs with one office's key."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers

    def validate(self, file: Path) -> tuple[DssSignature, ...]:
        return self._ask("validate", str(file)).signatures

    def sign(self, file: Path, signed: Path) -> None:
        """Write `signed`: the file with a PAdES signature of level B-B in an invisible field of its own."""
        self._ask("sign", str(file), str(signed))

    def _ask(self, *order: str) -> DssAnswer:
        self._orders.write("\t".join(order) + "\n")
        self._orders.flush()
        line = self._answers.readline()
        if not line:
            raise DssFailed("the process ended")
        answer = DssAnswer.model_validate_json(line)
        if answer.error:
            raise DssFailed(answer.error)
        return answer


@contextmanager
def run_dss(pki: Pki, signer: Credential) -> Iterator[Dss]:
    """The process ends with the context."""
    files = (pki.trust_roots, pki.trust_intermediates, pki.crls, signer.p12)
    command = ["java", "-cp", f"{_jars()}/*", str(_PROGRAM), *map(str, files)]
    with subprocess.Popen(
        command,
        env={**os.environ, "DSS_PASSWORD": signer.password},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Dss(cast("IO[str]", process.stdin), cast("IO[str]", process.stdout))


def dss_version() -> str:
    return version(_jars(), "dss-validation")


def _jars() -> Path:
    return jars("dss", _FOLDER / "dss-pom.xml")
