"""A certification authority of the local stack: it issues and revokes certificates and signs its revocation
list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Usage = Literal["digital_signature", "content_commitment", "key_encipherment"]
Period = tuple[datetime, datetime]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_REVOKED_AT = datetime(2021, 1, 1, tzinfo=UTC)


def subject(name: str, uids: Sequence[str] = ()) -> x509.Name:
    """A subject name. `UID=…` (0.9.2342.19200300.100.1.1) may repeat, each in its own RDN, as real CAs write
    it."""
    parts = [x509.NameAttribute(NameOID.USER_ID, uid) for uid in uids]
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, _fitted(name)))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")])


def _fitted(name: str) -> str:
    """The name cut to the 64 bytes of UTF-8 that a common name may have (RFC 5280, A.1)."""
    return name.encode()[:64].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Authority:
    key: Key
    certificate: x509.Certificate

    @classmethod
    def root(cls, name: str, key: Key, period: Period) -> Self:
        own = subject(name)
        certificate = _ca(_certificate(own, own, key.public_key(), period), key).sign(key, hashes.SHA256())
        return cls(key, certificate)

    def subordinate(self, name: str, key: Key, period: Period) -> "Authority":
        builder = _certificate(subject(name), self.certificate.subject, key.public_key(), period)
        return Authority(key, self._identify(_ca(builder, key)).sign(self.key, hashes.SHA256()))

    def issue(
        self,
        name: x509.Name,
        key: CertificatePublicKeyTypes,
        usages: Sequence[Usage],
        period: Period,
        purposes: x509.Extension[x509.ExtendedKeyUsage] | None = None,
    ) -> x509.Certificate:
        """A holder's certificate with exactly these key usages, and with `purposes` if given."""
        builder = (
            _certificate(name, self.certificate.subject, key, period)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(*usages), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if purposes:
            builder = builder.add_extension(purposes.value, purposes.critical)
        return self._identify(builder).sign(self.key, hashes.SHA256())

    def server_pem(self, name: str, key: Key, hosts: Sequence[str], period: Period) -> bytes:
        """Key and certificate of a server that clients reach as `hosts` (names or addresses). It also
        authenticates to other servers with them."""
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            _certificate(subject(name), self.certificate.subject, key.public_key(), period)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName(list(map(_called, hosts))), critical=False)
        )
        certificate = self._identify(builder).sign(self.key, hashes.SHA256())
        return Authority(key, certificate).private_pem()

    def _identify(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return builder.add_extension(own, critical=False)

    def revocations(self, serials: Collection[int], period: Period) -> bytes:
        """The revocation list with `serials`, in DER."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(period[0])
            .next_update(period[1])
            .add_extension(x509.CRLNumber(len(serials) + 1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        for serial in sorted(serials):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_REVOKED_AT)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def private_pem(self) -> bytes:
        """Key and certificate in one PEM file."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self.pem()

    @classmethod
    def from_private_pem(cls, data: bytes) -> Self:
        key = load_pem_private_key(data, None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return cls(key, x509.load_pem_x509_certificate(data))


def _certificate(
    name: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, period: Period
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
    )


def _called(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _ca(builder: x509.CertificateBuilder, key: Key) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def key_usage(*named: str) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in named for name in names})
