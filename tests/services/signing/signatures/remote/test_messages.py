"""What is sent to a provider, and what is read of its answers."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.remote import RemoteFailure
from services.signing.signatures.remote.messages import (
    AccessToken,
    Codes,
    DigestToSign,
    Grant,
    KeyDescription,
    KeyIds,
    Refusal,
    Signatures,
)

PSS, RSA_SHA256, RSA = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"
PIN, OTP = SecretStr("482913"), SecretStr("771204")
WANTED = DigestToSign("key-1", b"\x01" * 32, "sha256", PSS, "Phiếu GH-0001")
DIGEST = b64encode(WANTED.digest).decode()


def described(**changed: Any) -> KeyDescription:
    values = {
        "key": {"status": "enabled", "algo": [PSS, RSA], "len": 2048},
        "cert": {"certificates": [b64encode(b"der").decode()]},
        "multisign": 1,
    }
    return KeyDescription.model_validate_json(json.dumps(values | changed))


def version_2(*objects: dict[str, str], mode: str = "explicit") -> KeyDescription:
    return described(auth={"mode": mode, "objects": list(objects)})


@pytest.mark.parametrize(
    ("key", "codes", "missing"),
    [
        (described(authMode="implicit"), Codes(), None),
        (described(authMode="explicit", PIN={"presence": "true"}), Codes(), RemoteFailure.PIN_NEEDED),
        (described(authMode="explicit", PIN={"presence": True}), Codes(PIN), None),
        (described(PIN={"presence": "true"}, OTP={"presence": "true"}), Codes(PIN), RemoteFailure.OTP_NEEDED),
        (described(PIN={"presence": "optional"}, OTP={"presence": "false"}), Codes(), None),
        (described(authMode="oauth2code"), Codes(PIN, OTP), RemoteFailure.WAY_UNSUPPORTED),
        (version_2(), Codes(), None),
        (version_2({"type": "Password", "id": "PIN"}), Codes(), RemoteFailure.PIN_NEEDED),
        (
            version_2({"type": "Password", "id": "x", "generator": "totp"}),
            Codes(PIN),
            RemoteFailure.OTP_NEEDED,
        ),
        (version_2({"type": "ChallengeResponse", "id": "sms"}), Codes(), RemoteFailure.OTP_NEEDED),
        (version_2({"type": "Biometry", "id": "face"}), Codes(PIN, OTP), RemoteFailure.WAY_UNSUPPORTED),
        (version_2(mode="oauth2code"), Codes(PIN, OTP), RemoteFailure.WAY_UNSUPPORTED),
    ],
)
def test_what_the_person_must_still_type(
    key: KeyDescription, codes: Codes, missing: RemoteFailure | None
) -> None:
    assert key.missing(codes) is missing


@pytest.mark.parametrize(
    ("offered", "wanted", "chosen"),
    [
        ([PSS, RSA_SHA256], Algorithm.PS256, PSS),
        ([RSA, RSA_SHA256], Algorithm.PS256, RSA_SHA256),
        ([RSA], Algorithm.PS256, RSA),
        (["1.2.840.10045.4.3.2"], Algorithm.ES256, "1.2.840.10045.4.3.2"),
        (["1.2.840.10045.4.3.2"], Algorithm.ES384, None),
        ([], Algorithm.PS256, None),
    ],
)
def test_algorithm_is_the_best_that_is_offered(
    offered: list[str], wanted: Algorithm, chosen: str | None
) -> None:
    key = described(key={"status": "enabled", "algo": offered})
    assert key.algorithm_for(wanted, old_padding=True) == chosen


def test_old_padding_is_chosen_only_where_it_is_accepted() -> None:
    assert (
        described(key={"status": "enabled", "algo": [RSA]}).algorithm_for(Algorithm.PS256, old_padding=False)
        is None
    )


def test_requests_of_version_1() -> None:
    key = described(PIN={"presence": "true"}, OTP={"presence": "true"})
    asked = WANTED.authorize_request("v1", key.answers(Codes(PIN, OTP)))
    assert asked == {
        "credentialID": "key-1",
        "hash": [DIGEST],
        "hashAlgo": "2.16.840.1.101.3.4.2.1",
        "numSignatures": 1,
        "description": "Phiếu GH-0001",
        "PIN": "482913",
        "OTP": "771204",
    }
    sign = WANTED.sign_request("v1", SecretStr("sad"))
    assert (sign["hash"], sign["SAD"], sign["signAlgo"]) == ([DIGEST], "sad", PSS)
    assert sign["signAlgoParams"]


def test_requests_of_version_2() -> None:
    key = version_2({"type": "Password", "id": "secret"}, {"type": "ChallengeResponse", "id": "sms"})
    asked = WANTED.authorize_request("v2", key.answers(Codes(PIN, OTP)))
    assert asked["authData"] == [{"id": "secret", "value": "482913"}, {"id": "sms", "value": "771204"}]
    assert (asked["hashes"], asked["hashAlgorithmOID"]) == ([DIGEST], "2.16.840.1.101.3.4.2.1")
    assert "authData" not in WANTED.authorize_request("v2", {})
    assert "signAlgoParams" not in DigestToSign("k", b"", "sha256", RSA, "").sign_request(
        "v2", SecretStr("s")
    )


def test_codes_stand_in_no_text() -> None:
    codes = Codes(PIN, OTP)
    answers = described(PIN={"presence": "true"}).answers(codes)
    assert "482913" not in f"{codes!r} {codes} {answers!r}"


def test_grant_is_a_right_or_a_handle() -> None:
    assert Grant.model_validate({"handle": "h"}).sad is None
    for wrong in ({}, {"SAD": ""}, {"handle": ""}, {"SAD": None}):
        with pytest.raises(ValidationError):
            Grant.model_validate(wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["key", "cert", "auth", "PIN", "SAD", "handle", "signatures", "error", "credentialIDs"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("model", [KeyDescription, KeyIds, Grant, Signatures, AccessToken, Refusal])
def test_whatever_is_answered_is_read_or_refused(model: type[Any], body: bytes) -> None:
    """No other error than the one that the client expects, and it quotes nothing."""
    try:
        read: object = model.model_validate_json(body)
    except ValidationError as refused:
        read = refused
    assert isinstance(read, (model, ValidationError))
    assert "input_value" not in str(read)
