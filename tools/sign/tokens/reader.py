"""Reads the certificates of the tokens of one PKCS#11 library, without a PIN."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from asn1crypto import x509
from pkcs11 import Attribute, Mechanism, ObjectClass, Session, Slot, Token
from pkcs11._pkcs11 import lib
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import (
    DeviceRemoved,
    PKCS11Error,
    SessionHandleInvalid,
    SlotIDInvalid,
    TokenNotPresent,
    TokenNotRecognised,
)

from tools.sign.protocol import PinState, TokenCertificate, TokenState
from tools.sign.tokens.certificate import BadCertificate, describe, parse, visible
from tools.sign.tokens.orders import TokenContent

REMOVED = (DeviceRemoved, TokenNotPresent, TokenNotRecognised, SessionHandleInvalid, SlotIDInvalid)
"""What a library says of a token that is taken out in the middle."""


class StoredCertificate(NamedTuple):
    key_id: bytes
    der: bytes


def read(library: lib) -> TokenContent:
    """Every certificate that has a private key, of every token."""
    tokens = 0
    found: list[TokenCertificate] = []
    for slot, token in present_tokens(library):
        with suppress(*REMOVED):
            found += _certificates(slot, token)
            tokens += 1
    return TokenContent(tokens=tokens, certificates=tuple(found))


def present_tokens(library: lib) -> Iterator[tuple[Slot, Token]]:
    """Each token that is plugged in and initialised. One that goes away meanwhile is left out."""
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except REMOVED:
            continue
        if token.flags & TokenFlag.TOKEN_INITIALIZED:
            yield slot, token


def pin_state(flags: TokenFlag) -> PinState:
    return PinState(
        low=bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        final_try=bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        locked=bool(flags & TokenFlag.USER_PIN_LOCKED),
    )


def stored_certificates(session: Session) -> Iterator[StoredCertificate]:
    """Every certificate that the session sees. An object without the usual attributes is left out."""
    for entry in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        try:
            yield StoredCertificate(bytes(entry[Attribute.ID]), bytes(entry[Attribute.VALUE]))
        except PKCS11Error:
            continue


def _certificates(slot: Slot, token: Token) -> list[TokenCertificate]:
    with token.open() as session:
        stored = list(stored_certificates(session))
        keys = {
            bytes(key[Attribute.ID])
            for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        }
    parsed: list[tuple[bytes, x509.Certificate]] = []
    for key_id, der in stored:
        with suppress(BadCertificate):
            parsed.append((key_id, parse(der)))
    authorities = [certificate for _, certificate in parsed if certificate.ca]
    has_pss = Mechanism.RSA_PKCS_PSS in slot.get_mechanisms()
    # Before the login most tokens hide their private keys: then an id is all that can be asked for.
    hides_keys = bool(token.flags & TokenFlag.LOGIN_REQUIRED)
    found: list[TokenCertificate] = []
    for key_id, certificate in parsed:
        if not certificate.ca and key_id and (hides_keys or key_id in keys):
            with suppress(BadCertificate):
                found.append(describe(certificate, authorities, _state(token), has_pss=has_pss))
    return found


def _state(token: Token) -> TokenState:
    pin = pin_state(token.flags)
    return TokenState(
        label=visible(token.label),
        pin_low=pin.low,
        pin_final_try=pin.final_try,
        pin_locked=pin.locked,
        pin_pad=bool(token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
    )
