"""People who signed an uploaded file."""

from typing import Any

from services.signing.domain.attempt import SigningParty
from tests.services.signing.factory import certificate


def party(name: str = "a", **changed: Any) -> SigningParty:
    return SigningParty(
        holder=name,
        certificate=certificate(**{"fingerprint": (name * 64)[:64], **changed}),
        old_padding=False,
        identity=(name * 64)[:64],
    )


PERSON = party("b", tax_codes=(), budget_codes=())
