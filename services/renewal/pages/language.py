"""In which language a visitor reads: `?lang=` decides and is remembered, Vietnamese otherwise."""

from starlette.requests import Request

from shared.text.i18n import LANGUAGES, Language

COOKIE = "giahan_lang"


def asked(request: Request) -> Language | None:
    """The language that this address asks for."""
    return _known(request.query_params.get("lang"))


def language(request: Request) -> Language:
    return asked(request) or _known(request.cookies.get(COOKIE)) or "vi"


def _known(name: str | None) -> Language | None:
    return next((known for known in LANGUAGES if known == name), None)
