"""What can be asked about the revocation of a certificate and of its authorities."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko_certvalidator.fetchers.common_utils import enumerate_delivery_point_urls, format_ocsp_request
from pyhanko_certvalidator.path import ValidationPath

from services.signing.pades.certificates import CertificateChain, find_path
from services.signing.pades.trust import TrustSettings
from shared.resilience.errors import Transient


@dataclass(frozen=True, slots=True)
class RevocationQuestion:
    """About one certificate: the responders' URLs (OCSP) with the request for them in DER, and the URLs of
    its authority's lists. `fingerprint` is the certificate's SHA-256 in hexadecimal."""

    fingerprint: str
    ocsp_urls: tuple[str, ...]
    ocsp_request: bytes
    crl_urls: tuple[str, ...]

    def responder(self, url: str) -> str:
        """The source of a response to this question."""
        return f"{url} {self.fingerprint}"

    def may_come_from(self, source: str) -> bool:
        """Whether what came from this source answers the question."""
        return source in {*map(self.responder, self.ocsp_urls), *self.crl_urls}


async def find_questions(
    chain: CertificateChain, trust: TrustSettings, moment: datetime
) -> tuple[RevocationQuestion, ...]:
    """The questions about the certificates on the path to one of our roots, without the root.

    Empty if no path leads to one: nobody is asked on the word of a certificate that isn't trusted.
    """
    try:
        path = await find_path(chain, trust, moment)
        return tuple(ask_about(each, path) for each in path.iter_certs(include_root=False)) if path else ()
    except (Transient, MemoryError):
        raise
    except Exception:  # whoever checks the certificate next finds the reason
        return ()


def ask_about(certificate: x509.Certificate, path: ValidationPath) -> RevocationQuestion:
    """The question about a certificate on the path. Raises nearly anything for a damaged one."""
    authority = path.find_issuing_authority(certificate)
    request = format_ocsp_request(certificate, authority, certid_hash_algo="sha1", request_nonces=True)
    points = certificate.crl_distribution_points_value or ()
    return RevocationQuestion(
        fingerprint=certificate.sha256.hex(),
        ocsp_urls=tuple(certificate.ocsp_urls),
        ocsp_request=request.dump(),
        crl_urls=tuple(
            url for point in points if _has_name(point) for url in enumerate_delivery_point_urls(point)
        ),
    )


def _has_name(point: x509.DistributionPoint) -> bool:
    return point["distribution_point"].native is not None
