"""What somebody writes in their own words: there, and not endless."""

from services.renewal.domain.refusal import Fault
from services.renewal.pages.words import Words

_LONGEST = 500


def wrong(reason: str, empty: str, words: Words) -> str:
    """What is wrong with it, `empty` being the key of the text for none at all; empty if nothing is."""
    if not reason:
        return words(empty)
    if len(reason) > _LONGEST:
        return words.pick(Fault("/reason", "too_long", {"most": _LONGEST}).message)
    return ""
