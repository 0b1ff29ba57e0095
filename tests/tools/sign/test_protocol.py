"""Bodies of requests, whatever is in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.tools.sign.served import signature_body
from tools.sign.answers import invalid_body
from tools.sign.confirmation.question import Reply
from tools.sign.failure import FailureCode
from tools.sign.protocol import SignatureRequest

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["certificate", "algorithm", "digest", "document", "pin"]), _VALUES))
def test_a_body_is_taken_or_refused_with_its_place(changed: dict[str, Any]) -> None:
    body = signature_body("0" * 64) | changed
    try:
        request = SignatureRequest.model_validate_json(json.dumps(body))
    except ValidationError as error:
        failure = invalid_body(error)
        assert failure.code == FailureCode.REQUEST_INVALID
        assert str(failure.details["pointer"]).split("/")[1] in body
        return
    assert set(changed) <= {"pin"} or request.certificate == "0" * 64


def test_a_reply_shows_its_pin_in_the_pipe_alone() -> None:
    reply = Reply.model_validate({"outcome": "confirmed", "pin": "secret-pin"})
    assert "secret-pin" not in f"{reply!r} {reply} {reply.model_dump()}"
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


def test_a_pin_that_is_too_long_is_not_quoted() -> None:
    with pytest.raises(ValidationError) as refused:
        Reply.model_validate({"outcome": "confirmed", "pin": "secret-pin" * 20})
    assert "secret-pin" not in str(refused.value)
