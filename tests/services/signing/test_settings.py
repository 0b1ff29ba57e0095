"""Settings of signing that only count together."""

from typing import Any

import pytest
from pydantic import ValidationError

from deploy.local.people.pki import Pki
from shared.runtime.settings import Settings
from tests.services.signing.service import signing_settings

FILE = {"seal_p12": "vendor.p12", "seal_password": "s3cret"}
TOKEN = {
    "seal_library": "/usr/lib/token.so",
    "seal_token_label": "Con dấu",
    "seal_key_id": "01af",
    "seal_pin": "s3cret",
}
NONE: dict[str, Any] = dict.fromkeys(FILE | TOKEN, "") | {"seal_p12": None, "seal_library": None}


@pytest.mark.parametrize("seal", [FILE, TOKEN], ids=["file", "token"])
def test_seal_is_a_file_or_on_a_token(settings: Settings, pki: Pki, seal: dict[str, Any]) -> None:
    made = signing_settings(settings, pki, **NONE | seal)
    assert bool(made.seal_p12) is (seal is FILE)
    assert "s3cret" not in repr(made)


@pytest.mark.parametrize(
    "seal",
    [
        {},
        FILE | TOKEN,
        {"seal_p12": "vendor.p12"},
        *({name: value for name, value in TOKEN.items() if name != left} for left in TOKEN),
        TOKEN | {"seal_key_id": "1"},
    ],
)
def test_seal_that_is_neither_or_both(settings: Settings, pki: Pki, seal: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as wrong:
        signing_settings(settings, pki, **NONE | seal)
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"tsa_url": "ftp://tsa.vn"},
        {"tsa_url": "http://user:pass@tsa.vn"},
        {"tsa_url": "http://tsa.vn", "crls": None},
        {"require_long_term": True},
        {"require_revocation": True, "crls": None},
        {"stamp_zone": "Asia/Hanoi"},
        {"revocation_hosts": ["http://ocsp.vn"]},
        {"revocation_hosts": ["ocsp.vn/x"]},
    ],
)
def test_authorities_that_cannot_work(settings: Settings, pki: Pki, changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        signing_settings(settings, pki, **changed)


ONE = {"name": "one", "label": "One", "url": "https://sign.ca.vn/csc/v1"}


def test_provider_of_remote_signatures(settings: Settings, pki: Pki) -> None:
    oauth = {"name": "two", "auth": "oauth2", "client_id": "us", "secret": "s3cret"}
    made = signing_settings(settings, pki, remote_providers=[ONE, ONE | oauth])
    one, two = made.remote_providers
    assert (one.version, one.auth, one.asks_for) == ("v1", "none", "key")
    assert two.token_address == "https://sign.ca.vn/csc/v1/oauth2/token"
    assert "s3cret" not in repr(made)


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "http://sign.ca.vn/csc/v1"},
        {"url": "https://user:pass@sign.ca.vn/csc"},
        {"url": "https://sign.ca.vn/csc/"},
        {"url": "https://sign.ca.vn/csc?x=1"},
        {"token_url": "ftp://sign.ca.vn"},
        {"version": "v3"},
        {"auth": "bearer"},
        {"auth": "oauth2", "secret": "s3cret"},
        {"secret": "s3cret"},
        {"name": "Một"},
        {"unknown": "s3cret"},
    ],
)
def test_provider_that_cannot_work(settings: Settings, pki: Pki, changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as wrong:
        signing_settings(settings, pki, remote_providers=[ONE | changed])
    assert "s3cret" not in str(wrong.value)


def test_two_providers_of_one_name(settings: Settings, pki: Pki) -> None:
    with pytest.raises(ValidationError):
        signing_settings(settings, pki, remote_providers=[ONE, ONE])


def test_requests_may_take_longer_where_others_are_asked(settings: Settings, pki: Pki) -> None:
    alone = signing_settings(settings, pki)
    asking = signing_settings(settings, pki, revocation_hosts=["ocsp.vn"], tsa_url="http://tsa.vn:8080/tsr")
    assert asking.answer_seconds == alone.answer_seconds + 5 * asking.fetch_seconds
