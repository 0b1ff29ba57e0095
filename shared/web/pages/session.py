"""The session of a visitor: the platform's token, in a cookie that scripts can't read.

The token says who the person is and when it expires. Any process of ours can verify it. We store only
the sessions that people ended (shared.web.pages.ended_sessions).
"""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

from starlette.requests import Request
from starlette.responses import Response

from shared.web.people import Person, TokenVerifier, unauthenticated

COOKIE = "giahan_session"
_PATH = "/"  # each service has pages under a path of its own, on one host: all see one session
_OLD_PATH = "/renewal"  # earlier releases set the cookie here, where a browser would still send it
_LONGEST_TOKEN = 3500  # browsers drop cookies over 4096 bytes


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person, and the CSRF token that this person's forms must carry."""

    person: Person
    csrf: str

    def has_valid_csrf(self, csrf: str) -> bool:
        return compare_digest(self.csrf.encode(), csrf.encode())


async def visitor(request: Request, verifier: TokenVerifier) -> Visitor:
    """Raises a 401 problem if nobody is signed in or the session has ended."""
    token = token_of(request)
    return Visitor(await verifier.verify(token), csrf_of(token))


def token_of(request: Request) -> str:
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise unauthenticated()
    return token


def csrf_of(token: str) -> str:
    """The CSRF token of a session. Only the holder of the session's token can compute it, and no page shows
    that token."""
    return hmac(token.encode(), b"giahan csrf", sha256).hexdigest()


def set_cookie(response: Response, token: str, *, secure: bool) -> None:
    """The cookie ends when the browser closes. The token inside may expire earlier."""
    _delete(response, _OLD_PATH, secure)
    response.set_cookie(COOKIE, token, path=_PATH, httponly=True, samesite="lax", secure=secure)


def delete_cookie(response: Response, *, secure: bool) -> None:
    """The browser is signed out of the pages of every service."""
    _delete(response, _OLD_PATH, secure)
    _delete(response, _PATH, secure)


def _delete(response: Response, path: str, secure: bool) -> None:
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="lax", secure=secure)


def check_length(token: str) -> str:
    """The token itself. Raises a 401 problem if it is too long for a browser's cookie."""
    if len(token) > _LONGEST_TOKEN:
        raise unauthenticated()
    return token
