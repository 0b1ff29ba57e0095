"""Why a prepared contract has no seal, in words, with who mends it and what comes next."""

from pathlib import Path
from typing import NamedTuple

from services.renewal.domain.renewal import DeskReason
from shared.text.i18n import Text, TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
_REASONS, _WITHHELD, _NEXT = (_TEXTS.part(part) for part in ("unsealed", "withheld", "unsealed_next"))
_OWNER = _TEXTS.both("unsealed_owner.operations")


class UnsealedContract(NamedTuple):
    """`owner`: who removes the reason. `next`: what happens then, and what the desk can do instead."""

    reason: Text
    owner: Text
    next: Text


def describe_unsealed(needs_desk: DeskReason | None, note: str | None) -> UnsealedContract | None:
    """None unless `needs_desk` says that the contract has no seal. `note` is signing's reason."""
    if needs_desk is not DeskReason.SEAL_FAILED or note is None:
        return None
    if reason := _REASONS.get(note):
        return UnsealedContract(reason, _OWNER, _NEXT["sealed_later"])
    reason = _WITHHELD.get(note) or _TEXTS.both("unsealed_other.code", code=note)
    return UnsealedContract(reason, _OWNER, _NEXT["never_sealed"])
