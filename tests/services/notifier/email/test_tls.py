"""TLS to the mail server, and the login."""

import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifier.domain.delivery_result import DeliveryOutcome
from services.notifier.email.smtp_connection import ServerUnavailable
from services.notifier.main import smtp_connections
from services.notifier.settings import NotifierSettings
from tests.services.notifier.postoffice import opened

LETTER = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with a key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mail")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def settings(port: int, tls: str, password: str | None = None) -> NotifierSettings:
    login = {"smtp_user": "giahan", "smtp_password": password} if password else {}
    return NotifierSettings.model_validate(
        {"smtp_port": port, "smtp_seconds": 5, "smtp_tls": tls, "smtp_connections": 1, **login}
    )


def knows(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"giahan", b"secret"), handled=False)


@pytest.mark.parametrize("tls", ["starttls", "offered"])
async def test_starttls_with_login(certificate: Path, monkeypatch: pytest.MonkeyPatch, tls: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = {"authenticator": knows, "auth_required": True} if tls == "starttls" else {}
    async with opened(tls_context=server_side(certificate), require_starttls=True, **login) as office:
        (connection,) = smtp_connections(settings(office.port, tls, "secret" if login else None))
        await connection.ready()
        assert (await connection.send("a@giahanso.example", LETTER)).outcome is DeliveryOutcome.DELIVERED
        await connection.quit()
    assert len(office.taken) == 1


async def test_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    async with opened(tls_context=server_side(certificate)) as office:
        (connection,) = smtp_connections(settings(office.port, "starttls"))
        with pytest.raises(ServerUnavailable):
            await connection.ready()


async def test_starttls_is_insisted_on() -> None:
    async with opened() as office:
        (connection,) = smtp_connections(settings(office.port, "starttls"))
        with pytest.raises(ServerUnavailable):
            await connection.ready()


async def test_wrong_password_keeps_the_server_away(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with opened(tls_context=server_side(certificate), authenticator=knows) as office:
        (connection,) = smtp_connections(settings(office.port, "starttls", "wrong"))
        with pytest.raises(ServerUnavailable) as away:
            await connection.ready()
    assert "secret" not in str(away.value)
    assert "wrong" not in str(away.value)
