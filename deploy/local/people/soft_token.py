"""A signing token in software (SoftHSM), which a program uses through PKCS#11 as it uses a USB token.

    python -m deploy.local.people.soft_token --p12 FILE --label LABEL

makes a token with the file's key and certificates. SOFTHSM2_CONF names the store of the tokens, P12_PASSWORD
and TOKEN_PIN have the file's password and the token's PIN. SoftHSM reads SOFTHSM2_CONF when it is loaded, so
a program that isn't started with it makes its token in this process of its own.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11._pkcs11 import lib
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key

from deploy.local.host.problem import StackProblem
from deploy.local.people.authority import Key
from deploy.local.people.pki import Credential
from deploy.local.texts import both

_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
_SECURITY_OFFICER_PIN = "12345678"


class SoftToken:
    """A token that is filled by its own PIN. `key_id` is what a key and its certificate have in common."""

    def __init__(self, label: str, pin: str) -> None:
        self._label = label
        self._pin = pin

    def add(self, issued: x509.Certificate, key: Key, key_id: bytes) -> None:
        """Store the certificate with its private key."""
        self.add_certificate(issued, key_id)
        self._create(_private_key(key, key_id))

    def add_certificate(self, issued: x509.Certificate, key_id: bytes) -> None:
        """Store the certificate alone."""
        self.add_der(issued.subject.public_bytes(), issued.public_bytes(Encoding.DER), key_id)

    def add_der(self, subject: bytes, certificate: bytes, key_id: bytes) -> None:
        """Store a certificate as it is, also one that cannot be read. `subject` is DER too."""
        self._create(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: False,
                Attribute.ID: key_id,
                Attribute.SUBJECT: subject,
                Attribute.VALUE: certificate,
            }
        )

    def _create(self, attributes: dict[Attribute, Any]) -> None:
        for token in reload().get_tokens():
            if token.label == self._label:
                with token.open(rw=True, user_pin=self._pin) as session:
                    session.create_object(attributes)
                return
        raise LookupError(self._label)


def library_path() -> str:
    """Raises StackProblem without SoftHSM."""
    found = (os.path.realpath(place) for place in _PLACES if Path(place).exists())
    if not (path := next(found, "")):
        raise StackProblem(*both("token.no_library"))
    return path


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


def make_token(label: str, pin: str) -> SoftToken:
    """An empty token in the store. Raises StackProblem."""
    command = ["softhsm2-util", "--init-token", "--free", "--label", label]
    # Others on this machine could see the PIN here for an instant: such tokens are for tests and the demo.
    secrets = ["--pin", pin, "--so-pin", _SECURITY_OFFICER_PIN]
    made = subprocess.run([*command, *secrets], capture_output=True, text=True, check=False)
    if made.returncode:
        raise StackProblem(*both("token.not_made"), made.stderr)
    return SoftToken(label, pin)


def give_token(own: Credential, label: str, pin: str, environment: Mapping[str, str]) -> None:
    """Make a token with the credential in a process of its own. `environment` has SOFTHSM2_CONF. Raises
    StackProblem."""
    command = [
        sys.executable, "-m", "deploy.local.people.soft_token", "--p12", str(own.p12), "--label", label,
    ]  # fmt: skip
    secrets = {"P12_PASSWORD": own.password, "TOKEN_PIN": pin}
    made = subprocess.run(
        command, env={**environment, **secrets}, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise StackProblem(*both("token.not_made"), made.stderr)


def _private_key(key: Key, key_id: bytes) -> dict[Attribute, Any]:
    common = {Attribute.TOKEN: True, Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.ID: key_id}
    content = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    if isinstance(key, rsa.RSAPrivateKey):
        return {**decode_rsa_private_key(content), **common}
    return {**decode_ec_private_key(content), **common, Attribute.KEY_TYPE: KeyType.EC}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.people.soft_token")
    parser.add_argument("--p12", type=Path, required=True, help="the PKCS#12 file")
    parser.add_argument("--label", required=True, help="the token's name, at most 32 bytes")
    given = parser.parse_args()
    content = pkcs12.load_pkcs12(given.p12.read_bytes(), os.environ["P12_PASSWORD"].encode())
    assert content.cert
    assert isinstance(content.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    try:
        token = make_token(given.label, os.environ["TOKEN_PIN"])
    except StackProblem as problem:
        raise SystemExit(str(problem)) from None
    token.add(content.cert.certificate, content.key, b"\x01")
    for number, authority in enumerate(content.additional_certs, start=2):
        token.add_certificate(authority.certificate, bytes([number]))


if __name__ == "__main__":
    main()
