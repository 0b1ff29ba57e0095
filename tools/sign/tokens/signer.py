"""Signs a digest with a private key of a token."""

from asn1crypto.algos import DigestInfo
from asn1crypto.core import Null
from pkcs11 import (
    MGF,
    PROTECTED_AUTH,
    Attribute,
    Mechanism,
    ObjectClass,
    PrivateKey,
    Session,
    Slot,
    Token,
)
from pkcs11 import exceptions as ckr
from pkcs11._pkcs11 import lib
from pkcs11.types import SignMixin

from tools.sign.failure import FailureCode
from tools.sign.protocol import PinState, TokenSignature
from tools.sign.tokens.certificate import certificate_id
from tools.sign.tokens.orders import SignOrder
from tools.sign.tokens.reader import REMOVED, pin_state, present_tokens, stored_certificates

_SALT_BYTES = 32


class OrderRefused(Exception):
    def __init__(self, code: FailureCode, cause: str | None = None, pin: PinState | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.cause = cause
        self.pin = pin


def sign(library: lib, order: SignOrder) -> TokenSignature:
    """Log in, sign, log out. Raises OrderRefused, PKCS11Error."""
    try:
        slot, token, key_id = _find(library, order.certificate)
        with _log_in(library, slot, token, order) as session:
            return _sign(session, slot, key_id, order)
    except REMOVED:
        raise OrderRefused(FailureCode.NO_TOKEN) from None
    except (ckr.FunctionCancelled, ckr.FunctionRejected):
        raise OrderRefused(FailureCode.CANCELLED) from None


def _find(library: lib, wanted: str) -> tuple[Slot, Token, bytes]:
    """The token with the certificate, found by the certificate itself: labels may repeat."""
    tokens = list(present_tokens(library))
    for slot, token in tokens:
        with token.open() as session:
            for stored in stored_certificates(session):
                if certificate_id(stored.der) == wanted:
                    return slot, token, stored.key_id
    raise OrderRefused(FailureCode.CERTIFICATE_UNKNOWN if tokens else FailureCode.NO_TOKEN)


def _log_in(library: lib, slot: Slot, token: Token, order: SignOrder) -> Session:
    pin = order.pin.get_secret_value() if order.pin else PROTECTED_AUTH
    try:
        try:
            return token.open(user_pin=pin)
        except ckr.UserAlreadyLoggedIn:
            # Somebody's earlier login still counts. Only a new start of the library has the PIN checked.
            library.reinitialize()
            return token.open(user_pin=pin)
    except ckr.PinIncorrect:
        raise OrderRefused(FailureCode.PIN_WRONG, pin=_pin_now(slot)) from None
    except ckr.PinLocked:
        raise OrderRefused(FailureCode.PIN_LOCKED, pin=_pin_now(slot)) from None
    except (ckr.PinLenRange, ckr.PinInvalid):
        raise OrderRefused(FailureCode.PIN_LENGTH) from None


def _pin_now(slot: Slot) -> PinState:
    """The flags after the failure. They may have changed with it."""
    return pin_state(slot.get_token().flags)


def _sign(session: Session, slot: Slot, key_id: bytes, order: SignOrder) -> TokenSignature:
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}
    key = next(iter(list(session.get_objects(wanted))), None)
    if not (isinstance(key, PrivateKey) and isinstance(key, SignMixin)):
        raise OrderRefused(FailureCode.TOKEN_ERROR, "no_private_key")
    pin = order.pin.get_secret_value() if order.pin and _asks_each_time(key) else None
    if order.algorithm in ("ES256", "ES384"):
        signature = key.sign(order.digest, mechanism=Mechanism.ECDSA, pin=pin)
        return TokenSignature(signature=signature, algorithm=order.algorithm)
    if order.algorithm == "PS256":
        with_pss = _sign_pss(key, slot, order.digest, pin)
        if with_pss:
            return TokenSignature(signature=with_pss, algorithm="PS256")
    signature = key.sign(_digest_info(order.digest), mechanism=Mechanism.RSA_PKCS, pin=pin)
    return TokenSignature(signature=signature, algorithm="RS256")


def _sign_pss(key: SignMixin, slot: Slot, digest: bytes, pin: str | None) -> bytes | None:
    """None if the token cannot do it. Some name the mechanism and refuse it."""
    if Mechanism.RSA_PKCS_PSS not in slot.get_mechanisms():
        return None
    parameters = (Mechanism.SHA256, MGF.SHA256, _SALT_BYTES)
    try:
        return key.sign(digest, mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=parameters, pin=pin)
    except (ckr.MechanismInvalid, ckr.MechanismParamInvalid):
        return None


def _asks_each_time(key: PrivateKey) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except ckr.PKCS11Error:
        return False


def _digest_info(digest: bytes) -> bytes:
    """What PKCS#1 v1.5 signs: the digest with the name of its algorithm."""
    algorithm = {"algorithm": "sha256", "parameters": Null()}
    return bytes(DigestInfo({"digest_algorithm": algorithm, "digest": digest}).dump())
