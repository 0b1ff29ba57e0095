"""The vendor's seal: its key, and a contract sealed with it.

The key signs what an office's token would sign: so a seal is made by the same steps as an office's signature
and passes the same verification.
"""

import asyncio
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol, Self

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from services.signing.pades.certificates import algorithm_of
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.mechanisms import sign
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.rejection import Rejected
from services.signing.pades.stamp.appearance import PLAIN, StampDetails
from services.signing.pades.worker_tasks import SignedPdf

FIELD = "vendor"


class BadSeal(Exception):
    """The settings give no seal that can be used. The text says why; it never has the password."""


class SealUnusable(Exception):
    """The key can't be reached now. The text says why; it never has the PIN."""

    REASON: ClassVar[str] = "seal_unusable"


class Seal(Protocol):
    """The vendor's key. `certificates` is DER, the key's own certificate first."""

    @property
    def certificates(self) -> tuple[bytes, ...]: ...

    async def check(self) -> None:
        """Raises SealUnusable unless the key can be reached."""

    async def sign(self, prepared: PreparedPdf) -> bytes:
        """The signature value for a prepared PDF. Raises SealUnusable."""


@dataclass(frozen=True, slots=True, repr=False)
class FileSeal:
    """The vendor's key from a PKCS#12 file. It never leaves this process."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificates: tuple[bytes, ...]

    @classmethod
    def load(cls, path: Path, password: str) -> Self:
        """Read the PKCS#12 file. It takes about 60 ms: do it once a process. Raises BadSeal."""
        try:
            content = _open(path.read_bytes(), password)
        except OSError as error:
            raise BadSeal(f"{path}: {error.strerror}") from None
        if content.cert is None or not isinstance(
            content.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        ):
            raise BadSeal(f"{path}: holds no RSA or EC key with its certificate")
        found = [content.cert, *content.additional_certs]
        seal = cls(content.key, tuple(one.certificate.public_bytes(Encoding.DER) for one in found))
        check_key(seal.certificates[0], str(path))
        return seal

    async def check(self) -> None:
        """The key is in memory."""

    async def sign(self, prepared: PreparedPdf) -> bytes:
        return await asyncio.to_thread(sign, self.key, prepared.algorithm, prepared.digest)


def check_key(certificate: bytes, place: str) -> None:
    """Raises BadSeal if the key of this certificate (DER) is too weak or of an unknown kind."""
    try:
        algorithm_of(x509.Certificate.load(certificate))
    except Rejected as error:
        raise BadSeal(f"{place}: {error}") from None


def _open(data: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    """Raises BadSeal. Vietnamese letters in the password may be composed or decomposed: it tries both."""
    for form in ("NFC", "NFD"):
        try:
            return pkcs12.load_pkcs12(data, unicodedata.normalize(form, password).encode())
        except ValueError:
            continue
    raise BadSeal("the password of the seal is wrong, or its file isn't PKCS#12")


async def seal_contract(
    seal: Seal,
    deferred_signer: DeferredSigner,
    contract: bytes,
    moment: datetime,
    details: StampDetails = PLAIN,
) -> SignedPdf:
    """The contract, sealed in its field `vendor` and verified, as `DeferredSigner.finish` does it. Raises
    Rejected and SealUnusable."""
    _, prepared = await deferred_signer.begin(contract, FIELD, seal.certificates, moment, details)
    value = await seal.sign(prepared)
    return await deferred_signer.finish(
        contract, FIELD, prepared.pdf, prepared.resumable, prepared.algorithm, value, moment
    )
