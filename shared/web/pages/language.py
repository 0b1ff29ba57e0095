"""The visitor's language: from `?lang=`, which is then remembered in a cookie; by default Vietnamese."""

from starlette.requests import Request

from shared.text.i18n import LANGUAGES, Language

COOKIE = "giahan_lang"


def requested_language(request: Request) -> Language | None:
    """The language in the address (`?lang=`), if any."""
    return _known(request.query_params.get("lang"))


def language(request: Request) -> Language:
    return requested_language(request) or _known(request.cookies.get(COOKIE)) or "vi"


def _known(name: str | None) -> Language | None:
    return next((known for known in LANGUAGES if known == name), None)
