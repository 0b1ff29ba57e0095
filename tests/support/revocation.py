"""Revokes a certificate of the local stack's certification authority."""

from cryptography import x509

from deploy.local.people.pki import FROM, UNTIL, Pki, write_private


def revoke(pki: Pki, certificate: x509.Certificate) -> None:
    """Add the certificate to the issuing CA's revocation list."""
    path = pki.crls / "issuing.crl"
    listed = {entry.serial_number for entry in x509.load_der_x509_crl(path.read_bytes())}
    write_private(path, pki.issuing.revocations(listed | {certificate.serial_number}, (FROM, UNTIL)))
