"""Every rejection, refusal and warning has its texts in both languages."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from services.signing.domain.attempt_steps import Caution
from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservationFailure
from services.signing.domain.refusal import RefusalReason
from services.signing.domain.remote import RemoteFailure
from services.signing.pades.rejection import InvalidityReason
from services.signing.pades.uploaded.verdict import LookReason
from services.signing.texts import CAUTIONS, LEVELS, LOOKS, PRESERVATION_FAILURES, REASONS, REFUSALS, REMOTE
from shared.text.i18n import Text


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (InvalidityReason, REASONS),
        (RefusalReason, REFUSALS),
        (Caution, CAUTIONS),
        (LookReason, LOOKS),
        (SignatureLevel, LEVELS),
        (PreservationFailure, PRESERVATION_FAILURES),
        (RemoteFailure, REMOTE),
    ],
)
def test_every_code_has_its_texts(kind: type[StrEnum], texts: Mapping[str, Text]) -> None:
    assert set(texts) == set(kind)
    assert all(vietnamese and english and vietnamese != english for vietnamese, english in texts.values())
