"""The files of the roots and of the CAs under them, which may be replaced while the service runs."""

from dataclasses import replace
from pathlib import Path

import structlog
from asn1crypto import x509

from services.signing.pades.trust import BadTrust, TrustSettings, Version, read_ders, version_of
from services.signing.pades.usage import PURPOSES

log = structlog.get_logger()


class TrustFiles:
    """Files of PEM or DER certificates, several in each: the roots of the national scheme (`roots`), those of
    the public bodies' own (`public_roots`), and CAs under them. The rest is as in TrustSettings.

    `broken`: a file has changed and can't be used, so what stood in the files before still counts.
    """

    def __init__(
        self,
        roots: Path,
        intermediates: Path | None = None,
        crls: Path | None = None,
        *,
        public_roots: Path | None = None,
        require_revocation: bool = False,
        purposes: frozenset[str] = PURPOSES,
    ) -> None:
        self._roots = roots
        self._public_roots = public_roots
        self._intermediates = intermediates
        self._template = TrustSettings((), (), (), crls, require_revocation, purposes)
        self._versions: tuple[Version, ...] | None = None
        self._current: TrustSettings | None = None
        self.broken = False

    def current(self) -> TrustSettings:
        """What the files say now. They are read when they have changed, which each call looks at. Raises
        BadTrust if they could never be read since the start."""
        try:
            versions = tuple(
                version_of(path) for path in (self._roots, self._public_roots, self._intermediates) if path
            )
            if versions != self._versions or self._current is None:
                self._versions, self._current = versions, self._read()
            self.broken = False
        except BadTrust as error:
            if self._current is None:
                raise
            if not self.broken:
                log.error("trust.file_broken", file=str(error))
            self.broken = True
        return self._current

    def _read(self) -> TrustSettings:
        roots = _certificates(self._roots)
        if not roots:
            raise BadTrust(f"{self._roots}: holds no certificate")
        return replace(
            self._template,
            roots=roots,
            public_roots=_certificates(self._public_roots),
            intermediates=_certificates(self._intermediates),
        )


def _certificates(path: Path | None) -> tuple[bytes, ...]:
    return tuple(read_ders(path, x509.Certificate)) if path else ()
