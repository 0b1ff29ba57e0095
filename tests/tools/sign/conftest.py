"""Tokens that stand for an office's: two with certificates, and one for wrong PINs."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from deploy.local.people import soft_token
from tests.tools.sign import softhsm
from tests.tools.sign.authority import Authority, Key, root

LABEL = unicodedata.normalize("NFD", "TRẦN NGỌC TÚ's token")


@dataclass
class Office:
    """What is on the tokens: certificates by a name of ours, and their ids."""

    configuration: Path
    library: str
    certificates: dict[str, x509.Certificate] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    issuers: tuple[x509.Certificate, ...] = ()


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """An authority under a root."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    return root(keys[0]).authority("Office CA", keys[1])


@pytest.fixture(scope="session")
def office(
    tmp_path_factory: pytest.TempPathFactory, rsa_key: rsa.RSAPrivateKey, authority: Authority
) -> Office:
    folder = tmp_path_factory.mktemp("softhsm")
    made = Office(soft_token.make_store(folder), soft_token.library_path(), issuers=(authority.certificate,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(made.configuration))
        _fill(made, authority, rsa_key)
    return made


def _fill(made: Office, authority: Authority, rsa_key: rsa.RSAPrivateKey) -> None:
    p256, p384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
    made.certificates = {
        "rsa": authority.issue(rsa_key),
        "p256": authority.issue(p256, "Nguyễn Văn Á"),
        "expired": authority.issue(p256, end=2021),
        "future": authority.issue(p256, begin=2055),
        "p384": authority.issue(p384),
        "wrong_pin": authority.issue(p384, "Wrong PIN"),
    }
    keys: dict[str, Key] = {"rsa": rsa_key, "p384": p384, "wrong_pin": p384}
    pins = {LABEL: softhsm.PIN, "second": softhsm.TYPED_PIN, "wrong PIN": softhsm.PIN}
    tokens = [soft_token.make_token(label, pin) for label, pin in pins.items()]
    places = {"p384": tokens[1], "wrong_pin": tokens[2]}
    for number, (name, certificate) in enumerate(made.certificates.items(), start=1):
        token = places.get(name, tokens[0])
        token.add(certificate, keys.get(name, p256), bytes([number]))
        made.ids[name] = certificate.fingerprint(SHA256()).hex()
    tokens[0].add_certificate(authority.certificate, b"\x77")
    tokens[0].add_certificate(authority.issue(p256, "No key's id"), b"")
    softhsm.add_broken_certificate(tokens[0], b"\x78")


@pytest.fixture(autouse=True)
def softhsm_environment(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(office.configuration))
