"""The vendor's PKCS#12 file in all common variants, and the seal itself."""

import subprocess
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.people.pki import Holder, Pki
from services.signing.contracts.seal import BadSeal, FileSeal, seal_contract
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from shared.background.workers import Workers, WorkTimedOut
from shared.resilience.errors import Interrupted
from tests.services.signing.paper import issued

_RC2_40 = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40"]
_3DES = ["-legacy", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
_AES_256 = ["-certpbe", "AES-256-CBC", "-keypbe", "AES-256-CBC", "-macalg", "sha512"]


@pytest.fixture(scope="module")
def plain(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PKCS#12 file with the vendor's key and certificates, without encryption."""
    path = tmp_path_factory.mktemp("seal") / "plain.pem"
    _openssl("-in", pki.vendor, "-passin", f"pass:{pki.password}", "-nodes", "-out", path)
    return path


@pytest.mark.parametrize(
    ("options", "password"),
    [(_RC2_40, "abc"), (_3DES, "abc"), (_AES_256, "abc"), ([], "mật-khẩu"), (_3DES, "mật-khẩu")],
    ids=["rc2-40", "3des", "aes-256", "utf-8", "utf-8 3des"],
)
def test_however_the_file_was_made(plain: Path, tmp_path: Path, options: list[str], password: str) -> None:
    file = tmp_path / "seal.p12"
    _openssl("-export", "-in", plain, "-out", file, "-passout", f"pass:{password}", *options)
    assert FileSeal.load(file, password).certificates
    assert FileSeal.load(file, unicodedata.normalize("NFD", password)).certificates


def test_key_chooses_its_own_certificate(pki: Pki, plain: Path, tmp_path: Path) -> None:
    """The file has several certificates, and the key's own is not the first."""
    other = pki.credential("someone", Holder("Người khác"))
    mixed = tmp_path / "mixed.pem"
    _openssl("-in", other.p12, "-passin", f"pass:{pki.password}", "-nokeys", "-out", mixed)
    mixed.write_bytes(mixed.read_bytes() + plain.read_bytes())
    _openssl("-export", "-in", mixed, "-out", tmp_path / "mixed.p12", "-passout", "pass:abc")
    expected = FileSeal.load(pki.vendor, pki.password).certificates[0]
    seal = FileSeal.load(tmp_path / "mixed.p12", "abc")
    assert seal.certificates[0] == expected
    assert len(seal.certificates) > 2


def test_wrong_password_is_said_without_it(pki: Pki) -> None:
    with pytest.raises(BadSeal, match="password") as wrong:
        FileSeal.load(pki.vendor, "s3cret-typo")
    assert "s3cret-typo" not in str(wrong.value)
    assert "s3cret-typo" not in repr(wrong.value.__context__)


def test_files_that_are_no_seal(pki: Pki, plain: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSeal, match="No such file"):
        FileSeal.load(tmp_path / "absent.p12", "abc")
    with pytest.raises(BadSeal):
        FileSeal.load(plain, "abc")
    weak = pki.credential("weak", Holder("Công ty"), kind="rsa1024")
    with pytest.raises(BadSeal, match="1024"):
        FileSeal.load(weak.p12, weak.password)
    _openssl("-export", "-in", plain, "-nokeys", "-out", tmp_path / "keyless.p12", "-passout", "pass:abc")
    with pytest.raises(BadSeal, match="no RSA or EC key"):
        FileSeal.load(tmp_path / "keyless.p12", "abc")


def test_key_is_not_shown(pki: Pki) -> None:
    assert "PrivateKey" not in repr(FileSeal.load(pki.vendor, pki.password))


async def test_contract_is_sealed(
    pki: Pki, trust: TrustSettings, moment: datetime, deferred_signer: DeferredSigner
) -> None:
    contract = issued("vendor")
    made = await seal_contract(FileSeal.load(pki.vendor, pki.password), deferred_signer, contract, moment)
    found = await verify(made.pdf, contract, "vendor", trust, moment, old_padding=False)
    assert found == made.verified


async def test_work_out_of_time_is_not_the_files_fault(
    pki: Pki, deferred_signer: DeferredSigner, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the worker process is stopped: another try may succeed."""

    async def late(*work: object) -> None:
        raise WorkTimedOut("took too long")

    monkeypatch.setattr(Workers, "run", late)
    with pytest.raises(Interrupted):
        await seal_contract(
            FileSeal.load(pki.vendor, pki.password), deferred_signer, issued("vendor"), moment
        )


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", "pkcs12", *arguments], check=True, capture_output=True)
