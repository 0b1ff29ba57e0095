"""Whom certificates must lead to: the roots of both schemes, the CAs under them, and our revocation lists."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509

from services.signing.domain.certificate import Scheme
from services.signing.pades.revocation.answers import RevocationAnswer, read_lists, read_responses
from services.signing.pades.usage import PURPOSES
from shared.resilience.errors import Transient


class BadTrust(Transient):
    """A trust file can't be used; the text names it. Transient: the file may just be being replaced."""


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """`roots` are those of the national scheme, `public_roots` those of the public bodies' own, with the
    `intermediates` under them, in DER. `crls` is a folder of revocation lists (`*.crl`, DER or PEM).

    With `require_revocation` a certificate that nothing covers is rejected; without it, it gets a warning.
    `purposes` are the extended key usages (OIDs) with which a certificate may sign. `answers` were fetched
    for the certificate in question; each is checked like the lists.
    """

    roots: tuple[bytes, ...]
    public_roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: Path | None = None
    require_revocation: bool = False
    purposes: frozenset[str] = PURPOSES
    answers: tuple[RevocationAnswer, ...] = field(default=(), compare=False)

    def anchors(self) -> "TrustAnchors":
        """The certificates, lists and answers. Lists are read again when a file has changed: they change
        every few days. Raises BadTrust."""
        folder = (self.crls, *sorted(self.crls.glob("*.crl"))) if self.crls else ()
        return TrustAnchors(
            roots=_parse(self.roots + self.public_roots),
            intermediates=_parse(self.intermediates),
            crls=(*_read_lists(tuple(map(version_of, folder))), *read_lists(self.answers)),
            ocsps=tuple(read_responses(self.answers)),
        )

    def scheme_of(self, root: x509.Certificate) -> Scheme:
        return "public_bodies" if root.dump() in self.public_roots else "national"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]


Version = tuple[Path, int, int]
"""A file, when it was changed (ns), and its size in bytes."""


def version_of(path: Path) -> Version:
    """Raises BadTrust if it can't be read."""
    try:
        found = path.stat()
    except OSError as error:
        raise BadTrust(f"{path}: {error.strerror}") from error
    return path, found.st_mtime_ns, found.st_size


def read_ders(path: Path, kind: Any) -> list[bytes]:
    """The values in a file of DER or PEM, each a `kind` that can be parsed. Raises BadTrust."""
    try:
        data = path.read_bytes()
        ders = [der for _, _, der in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
        for der in ders:
            _ = kind.load(der, strict=True).native  # parsing is lazy: find a damaged file now
    except OSError as error:
        raise BadTrust(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadTrust(f"{path}: is damaged") from error
    return ders


@lru_cache(maxsize=8)
def _parse(ders: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    return tuple(x509.Certificate.load(der) for der in ders)


@lru_cache(maxsize=2)
def _read_lists(files: tuple[Version, ...]) -> tuple[crl.CertificateList, ...]:
    """The lists of a folder; `files` are the folder and the lists in it."""
    kind = crl.CertificateList
    return tuple(kind.load(der) for path, _, _ in files[1:] for der in read_ders(path, kind))
