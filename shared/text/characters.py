"""Characters of a text: invisible ones are dropped, look-alikes become one, unprintable ones are named."""

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point, and the marks of interlinear notes: no reader sees them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u02d7\u058a\u05be\u1806\u2010\u2011\u2043\u207b\u208b\u2212\u2796\ufe63", "-"),
        **dict.fromkeys("\u2012", "\u2013"),
        **dict.fromkeys("\u2015\u2e3a\u2e3b\ufe31\ufe58", "\u2014"),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\u02bc": "\u2019",
        "\u2800": " ",
        # Keyboards and fonts of other languages give letters that look like Đ and aren't.
        **dict.fromkeys("\u00d0\u0189", "\u0110"),
        **dict.fromkeys("\u00f0\u0256", "\u0111"),
        **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},  # fullwidth forms
    }
)
# Dashes that `visible` leaves as they are, a name may want them; in a code all are one.
_DASHES = re.compile("[\u2013\u2014\u2500\u2501\u301c\u3030\u30fc\ufe32]")
# A bar over the letter, as a mark of its own: Unicode composes no Đ of it.
_BARRED = re.compile("([Dd])[\u0335\u0336]")
_APOSTROPHES = "'\u2018\u2019`"
_FRACTION = re.compile(r"-?\d+[.,]\d{1,2}|\d{4,}[.,]0+", re.ASCII)

_CONTROLS = {"Cc", "Cf", "Cs", "Co"}
_LONGEST = 1000

# Latin with all Vietnamese letters, and the punctuation that names and addresses carry. The documents'
# fonts have every one of them (a test holds the two together); anything else would print as a box.
_UNPRINTABLE = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ab\u2116\u2122]"
)


def visible(value: str) -> str:
    """The text as a person sees it: composed (NFC), on one line, a run of any white space one space.

    Invisible characters are gone, fullwidth forms are ASCII, and rare dashes are the usual ones.
    """
    if not value.isascii():
        # Before composing: a look-alike may carry marks.
        value = _INVISIBLE.sub("", value).translate(_LOOK_ALIKES)
        value = unicodedata.normalize("NFD", value)
        value = _BARRED.sub(lambda found: "\u0110\u0111"[found[1] == "d"], value)
        value = unicodedata.normalize("NFC", value)
    return " ".join(value.split())


def harmless(value: str) -> str:
    """Another system's text, which can't be refused: as a person sees it, without control characters."""
    kept = (letter for letter in visible(value) if unicodedata.category(letter) not in _CONTROLS)
    return "".join(kept)[:_LONGEST]


def unprintable(text: str) -> str | None:
    """The first character that our fonts don't have, as `U+25CF`."""
    bad = _UNPRINTABLE.search(text)
    return f"U+{ord(bad.group()):04X}" if bad else None


def code(value: str) -> str:
    """A code as it is compared: without spaces, with any kind of dash as `-`, without the apostrophe by
    which a spreadsheet marks text."""
    return _DASHES.sub("-", visible(value)).replace(" ", "").lstrip(_APOSTROPHES)


def is_fraction(value: str) -> bool:
    """Whether a spreadsheet wrote a code as the number that it took it for: `104766.0`.

    Its point sets nothing apart: without it another code would be read.
    """
    return _FRACTION.fullmatch(visible(value).lstrip(_APOSTROPHES)) is not None


def digits(value: str) -> str:
    """A code without what only sets its digits apart: dashes, points and spaces."""
    return re.sub(r"[-.]", "", code(value))
