"""The trust anchors, read from files: the roots, the CAs under them, and the revocation lists."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509

from services.signing.pades.revocation.answers import RevocationAnswer, read_lists, read_responses
from services.signing.pades.usage import PURPOSES
from shared.resilience.errors import Transient


class BadTrust(Transient):
    """A trust file can't be used; the text names it. Transient: the file may just be being replaced."""


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Files of PEM or DER certificates, and a folder of revocation lists (`*.crl`, DER or PEM).

    With `require_revocation` a certificate that no list covers is rejected; without it, it gets a warning.
    `purposes` are the extended key usages (OIDs) with which a certificate may sign. `answers` were fetched
    for the certificate in question; each is checked like the lists.
    """

    roots: Path
    intermediates: Path | None = None
    crls: Path | None = None
    require_revocation: bool = False
    purposes: frozenset[str] = PURPOSES
    answers: tuple[RevocationAnswer, ...] = field(default=(), compare=False)

    def anchors(self) -> "TrustAnchors":
        """The files' content. It is read again when a file has changed: revocation lists change every few
        days. Raises BadTrust."""
        anchors = _read(self, tuple(_version(path) for path in self._files()))
        return replace(
            anchors,
            crls=(*anchors.crls, *read_lists(self.answers)),
            ocsps=tuple(read_responses(self.answers)),
        )

    def _files(self) -> list[Path]:
        lists = [self.crls, *sorted(self.crls.glob("*.crl"))] if self.crls else []
        return [self.roots, *([self.intermediates] if self.intermediates else []), *lists]


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()


def _version(path: Path) -> tuple[str, int]:
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError as error:
        raise BadTrust(f"{path}: {error.strerror}") from error


@lru_cache(maxsize=2)
def _read(trust: TrustSettings, versions: tuple[tuple[str, int], ...]) -> TrustAnchors:
    roots = _certificates(trust.roots)
    if not roots:
        raise BadTrust(f"{trust.roots}: holds no certificate")
    lists = sorted(trust.crls.glob("*.crl")) if trust.crls else []
    return TrustAnchors(
        roots=roots,
        intermediates=_certificates(trust.intermediates) if trust.intermediates else (),
        crls=tuple(_load(crl.CertificateList, der, path) for path in lists for der in _ders(path)),
    )


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    return tuple(_load(x509.Certificate, der, path) for der in _ders(path))


def _ders(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [der for _, _, der in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]


def _load(kind: Any, der: bytes, path: Path) -> Any:
    try:
        loaded = kind.load(der, strict=True)
        _ = loaded.native  # parsing is lazy: find a damaged file now
    except ValueError as error:
        raise BadTrust(f"{path}: is damaged") from error
    return loaded
