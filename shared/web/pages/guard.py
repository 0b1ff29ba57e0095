"""Identifies the visitor of a request, and rejects forms that were sent from another site (CSRF)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.web.pages import session
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.origins import Origins
from shared.web.pages.session import Visitor
from shared.web.pages.words import SHELL
from shared.web.people import READS
from shared.web.problems import Problem, as_problem

CSRF_FIELD = "csrf"
_MOST_FIELDS = 600  # MOST_PICKED and the other fields of a form
CSRF_HEADER = "x-csrf-token"
_DIGITS = 9
_FILE_COST = 4
_SCRIPT_COST = 2


@dataclass(frozen=True, slots=True)
class FormSubmission:
    """A form sent from one of our pages by its visitor. If a field was sent twice, one value is used."""

    visitor: Visitor
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """The field as typed; empty if the form has no such field."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int | None:
        """A number that one of our pages wrote into the form. None if it isn't one, or has over 9 digits."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None

    def seen_and_key(self) -> tuple[int, str]:
        """The version that the page showed, and its idempotency key. Raises a 404 problem if one is
        missing."""
        seen, key = self.number("seen"), self.get("key")
        if seen is None or not key:
            raise not_found()
        return seen, key


@dataclass(frozen=True, slots=True)
class FileSubmission:
    """A submission with a file; `file` is None if the visitor chose none."""

    submission: FormSubmission
    file: bytes | None


class RequestGuard:
    """`origins` says which pages are ours, and which are the platform's: those may sign people in."""

    def __init__(self, verifier: SessionVerifier, origins: Origins) -> None:
        self._verifier = verifier
        self._origins = origins

    async def visitor(self, request: Request) -> Visitor:
        """A dependency of every page. Raises a 401 problem if nobody is signed in."""
        return await session.visitor(request, self._verifier)

    async def submission(self, request: Request) -> FormSubmission:
        """A dependency of every route that writes. Raises 401, 403 (not from our form) and 429 problems."""
        return (await self._read(request, files=0)).submission

    async def file_submission(self, request: Request) -> FileSubmission:
        """Like `submission`, for forms with one file, in the field `file`."""
        return await self._read(request, files=1)

    async def _read(self, request: Request, *, files: int) -> FileSubmission:
        if not self._origins.is_ours(request):
            raise _not_from_our_page()
        request.state.with_file = bool(files)
        if files:  # it may be large: read it only for somebody who is signed in
            await self.visitor(request)
        async with _form(request, files) as form:
            fields, file = _texts(form), await _file(form)
        request.state.sent = {} if files else fields
        visitor = await self.visitor(request)
        if not visitor.has_valid_csrf(fields.get(CSRF_FIELD, "")):
            raise _not_from_our_page()
        self._verifier.spend(visitor.person, _FILE_COST if files else 1)
        return FileSubmission(FormSubmission(visitor, fields), file)

    def spend(self, visitor: Visitor, cost: int) -> None:
        """Count a costly read as `cost` writes. Raises a 429 problem if the person does that too often."""
        self._verifier.spend(visitor.person, cost)

    async def script(self, request: Request) -> Visitor:
        """A dependency of the routes that a page's own script calls. The script sends the page's CSRF token
        in a header. Raises 401, 403 (not from our page) and 429 problems."""
        visitor = await self.visitor(request)
        if request.method not in READS:
            if not self._origins.is_ours(request):
                raise _not_from_our_page()
            if not visitor.has_valid_csrf(request.headers.get(CSRF_HEADER, "")):
                raise _not_from_our_page()
            self._verifier.spend(visitor.person, _SCRIPT_COST)
        return visitor

    async def sign_out(self, request: Request) -> None:
        """Ends the session for everybody who holds its token."""
        await self._verifier.end(session.token_of(request))

    async def sign_in(self, request: Request) -> tuple[str, str]:
        """The verified token of a person whom the platform signs in, and the address to open next.

        The request must come from the platform's origin or ours: otherwise any web page could sign its
        visitors in as somebody else. Raises 401 and 403 problems.
        """
        if not (self._origins.is_ours(request) or self._origins.is_platforms(request)):
            raise _not_from_our_page()
        async with _form(request, files=0) as form:
            fields = _texts(form)
        token = session.check_length(fields.get("token", ""))
        await self._verifier.verify(token)
        return token, fields.get("next", "")


@asynccontextmanager
async def _form(request: Request, files: int) -> AsyncIterator[FormData]:
    """The form that was sent. Raises a 400 error where it can't be read: also for a `charset` that decodes
    nothing, of which starlette knows only some."""
    try:
        form = await request.form(max_files=files, max_fields=_MOST_FIELDS)
    except (LookupError, UnicodeError):
        raise HTTPException(400) from None
    try:
        yield form
    finally:
        await form.close()


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _file(form: FormData) -> bytes | None:
    file = form.get("file")
    return await file.read() if isinstance(file, UploadFile) and file.filename else None


def _not_from_our_page() -> Problem:
    return Problem(403, "not-meant", SHELL.both("problem.not_our_page"))


def not_found() -> Problem:
    return as_problem(HTTPException(404))
