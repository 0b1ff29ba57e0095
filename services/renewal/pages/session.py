"""Who is looking: the platform's token, kept in a cookie that scripts can't read.

The token says who it is and until when, and any process of ours can read it. Only sessions that were ended
are kept on our side (services.renewal.sessions).
"""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

from starlette.requests import Request
from starlette.responses import Response

from services.renewal import permissions
from shared.web.people import Keys, Person, unauthenticated

COOKIE = "giahan_session"
PATH = "/renewal"
_LONGEST_TOKEN = 3500  # browsers drop cookies over 4096 bytes


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, and what a form of this person's must carry to be believed."""

    person: Person
    csrf: str

    @property
    def is_vendor(self) -> bool:
        return permissions.is_vendors(self.person)

    @property
    def is_desk(self) -> bool:
        return permissions.on_behalf(self.person)

    def may_see(self, office_ref: str) -> bool:
        return permissions.may_see(self.person, office_ref)

    def may_register(self, office_ref: str) -> bool:
        return permissions.may_register(self.person, office_ref)

    def is_believed(self, csrf: str) -> bool:
        return compare_digest(self.csrf.encode(), csrf.encode())


async def visitor(request: Request, keys: Keys) -> Visitor:
    """Raises a 401 problem where nobody is signed in, or no longer."""
    token = token_of(request)
    return Visitor(await keys.verify(token), csrf_of(token))


def token_of(request: Request) -> str:
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise unauthenticated()
    return token


def csrf_of(token: str) -> str:
    """Bound to the session: only who holds the token can compute it, and no page shows the token."""
    return hmac(token.encode(), b"giahan csrf", sha256).hexdigest()


def keep(response: Response, token: str, *, secure: bool) -> None:
    """Ends with the browser, or with the token, whichever is first."""
    response.set_cookie(COOKIE, token, path=PATH, httponly=True, samesite="lax", secure=secure)


def forget(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax", secure=secure)


def checked(token: str) -> str:
    """Raises a 401 problem for what no browser would keep."""
    if len(token) > _LONGEST_TOKEN:
        raise unauthenticated()
    return token
