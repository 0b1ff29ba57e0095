"""Real tokens of SoftHSM in a folder of the tests' own."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11._pkcs11 import lib
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key

from tests.tools.sign.authority import Key, der

_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "Mật-khẩu 7391"
"""Of every token but the one of TYPED_PIN."""
TYPED_PIN = "k7391-4826"
"""Has its keys on every keyboard, and none with Shift."""


def library_path() -> str:
    """`make bootstrap` installs it."""
    return next(os.path.realpath(place) for place in _PLACES if Path(place).exists())


def make_store(folder: Path) -> Path:
    """A folder for tokens. The file returned is for SOFTHSM2_CONF."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    return configuration


def reload() -> lib:
    """The library as it sees the tokens that SOFTHSM2_CONF names now."""
    library = pkcs11.lib(library_path())
    library.reinitialize()
    return library


def make_token(label: str, pin: str) -> "SoftToken":
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        label,
        "--pin",
        pin,
        "--so-pin",
        "12345678",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return SoftToken(label, pin)


class SoftToken:
    """A token that is filled by its own PIN."""

    def __init__(self, label: str, pin: str) -> None:
        self._label = label
        self._pin = pin

    def add(self, issued: x509.Certificate, key: Key, key_id: bytes) -> str:
        """Store the certificate with its private key. Returns the certificate's id in the protocol."""
        self.add_certificate(issued, key_id)
        self._create(_private_key(key, key_id))
        return certificate_id(issued)

    def add_certificate(self, issued: x509.Certificate, key_id: bytes) -> None:
        self._create(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: False,
                Attribute.ID: key_id,
                Attribute.SUBJECT: issued.subject.public_bytes(),
                Attribute.VALUE: der(issued),
            }
        )

    def add_broken_certificate(self, key_id: bytes) -> None:
        self._create(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: False,
                Attribute.ID: key_id,
                Attribute.SUBJECT: b"\x30\x00",
                Attribute.VALUE: b"\x30\x03no!",
            }
        )

    def _create(self, attributes: dict[Attribute, Any]) -> None:
        for token in reload().get_tokens():
            if token.label == self._label:
                with token.open(rw=True, user_pin=self._pin) as session:
                    session.create_object(attributes)
                return
        raise LookupError(self._label)


def _private_key(key: Key, key_id: bytes) -> dict[Attribute, Any]:
    common = {Attribute.TOKEN: True, Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.ID: key_id}
    if isinstance(key, rsa.RSAPrivateKey):
        content = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return {**decode_rsa_private_key(content), **common}
    content = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return {**decode_ec_private_key(content), **common, Attribute.KEY_TYPE: KeyType.EC}


def certificate_id(issued: x509.Certificate) -> str:
    return issued.fingerprint(hashes.SHA256()).hex()
