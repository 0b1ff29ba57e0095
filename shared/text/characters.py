"""Characters of a text: drops invisible ones, unifies look-alikes, and finds unprintable ones."""

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point, and the interlinear annotation marks: readers do not see them.
_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_IGNORED}]")
_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u02d7\u058a\u05be\u1806\u2010\u2011\u2043\u207b\u208b\u2212\u2796\ufe63", "-"),
        **dict.fromkeys("\u2012", "\u2013"),
        **dict.fromkeys("\u2015\u2e3a\u2e3b\ufe31\ufe58", "\u2014"),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\u02bc": "\u2019",
        "\u2800": " ",
        # Letters of other languages that look like Đ.
        **dict.fromkeys("\u00d0\u0189", "\u0110"),
        **dict.fromkeys("\u00f0\u0256", "\u0111"),
        **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},  # fullwidth forms
    }
)
# Dashes that `visible` keeps, because a name may need them; in a code all dashes are the same.
_DASHES = re.compile("[\u2013\u2014\u2500\u2501\u301c\u3030\u30fc\ufe32]")
# A bar as a combining mark after the letter: Unicode does not compose Đ from it.
_BARS = "\u0335\u0336"
_BARRED = re.compile(f"([Dd])[{_BARS}]")
_CHANGED = re.compile(f"[{_IGNORED}{_BARS}{''.join(map(chr, _LOOK_ALIKES))}]")
"""What `visible` changes in a text that is composed already."""
_APOSTROPHES = "'\u2018\u2019`"
_FRACTION = re.compile(r"-?\d+[.,]\d{1,2}|\d{4,}[.,]0+", re.ASCII)
_SEPARATORS = re.compile("[-.]")

_CONTROLS = {"Cc", "Cf", "Cs", "Co"}
_LONGEST = 1000

# Latin with all Vietnamese letters, and the punctuation of names and addresses. The documents' fonts have all
# of them (a test checks that); any other character would print as a box.
_UNPRINTABLE = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ab\u2116\u2122]"
)


def visible(value: str) -> str:
    """The text as a person sees it: composed (NFC), on one line, with one space for each run of white space.

    Invisible characters are dropped, fullwidth forms become ASCII, and rare dashes become common ones.
    """
    if not value.isascii() and (_CHANGED.search(value) or not unicodedata.is_normalized("NFC", value)):
        # Before composing, because a look-alike may have marks.
        value = _INVISIBLE.sub("", value).translate(_LOOK_ALIKES)
        value = unicodedata.normalize("NFD", value)
        value = _BARRED.sub(lambda found: "\u0110\u0111"[found[1] == "d"], value)
        value = unicodedata.normalize("NFC", value)
    return " ".join(value.split())


def harmless(value: str) -> str:
    """Another system's text, which cannot be refused, made safe: visible characters only, cut to _LONGEST."""
    text = visible(value)
    if not text.isprintable():
        text = "".join(letter for letter in text if unicodedata.category(letter) not in _CONTROLS)
    return text[:_LONGEST]


def unprintable(text: str) -> str | None:
    """The first character that the documents' fonts lack, as `U+25CF`; None if they have all."""
    bad = _UNPRINTABLE.search(text)
    return f"U+{ord(bad.group()):04X}" if bad else None


def code(value: str) -> str:
    """A code for comparison: without spaces, with `-` for every kind of dash, and without the apostrophe with
    which a spreadsheet marks text."""
    return _DASHES.sub("-", visible(value)).replace(" ", "").lstrip(_APOSTROPHES)


def is_fraction(value: str) -> bool:
    """Whether a spreadsheet took a code for a number and wrote it as one: `104766.0`.

    Its point is no separator: without it, the digits would be another code.
    """
    return _FRACTION.fullmatch(visible(value).lstrip(_APOSTROPHES)) is not None


def digits(value: str) -> str:
    """A code without the separators of its digits: dashes, points and spaces."""
    return _SEPARATORS.sub("", code(value))
