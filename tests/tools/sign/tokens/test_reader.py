"""What the list of certificates says of real tokens."""

import unicodedata

import pytest
from pkcs11 import Slot, Token
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import DeviceRemoved

from deploy.local.people import soft_token
from tests.tools.sign.authority import HOLDER, der
from tests.tools.sign.conftest import LABEL, Office
from tools.sign.protocol import PinState, TokenCertificate
from tools.sign.tokens import reader
from tools.sign.tokens.orders import TokenContent
from tools.sign.tokens.reader import pin_state, read


@pytest.fixture
def content(office: Office) -> TokenContent:
    return read(soft_token.reload())


@pytest.fixture
def listed(content: TokenContent) -> dict[str, TokenCertificate]:
    return {one.id: one for one in content.certificates}


def test_every_certificate_with_a_key_of_every_token_is_listed(
    content: TokenContent, listed: dict[str, TokenCertificate], office: Office
) -> None:
    assert content.tokens == 3
    assert listed.keys() == set(office.ids.values()), "no authority, nothing without an id, nothing broken"
    assert len(content.certificates) == len(listed)


def test_a_certificate_says_what_the_page_needs(listed: dict[str, TokenCertificate], office: Office) -> None:
    issued = office.certificates["rsa"]
    one = listed[office.ids["rsa"]]
    assert one.certificate == der(issued)
    assert one.issuers == tuple(map(der, office.issuers))
    assert (one.holder, one.issuer, one.serial) == (HOLDER, "Office CA", f"{issued.serial_number:x}")
    assert one.codes == ("MST:0100686209-199", "MNS:1047665", "MST:0100686209")
    assert (one.valid_from, one.valid_to) == (issued.not_valid_before_utc, issued.not_valid_after_utc)


def test_key_and_algorithms_follow_the_certificate(
    listed: dict[str, TokenCertificate], office: Office
) -> None:
    said = {name: (listed[office.ids[name]].key, listed[office.ids[name]].algorithms) for name in office.ids}
    assert said["rsa"] == ("RSA 2048", ("PS256", "RS256"))
    assert said["p256"] == ("EC P-256", ("ES256",))
    assert said["p384"] == ("EC P-384", ("ES384",))


def test_a_label_stored_decomposed_is_told_composed(
    listed: dict[str, TokenCertificate], office: Office
) -> None:
    label = listed[office.ids["rsa"]].token.label
    assert label != LABEL
    assert label == unicodedata.normalize("NFC", LABEL)


def test_a_token_that_is_taken_out_while_it_is_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def remove(slot: Slot, token: Token) -> list[TokenCertificate]:
        if token.label == "second":
            raise DeviceRemoved
        return real(slot, token)

    real = reader._certificates
    monkeypatch.setattr(reader, "_certificates", remove)
    content = read(soft_token.reload())
    assert content.tokens == 2
    assert "EC P-384" in {one.key for one in content.certificates}, "of the third token"


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        (TokenFlag(0), PinState()),
        (TokenFlag.USER_PIN_COUNT_LOW, PinState(low=True)),
        (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY, PinState(low=True, final_try=True)),
        (TokenFlag.USER_PIN_LOCKED | TokenFlag.LOGIN_REQUIRED, PinState(locked=True)),
    ],
)
def test_the_flags_of_a_token_say_how_its_pin_stands(flags: TokenFlag, state: PinState) -> None:
    assert pin_state(flags) == state
