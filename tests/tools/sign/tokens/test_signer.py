"""Signatures of real tokens, checked by another library; and what tokens say when they refuse."""

from collections.abc import Callable
from hashlib import sha256, sha384

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from pkcs11 import exceptions as ckr
from pkcs11._pkcs11 import lib
from pkcs11.constants import TokenFlag

from deploy.local.people import soft_token
from tests.tools.sign import softhsm
from tests.tools.sign.conftest import Office
from tools.sign.failure import FailureCode
from tools.sign.protocol import Algorithm, PinState, TokenSignature
from tools.sign.tokens import signer
from tools.sign.tokens.orders import SignOrder
from tools.sign.tokens.reader import present_tokens
from tools.sign.tokens.signer import OrderRefused, sign

DIGEST = sha256(b"form").digest()
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def order(
    office: Office, name: str, algorithm: Algorithm, pin: str | None = softhsm.PIN, digest: bytes = DIGEST
) -> SignOrder:
    return SignOrder.model_validate(
        {
            "library": office.library,
            "certificate": office.ids[name],
            "algorithm": algorithm,
            "digest": digest,
            "pin": pin,
        }
    )


def rsa_public(office: Office) -> rsa.RSAPublicKey:
    key = office.certificates["rsa"].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def verify_ecdsa(office: Office, name: str, made: TokenSignature, digest: bytes) -> None:
    """Raises InvalidSignature. PKCS#11 gives r and s one after the other."""
    key = office.certificates[name].public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    half = len(made.signature) // 2
    r, s = (int.from_bytes(part) for part in (made.signature[:half], made.signature[half:]))
    algorithm = hashes.SHA256() if len(digest) == 32 else hashes.SHA384()
    key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(algorithm)))


def test_rsa_signs_with_pss(office: Office) -> None:
    made = sign(soft_token.reload(), order(office, "rsa", "PS256"))
    assert made.algorithm == "PS256"
    rsa_public(office).verify(made.signature, DIGEST, PSS, Prehashed(hashes.SHA256()))


def test_rsa_signs_with_the_old_padding_when_it_is_asked_for(office: Office) -> None:
    made = sign(soft_token.reload(), order(office, "rsa", "RS256"))
    assert made.algorithm == "RS256"
    rsa_public(office).verify(made.signature, DIGEST, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


class SlotWithoutPss:
    """SoftHSM's own slot always has PSS."""

    def get_mechanisms(self) -> set[pkcs11.Mechanism]:
        return {pkcs11.Mechanism.RSA_PKCS}


def test_a_token_without_pss_signs_with_the_old_padding_and_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = signer._find

    def find_without_pss(library: lib, wanted: str) -> tuple[object, pkcs11.Token, bytes]:
        _, token, key_id = find(library, wanted)
        return SlotWithoutPss(), token, key_id

    monkeypatch.setattr(signer, "_find", find_without_pss)
    made = sign(soft_token.reload(), order(office, "rsa", "PS256"))
    assert made.algorithm == "RS256"
    rsa_public(office).verify(made.signature, DIGEST, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


@pytest.mark.parametrize("refusal", [ckr.MechanismInvalid, ckr.MechanismParamInvalid])
def test_a_token_that_names_pss_and_refuses_it_counts_as_without(refusal: type[Exception]) -> None:
    class Key:
        def sign(self, *_: object, **__: object) -> bytes:
            raise refusal

    assert signer._sign_pss(Key(), soft_token.reload().get_slots()[0], DIGEST, None) is None  # type: ignore[arg-type]


def test_p256_signs(office: Office) -> None:
    made = sign(soft_token.reload(), order(office, "p256", "ES256"))
    assert len(made.signature) == 64
    verify_ecdsa(office, "p256", made, DIGEST)


def test_p384_of_the_second_token_signs(office: Office) -> None:
    digest = sha384(b"form").digest()
    made = sign(soft_token.reload(), order(office, "p384", "ES384", softhsm.TYPED_PIN, digest))
    assert len(made.signature) == 96
    verify_ecdsa(office, "p384", made, digest)


def test_a_wrong_pin_is_told_with_the_flags_that_follow_it(office: Office) -> None:
    with pytest.raises(OrderRefused) as refused:
        sign(soft_token.reload(), order(office, "wrong_pin", "ES384", "0000", sha384(b"x").digest()))
    assert refused.value.code == FailureCode.PIN_WRONG
    assert refused.value.pin == PinState(low=True)


def test_an_earlier_login_does_not_spare_the_pin(office: Office) -> None:
    library = soft_token.reload()
    session = next(token for token in library.get_tokens() if token.label == "second").open(
        user_pin=softhsm.TYPED_PIN
    )
    with pytest.raises(OrderRefused) as refused:
        sign(library, order(office, "p384", "ES384", "0000", sha384(b"x").digest()))
    assert refused.value.code == FailureCode.PIN_WRONG
    assert session is not None


def test_an_earlier_login_is_in_nobodys_way(office: Office) -> None:
    library = soft_token.reload()
    session = next(token for token in library.get_tokens() if token.label == "second").open(
        user_pin=softhsm.TYPED_PIN
    )
    digest = sha384(b"x").digest()
    verify_ecdsa(
        office, "p384", sign(library, order(office, "p384", "ES384", softhsm.TYPED_PIN, digest)), digest
    )
    assert session is not None


def test_after_the_signature_the_token_is_logged_out(office: Office) -> None:
    library = soft_token.reload()
    sign(library, order(office, "p256", "ES256"))
    private = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
    for _, token in present_tokens(library):
        with token.open() as session:
            assert list(session.get_objects(private)) == []


def test_a_certificate_that_no_token_has_is_unknown(office: Office) -> None:
    unknown = order(office, "rsa", "PS256").model_copy(update={"certificate": "0" * 64})
    with pytest.raises(OrderRefused) as refused:
        sign(soft_token.reload(), unknown)
    assert refused.value.code == FailureCode.CERTIFICATE_UNKNOWN


class Slot:
    """A token of which no real one is here: one that locks, has a PIN pad, or is taken out."""

    def __init__(self, flags: TokenFlag, log_in: Callable[[object], object]) -> None:
        self.flags = flags
        self._log_in = log_in

    def get_token(self) -> "Slot":
        return self

    def open(self, user_pin: object) -> object:
        return self._log_in(user_pin)


LOCKED = PinState(locked=True)


@pytest.mark.parametrize(
    ("error", "code", "pin"),
    [
        (ckr.PinIncorrect, FailureCode.PIN_WRONG, LOCKED),
        (ckr.PinLocked, FailureCode.PIN_LOCKED, LOCKED),
        (ckr.PinLenRange, FailureCode.PIN_LENGTH, None),
        (ckr.PinInvalid, FailureCode.PIN_LENGTH, None),
        (ckr.DeviceRemoved, FailureCode.NO_TOKEN, None),
        (ckr.TokenNotPresent, FailureCode.NO_TOKEN, None),
        (ckr.SessionHandleInvalid, FailureCode.NO_TOKEN, None),
        (ckr.FunctionCancelled, FailureCode.CANCELLED, None),
    ],
)
def test_what_a_token_says_at_the_login_has_its_code(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    code: FailureCode,
    pin: PinState | None,
) -> None:
    def refuse(_: object) -> object:
        raise error

    slot = Slot(TokenFlag.USER_PIN_LOCKED, refuse)
    monkeypatch.setattr(signer, "_find", lambda *_: (slot, slot, b""))
    with pytest.raises(OrderRefused) as refused:
        sign(soft_token.reload(), order(office, "rsa", "PS256"))
    assert (refused.value.code, refused.value.pin) == (code, pin)


def test_a_pin_pad_gets_no_pin(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def log_in(pin: object) -> object:
        given.append(pin)
        raise ckr.FunctionCancelled

    slot = Slot(TokenFlag.PROTECTED_AUTHENTICATION_PATH, log_in)
    monkeypatch.setattr(signer, "_find", lambda *_: (slot, slot, b""))
    with pytest.raises(OrderRefused):
        sign(soft_token.reload(), order(office, "rsa", "PS256", pin=None))
    assert given == [pkcs11.PROTECTED_AUTH]


def test_an_order_never_shows_its_pin(office: Office) -> None:
    made = order(office, "rsa", "PS256")
    assert softhsm.PIN not in f"{made!r} {made}"
