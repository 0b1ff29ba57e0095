"""A certification authority for the tests, with certificates of an office as Vietnamese ones look."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
HOLDER = "Trường Tiểu học Xuân Phú"
UIDS = ("MST:0100686209-199", "MNS:1047665", "MST:0100686209", "note: no code")


def at(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def name(common: str, uids: tuple[str, ...] = ()) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name([*attributes, *(x509.NameAttribute(NameOID.USER_ID, uid) for uid in uids)])


@dataclass(frozen=True)
class Authority:
    """Issues with one key; `issuer` None: a root."""

    key: Key
    certificate: x509.Certificate

    def issue(self, key: Key, holder: str = HOLDER, begin: int = 2020, end: int = 2060) -> x509.Certificate:
        return certificate(name(holder, UIDS), key, self.certificate.subject, self.key, begin, end)

    def authority(self, common: str, key: Key) -> "Authority":
        issued = certificate(name(common), key, self.certificate.subject, self.key, ca=True)
        return Authority(key, issued)


def root(key: Key) -> Authority:
    subject = name("Root CA")
    return Authority(key, certificate(subject, key, subject, key, ca=True))


def certificate(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: Key,
    begin: int = 2020,
    end: int = 2060,
    *,
    ca: bool = False,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(at(begin)).not_valid_after(at(end))
    builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def der(issued: x509.Certificate) -> bytes:
    return issued.public_bytes(Encoding.DER)
