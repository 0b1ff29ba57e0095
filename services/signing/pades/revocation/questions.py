"""What can be asked about the revocation of a certificate and of its authorities."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.fetchers.common_utils import enumerate_delivery_point_urls, format_ocsp_request
from pyhanko_certvalidator.path import ValidationPath

from services.signing.pades.certificates import CertificateChain, validation_context
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


async def find_questions(
    chain: CertificateChain, trust: TrustSettings, moment: datetime
) -> tuple[RevocationQuestion, ...]:
    """The questions about the certificates on the path to one of our roots, without the root.

    Empty if no path leads to one: nobody is asked on the word of a certificate that isn't trusted.
    """
    context = validation_context(trust, moment)
    try:
        path = await CertificateValidator(chain.signer, chain.others, context).async_validate_path()
        return tuple(_question(each, path) for each in path.iter_certs(include_root=False))
    except (Transient, MemoryError):
        raise
    except Exception:  # whoever checks the certificate next finds the reason
        return ()


def _question(certificate: x509.Certificate, path: ValidationPath) -> RevocationQuestion:
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
