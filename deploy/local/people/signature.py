"""Signs as an office does on its own computer: the key stays in a separate process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from deploy.local.host.problem import StackProblem
from deploy.local.people.pki import Credential, Holder, ensure_pki
from deploy.local.texts import both
from services.subscription.spreadsheet.row import Row

_PASSWORD = "OFFICE_KEY_PASSWORD"  # noqa: S105 (the variable's name)


class Signer:
    """Talks to `deploy.local.people.office_signer` in JSON lines."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers

    def certificates(self) -> list[str]:
        """DER in base64, the office's own certificate first."""
        found: list[str] = self._ask(do="certificates")["certificates"]
        return found

    def sign(self, digest: str, algorithm: str) -> str:
        """Sign a digest. Digest and signature are base64."""
        return str(self._ask(do="sign", digest=digest, algorithm=algorithm)["signature"])

    def _ask(self, **request: str) -> dict[str, Any]:
        self._questions.write(json.dumps(request) + "\n")
        self._questions.flush()
        answer = json.loads(self._answers.readline() or '{"error": "the signer ended"}')
        if "error" in answer:
            raise StackProblem(*both("signature.failed", error=answer["error"]))
        return dict(answer)


def credential_of(office: Row, pki_folder: Path) -> Credential:
    """A new key of the office, with a certificate that the local CA issues now."""
    return ensure_pki(pki_folder).credential(office.office_ref, holder_of(office))


def holder_of(office: Row) -> Holder:
    uid = f"MST:{office.tax_code}" if office.tax_code else f"MNS:{office.budget_code}"
    return Holder(office.name, (uid,))


@contextmanager
def signer_of(office: Row, pki_folder: Path) -> Iterator[Signer]:
    """A process with a key of the office. The process ends with the context."""
    own = credential_of(office, pki_folder)
    command = [
        sys.executable, "-m", "deploy.local.people.office_signer",
        "--p12", str(own.p12), "--password-env", _PASSWORD,
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        env={**os.environ, _PASSWORD: own.password},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Signer(cast("IO[str]", process.stdin), cast("IO[str]", process.stdout))
