"""Where a visitor may be sent on to: our own pages and nowhere else."""

import re

from services.renewal.pages.session import PATH

# A browser reads `\` as `/` and drops tabs and line ends: what isn't plainly one of our paths isn't one.
_OURS = re.compile(rf"{PATH}(?:[/?][A-Za-z0-9._~/?=&-]*)?", re.ASCII)


def own_path(asked: str) -> str:
    """`asked` if it is a path of these pages, else their start."""
    return asked if _OURS.fullmatch(asked) and "/../" not in f"{asked}/" else PATH
