"""Checks a certificate's purpose: key usage and extended key usage (RFC 5280, 4.2.1.3 and 4.2.1.12)."""

from asn1crypto import x509

from services.signing.pades.rejection import InvalidityReason, Rejected

_SIGNS = {"digital_signature", "non_repudiation"}
_ISSUES = {"key_cert_sign", "crl_sign"}
_SERVER, _CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"

PURPOSES = frozenset(
    {
        "2.5.29.37.0",  # any
        "1.3.6.1.5.5.7.3.36",  # signing documents (RFC 9336)
        "1.3.6.1.4.1.311.10.3.12",  # the same, Microsoft's
        "1.2.840.113583.1.1.5",  # the same, Adobe's
        "1.3.6.1.5.5.7.3.4",  # e-mail, which Vietnamese CAs write into certificates for signing
        _CLIENT,
    }
)


def check_signer(certificate: x509.Certificate, purposes: frozenset[str] = PURPOSES) -> None:
    """Raises Rejected unless the certificate is a holder's, not an authority's, its key may sign, and it
    names one of `purposes` (OIDs) or none at all. Whether the extension is critical does not matter."""
    usage = certificate.key_usage_value
    used_for = usage.native if usage is not None else set()
    if certificate.ca or not _SIGNS & used_for or _ISSUES & used_for:
        raise Rejected(InvalidityReason.CERTIFICATE_USAGE)
    check_purposes(certificate, purposes)


def check_purposes(certificate: x509.Certificate, purposes: frozenset[str]) -> None:
    """Raises Rejected if the certificate names purposes, but none that is accepted. An authority's purposes
    limit what it issues. Web servers' certificates often name the client purpose too: with the server's, it
    is not enough."""
    value = certificate.extended_key_usage_value
    if value is None:
        return
    named = {purpose.dotted for purpose in value}
    accepted = named & purposes
    if not accepted or (accepted == {_CLIENT} and _SERVER in named):
        raise Rejected(InvalidityReason.CERTIFICATE_USAGE)
