"""The vendor's seal on a token or in an HSM (PKCS#11): the key never leaves it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import PinIncorrect
from pydantic import SecretStr
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, find_token

from services.signing.contracts.seal import BadSeal, SealUnusable, check_key
from services.signing.pades.mechanisms import cms_algorithm
from services.signing.pades.preparation import PreparedPdf

_TRIED_BEFORE = TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED


@dataclass(frozen=True, slots=True)
class SealToken:
    """Where the key is: the library of the token, the token's label, and the id of the key and of its
    certificate on it."""

    library: Path
    label: str
    key_id: bytes
    pin: SecretStr


@dataclass(frozen=True, slots=True)
class TokenSeal:
    """Each use opens a session of its own, one after another. A token that hangs holds up all of them: the
    age of the loop `seal` shows it.

    A wrong PIN is tried once. Then the token says so, and nothing logs in until somebody has done it with the
    right PIN: otherwise the checks would lock it.
    """

    token: SealToken
    certificates: tuple[bytes, ...]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @classmethod
    def load(cls, token: SealToken) -> Self:
        """Read the certificates: the key's own, then the authorities' on the token. Raises BadSeal."""
        try:
            with _session(token) as session:
                found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
                stored = [(each[Attribute.ID], each[Attribute.VALUE]) for each in found]
        except SealUnusable as error:
            raise BadSeal(f"token {token.label}: {error}") from None
        own = [der for key_id, der in stored if key_id == token.key_id]
        if len(own) != 1:
            raise BadSeal(f"token {token.label}: holds {len(own)} certificates of that id")
        check_key(own[0], f"token {token.label}")
        authorities = (der for _, der in stored if x509.Certificate.load(der).ca)
        return cls(token, (*own, *authorities))

    async def check(self) -> None:
        """Raises SealUnusable unless the key can be reached."""
        async with self._turn:
            await asyncio.to_thread(self._find_key)

    async def sign(self, prepared: PreparedPdf) -> bytes:
        """The signature value. Raises SealUnusable."""
        async with self._turn:
            return await asyncio.to_thread(self._sign, prepared)

    def _find_key(self) -> None:
        with _session(self.token) as session:
            session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=self.token.key_id)

    def _sign(self, prepared: PreparedPdf) -> bytes:
        own = x509.Certificate.load(self.certificates[0])
        with _session(self.token) as session:
            signer = PKCS11Signer(
                session,
                signing_cert=own,
                key_id=self.token.key_id,
                signature_mechanism=cms_algorithm(prepared.algorithm),
                use_raw_mechanism=own.public_key.algorithm == "ec",  # many tokens hash nothing for ECDSA
            )
            attributes, hashed = prepared.resumable.attributes, prepared.algorithm.hash
            return bytes(asyncio.run(signer.async_sign_raw(attributes, hashed)))


_REFUSED: set[SealToken] = set()
"""Not every token says in its flags that a wrong PIN was tried."""


@contextmanager
def _session(token: SealToken) -> Iterator[pkcs11.Session]:
    """An open session, logged in. Raises SealUnusable for whatever fails in it; the text never has the
    PIN."""
    try:
        slots = pkcs11.lib(str(token.library)).get_slots(token_present=True)
        found = find_token(slots, token_criteria=TokenCriteria(label=token.label))
        if found is None:
            raise SealUnusable("no such token")
        if token in _REFUSED:
            raise SealUnusable("the PIN is wrong; it is not tried again before a restart")
        if found.flags & _TRIED_BEFORE:
            raise SealUnusable("a wrong PIN was tried; log in once with the right one by the token's tool")
        with found.open(user_pin=token.pin.get_secret_value()) as session:
            yield session
    except SealUnusable:
        raise
    except PinIncorrect:
        _REFUSED.add(token)
        raise SealUnusable("the PIN is wrong") from None
    except Exception as error:  # each library fails in its own ways
        raise SealUnusable(type(error).__name__) from None
