"""Which code ties a certificate to the office that registered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.signing.domain.certificate import find_code_mismatch, match
from tests.services.signing.factory import certificate

codes = st.from_regex(r"\A[0-9]{10}(-[0-9]{3})?\Z")


@pytest.mark.parametrize(
    ("registered", "named", "expected"),
    [
        ("0101243150", ("0101243150",), "tax_code"),
        ("0101243150-001", ("0101243150001",), "tax_code"),
        ("0101243150001", ("0101243150-001",), "tax_code"),
        ("0101243150", ("0100686209", "0101243150"), "tax_code"),
        ("0101243150-001", ("0101243150",), "review"),
        ("0101243150", ("0101243150-001",), "review"),
        ("0101243150", ("0100686209",), "review"),
        ("0101243150", (), "review"),
        (None, ("",), "review"),
    ],
)
def test_tax_code(registered: str | None, named: tuple[str, ...], expected: str) -> None:
    assert match(certificate(tax_codes=named), registered, None) == expected


def test_budget_code_keeps_its_zeros() -> None:
    named = certificate(tax_codes=(), budget_codes=("0047665",))
    assert match(named, "0101243150", "0047665") == "budget_code"
    assert match(named, "0101243150", "47665") == "review"
    assert match(named, None, None) == "review"


@given(codes, codes)
def test_only_the_same_number_matches(registered: str, named: str) -> None:
    same = registered.replace("-", "") == named.replace("-", "")
    assert (match(certificate(tax_codes=(named,)), registered, None) == "tax_code") is same


def test_facts_name_nobody() -> None:
    facts = certificate().facts("tax_code").model_dump()
    assert set(facts) == {
        "fingerprint", "issuer", "serial", "valid_from", "valid_to", "match", "revocation",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tax", "budget", "expected"),
    [
        (("0101243150",), (), None),
        (("0100686209",), ("1047665",), None),
        (("0100686209",), (), "other_code"),
        ((), ("0047665",), "other_code"),
        ((), (), "no_code"),
    ],
)
def test_no_code_is_kept_apart_from_another_offices(
    tax: tuple[str, ...], budget: tuple[str, ...], expected: str | None
) -> None:
    named = certificate(tax_codes=tax, budget_codes=budget)
    assert find_code_mismatch(named, "0101243150", "1047665") == expected
