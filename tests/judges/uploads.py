"""Forms signed by pyHanko's command line, and forms that somebody attacked."""

import subprocess
import tempfile
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec

from deploy.local.people.pki import Credential
from tests.judges.case import Shelf
from tests.judges.documents import FIELD
from tests.judges.parties import Parties
from tests.services.signing import changes
from tests.services.signing.signer import signed_elsewhere, updated
from tests.support.environment import interpreter

_WIDTH, _NARROWER = b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 395"


def sign_with_pyhanko(form: Path, who: Credential, signed: Path) -> None:
    """Write `signed` with pyHanko's command line: PAdES, RSASSA-PSS, in the form's own field."""
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(who.password)
        password.flush()
        command = [_pyhanko(), "-m", "pyhanko", "sign", "addsig", "--field", FIELD, "--use-pades"]
        command += ["--prefer-pss", "pkcs12", "--passfile", password.name]
        subprocess.run([*command, str(form), str(signed), str(who.p12)], check=True, capture_output=True)


def pyhanko_cli_version() -> str:
    tell = "from importlib.metadata import version; print(version('pyhanko-cli'))"
    return subprocess.run([_pyhanko(), "-c", tell], check=True, capture_output=True, text=True).stdout.strip()


def _pyhanko() -> str:
    return str(interpreter("judges", "pyHanko's command line"))


async def attack(shelf: Shelf, stranger: Credential) -> None:
    """Write what each attack makes of the form or of the signed form, as `attack-NAME`."""
    form, signed = shelf.read("form.pdf"), shelf.read("form-signed.pdf")
    assert _WIDTH in signed, "the form's page has another width"
    *value, last = shelf.read("form-signed-p256.signature")
    made = {
        "overlay.pdf": updated(signed, changes.overlay),
        "bytes-after.pdf": signed + b"\n% and more\n",
        "altered.pdf": signed.replace(_WIDTH, _NARROWER),
        "stranger.pdf": await signed_elsewhere(form, stranger),
        "metadata.pdf": updated(form, _drop_metadata),
        "p256.signature": bytes([*value, last ^ 1]),
        "p256.digest": shelf.read("form-signed-p256.digest"),
    }
    for name, content in made.items():
        shelf.write(f"attack-{name}", content)


async def sign_with_doubt(shelf: Shelf, parties: Parties) -> None:
    """Write forms whose signer's certificate is doubtful, as `certificate-WHY.pdf`, and one that two people
    signed with another program."""
    form = shelf.read("form.pdf")
    doubtful = {"revoked": parties.revoked, "expired": parties.expired, "weak": parties.weak}
    for why, who in doubtful.items():
        shelf.write(f"certificate-{why}.pdf", await signed_elsewhere(form, who))
    first = await signed_elsewhere(form, parties.branch)
    twice = await signed_elsewhere(first, parties.school, "Signature1", place=SigFieldSpec("Signature1"))
    shelf.write("signed-twice-elsewhere.pdf", twice)


def _drop_metadata(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Metadata"]
    writer.update_root()  # type: ignore[no-untyped-call]
