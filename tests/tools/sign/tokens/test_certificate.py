"""Certificates as tokens may store them: odd, broken, or made to mislead."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.sign.authority import Authority, certificate, der, name, root
from tools.sign.protocol import TokenState, is_visible
from tools.sign.tokens.certificate import BadCertificate, describe, parse

TOKEN = TokenState(label="token", pin_low=False, pin_final_try=False, pin_locked=False, pin_pad=False)
_AUTHORITY = root(ec.generate_private_key(ec.SECP256R1()))
_DER = der(_AUTHORITY.issue(ec.generate_private_key(ec.SECP256R1())))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_certificate_are_told_as_one_error(content: bytes) -> None:
    with pytest.raises(BadCertificate):
        parse(content)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(_DER) - 1), st.integers(0, 255)), max_size=5))
def test_a_damaged_certificate_is_read_or_told_as_one_error(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(_DER)
    for place, value in changes:
        damaged[place] = value
    try:
        one = describe(parse(bytes(damaged)), [], TOKEN, has_pss=True)
    except BadCertificate:
        return
    assert one.certificate == damaged


def test_the_chain_ends_where_the_token_ends_and_in_a_circle() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    middle = _AUTHORITY.authority("Middle CA", key)
    issued = parse(der(middle.issue(key)))
    both = [parse(der(one.certificate)) for one in (_AUTHORITY, middle)]
    chain = [der(middle.certificate), der(_AUTHORITY.certificate)]
    assert list(describe(issued, both, TOKEN, has_pss=True).issuers) == chain
    assert list(describe(issued, both[1:], TOKEN, has_pss=True).issuers) == chain[:1]
    one, other = (Authority(key, certificate(name(a), key, name(b), key, ca=True)) for a, b in ("AB", "BA"))
    circle = [parse(der(authority.certificate)) for authority in (one, other)]
    assert len(describe(parse(der(one.issue(key))), circle, TOKEN, has_pss=True).issuers) == 2


def test_a_name_that_would_steer_a_terminal_is_made_visible() -> None:
    issued = _AUTHORITY.issue(ec.generate_private_key(ec.SECP256R1()), "A\x1b[2J\u202eB")
    holder = describe(parse(der(issued)), [], TOKEN, has_pss=True).holder
    assert is_visible(holder)
    assert (holder[0], holder[-1]) == ("A", "B")


def test_a_key_that_the_tool_cannot_use_is_listed_without_algorithms(rsa_key: rsa.RSAPrivateKey) -> None:
    p521 = describe(
        parse(der(_AUTHORITY.issue(ec.generate_private_key(ec.SECP521R1())))), [], TOKEN, has_pss=True
    )
    assert (p521.key, p521.algorithms) == ("EC secp521r1", ())
    ed = describe(parse(der(_AUTHORITY.issue(ed25519.Ed25519PrivateKey.generate()))), [], TOKEN, has_pss=True)  # type: ignore[arg-type]
    assert (ed.key, ed.algorithms) == ("ED25519", ())
    old = describe(parse(der(_AUTHORITY.issue(rsa_key))), [], TOKEN, has_pss=False)
    assert old.algorithms == ("RS256",)
