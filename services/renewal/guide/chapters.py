"""The chapters of the guide for offices, from its texts and pictures."""

import re
from dataclasses import dataclass
from pathlib import Path

from shared.text.i18n import TextCatalogue

_HERE = Path(__file__).parent
PICTURES = _HERE / "pictures"
_TEXTS = TextCatalogue(_HERE / "texts").part("guide")
_STEP = re.compile(r"(?P<name>[a-z]+)_[1-9]")
NAMES = (
    "notice",
    "declare",
    "review",
    "send",
    "sign",
    "paper",
    "registration",
    "payment",
    "invoice",
    "history",
    "help",
)
"""In the order of the page. A screen links the chapter of its name."""


@dataclass(frozen=True, slots=True)
class GuideChapter:
    """`steps`: how many there are; each has a text. `picture`: whether there is a picture of the screen."""

    name: str
    steps: int
    picture: bool


def chapters() -> tuple[GuideChapter, ...]:
    steps = [found["name"] for key in _TEXTS if (found := _STEP.fullmatch(key))]
    return tuple(
        GuideChapter(name, steps.count(name), (PICTURES / f"{name}.png").is_file()) for name in NAMES
    )
