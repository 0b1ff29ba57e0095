"""The local stack's own certification authority, and the certificates of its offices and its vendor.

Test material only: nothing trusts it unless its settings say so. Names and dates are always the same; every
folder has its own keys. All certificates are valid from 2020 to 2060, because the local clock may be moved to
any day in between.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from deploy.local.people.authority import Authority, Usage, subject

FROM = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2060, 1, 1, tzinfo=UTC)

Kind = Literal["rsa2048", "rsa1024", "p256", "p384"]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Holder:
    """The subject of a certificate. `uids` are UID values as Vietnamese CAs write them: `MST:…`, `MNS:…`."""

    name: str
    uids: tuple[str, ...] = ()


VENDOR = Holder("Công ty Cổ phần Gia Hạn Số", ("MST:0199900018",))


@dataclass(frozen=True, slots=True)
class Credential:
    """A PKCS#12 file, its password and its content. `chain` is DER, the holder's own certificate first."""

    p12: Path
    password: str
    key: Key
    certificate: x509.Certificate
    chain: tuple[bytes, ...]

    @property
    def fingerprint(self) -> str:
        """The certificate's SHA-256, in hexadecimal."""
        return self.certificate.fingerprint(SHA256()).hex()


@dataclass(frozen=True, slots=True)
class Pki:
    """A folder: `trust/` is a verifier's configuration, `keys/` holds the PKCS#12 files."""

    folder: Path
    issuing: Authority
    stranger: Authority
    password: str

    @property
    def trust_roots(self) -> Path:
        return self.folder / "trust" / "roots.pem"

    @property
    def trust_intermediates(self) -> Path:
        return self.folder / "trust" / "intermediates.pem"

    @property
    def crls(self) -> Path:
        return self.folder / "trust" / "crls"

    @property
    def vendor(self) -> Path:
        """The vendor's PKCS#12 file; its password is `password`."""
        return self.folder / "keys" / "vendor.p12"

    def credential(
        self,
        file: str,
        holder: Holder,
        *,
        kind: Kind = "rsa2048",
        usages: Sequence[Usage] = ("digital_signature", "content_commitment"),
        period: tuple[datetime, datetime] = (FROM, UNTIL),
        trusted: bool = True,
        purposes: x509.Extension[x509.ExtendedKeyUsage] | None = None,
    ) -> Credential:
        """Issue a certificate and write `keys/FILE.p12`. Without `trusted`, a CA that no verifier knows
        issues it."""
        authority = self.issuing if trusted else self.stranger
        key = new_key(kind)
        name = subject(holder.name, holder.uids)
        certificate = authority.issue(name, key.public_key(), usages, period, purposes)
        chain = [certificate, authority.certificate]
        path = self.folder / "keys" / f"{file}.p12"
        sealed = pkcs12.serialize_key_and_certificates(
            holder.name.encode(), key, certificate, chain[1:], BestAvailableEncryption(self.password.encode())
        )
        write_private(path, sealed)
        return Credential(path, self.password, key, certificate, tuple(map(_der, chain)))


def ensure_pki(folder: Path) -> Pki:
    """The PKI in `folder`, created on first use. It is built in another folder and moved, so it is never half
    there."""
    make_once(folder, "password", _make)
    return _load(folder)


def make_once(folder: Path, last: str, make: Callable[[Path], None]) -> None:
    """Let `make` fill `folder`, unless its file `last` exists. If it is killed, a temporary folder stays
    behind."""
    if (folder / last).exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    make(scratch)
    try:
        scratch.rename(folder)
    except OSError:  # another process was faster: use its files
        shutil.rmtree(scratch)


def _make(folder: Path) -> None:
    for name in ("trust/crls", "keys", "authorities"):
        (folder / name).mkdir(parents=True)
    period = (FROM, UNTIL)
    root = Authority.root("Gia Han Local Root CA", new_key("p384"), period)
    issuing = root.subordinate("Gia Han Local Issuing CA", new_key("rsa2048"), period)
    stranger = Authority.root("Stranger Root CA", new_key("p384"), period)
    write_private(folder / "trust/roots.pem", root.pem())
    write_private(folder / "trust/intermediates.pem", issuing.pem())
    write_private(folder / "trust/crls/root.crl", root.revocations((), period))
    write_private(folder / "trust/crls/issuing.crl", issuing.revocations((), period))
    write_private(folder / "authorities/issuing.pem", issuing.private_pem())
    write_private(folder / "authorities/stranger.pem", stranger.private_pem())
    password = secrets.token_urlsafe(18)
    write_private(folder / "password", password.encode())
    Pki(folder, issuing, stranger, password).credential("vendor", VENDOR)


def _load(folder: Path) -> Pki:
    authorities = folder / "authorities"
    return Pki(
        folder,
        Authority.from_private_pem((authorities / "issuing.pem").read_bytes()),
        Authority.from_private_pem((authorities / "stranger.pem").read_bytes()),
        (folder / "password").read_text(),
    )


def new_key(kind: Kind) -> Key:
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "p384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048 if kind == "rsa2048" else 1024)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def write_private(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Only its owner can read it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.touch(mode=0o600)
    aside.write_bytes(data)
    aside.rename(path)
