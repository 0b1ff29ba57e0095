"""Whatever signing says about a contract that it didn't seal, the desk reads why, who mends it and what comes
next."""

import pytest

from services.renewal.desk.unsealed import describe_unsealed
from services.renewal.domain.renewal import DeskReason
from services.signing.contracts.seal import SealUnusable
from services.signing.domain.proof import WithholdReason
from services.signing.pades.rejection import InvalidityReason

_LATER = [
    SealUnusable.REASON,
    InvalidityReason.EVIDENCE_UNAVAILABLE,
    *(each for each in InvalidityReason if each.startswith("certificate_")),
]
_NEVER = [*(each for each in InvalidityReason if each not in _LATER), *WithholdReason, "of_a_newer_release"]


@pytest.mark.parametrize("reason", _LATER)
def test_what_is_mended_is_sealed_by_itself(reason: str) -> None:
    found = describe_unsealed(DeskReason.SEAL_FAILED, reason)
    assert found
    assert "tự được ký số" in found.next.vi
    assert "không tự được" not in found.next.vi
    assert reason not in found.reason.vi
    assert all(vi and en and vi != en for vi, en in found)


@pytest.mark.parametrize("reason", _NEVER)
def test_the_rest_is_for_the_desk_to_void(reason: str) -> None:
    found = describe_unsealed(DeskReason.SEAL_FAILED, reason)
    assert found
    assert "không tự được ký số" in found.next.vi
    assert all(vi and en and vi != en for vi, en in found)


def test_each_reason_has_words_of_its_own() -> None:
    found = [describe_unsealed(DeskReason.SEAL_FAILED, reason) for reason in (*_LATER, *WithholdReason)]
    assert len({each.reason.vi for each in found if each}) == len(found)


def test_other_reasons_for_the_desk_are_none_of_these() -> None:
    assert describe_unsealed(DeskReason.CERTIFICATE_REVIEW, "review") is None
    assert describe_unsealed(None, None) is None
