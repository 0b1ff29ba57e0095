"""The timeline's sentences in Vietnamese and English."""

from pathlib import Path
from typing import Literal

from services.subscription.domain.timeline.forecast import Need
from shared.events.base import Stage
from shared.text.i18n import Text, TextCatalogue

ItemKind = Literal[
    "adopted",
    "stage",
    "reminder",
    "warned_again",
    "corrected",
    "details",
    "table",
    "renewed",
    "disputed",
    "set_aside",
    "contract_void",
    "held",
    "hold_released",
    "hold_ended",
    "date_noticed",
    "noticed",
    "registered",
    "registration_closed",
    "extension",
    "extension_withdrawn",
    "exemption",
    "exemption_withdrawn",
    "temporary",
    "temporary_withdrawn",
    "end_released",
    "release_lapsed",
    "end",
    "deletion_proposed",
    "deletion_requested",
    "deletion_cancelled",
    "deletion_due",
    "deleted",
    "recovery_asked",
    "recovery_answered",
]

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
_STAGES, _NEEDS, _WORDS = (_TEXTS.part(part) for part in ("stage", "need", "word"))


def sentence(kind: ItemKind, **figures: object) -> Text:
    """The sentence of `kind`. Dates are dd/mm/yyyy in Vietnamese, ISO in English; stages have their names."""
    return _TEXTS.both(f"item.{kind}", **{name: _figure(value) for name, value in figures.items()})


def with_needs(text: Text, needs: tuple[Need, ...]) -> Text:
    """`text` followed by what it waits for."""
    if not needs:
        return text
    all_needs = Text(*(", ".join(named) for named in zip(*(_NEEDS[need] for need in needs), strict=True)))
    return _TEXTS.both("need.only_if", text=text, needs=all_needs)


def _figure(value: object) -> object:
    if isinstance(value, Stage):
        return _STAGES[value]
    return _WORDS.get(value, value) if isinstance(value, str) else value
