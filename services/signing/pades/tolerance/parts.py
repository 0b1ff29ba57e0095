"""Parts of pyHanko's validation that pass over what anybody can put beside the real certificates."""

from typing import Any

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.registry import CertificateRegistry
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from services.signing.pades.tolerance.usability import check_certificate


class Candidates(CertificateRegistry):
    """The certificates of which paths are built. An unusable one is left out. Several may have the same
    issuer and serial number, so that a forged one doesn't take the place of the real one."""

    def register(self, cert: x509.Certificate) -> bool:
        try:
            check_certificate(cert)
        except MemoryError:
            raise
        except Exception:  # a damaged certificate makes asn1crypto raise nearly anything
            return False
        if any(cert.dump() == known.dump() for known in self.retrieve_by_name(cert.subject)):
            return False
        self.certs.pop(cert.issuer_serial, None)
        return bool(super().register(cert))


class TolerantValidator(DefaultSignatureValidator):
    """A signature that the key can't have made is an invalid one, whatever pyHanko raises about it."""

    def validate_signature(self, *args: Any, **options: Any) -> None:
        try:
            super().validate_signature(*args, **options)
        except (InvalidSignature, MemoryError):
            raise
        except Exception as error:
            raise InvalidSignature(type(error).__name__) from error
