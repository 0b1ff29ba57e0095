"""Who comes in, and whether what is sent was meant by whoever seems to send it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from services.renewal.pages import session
from services.renewal.pages.origins import Origins
from services.renewal.pages.session import Visitor
from services.renewal.sessions import SessionKeys
from shared.web.problems import Problem

CSRF_FIELD = "csrf"
_MOST_FIELDS = 600  # MOST_PICKED, and what else a form has
_DIGITS = 9
_FILE_COST = 4


@dataclass(frozen=True, slots=True)
class FormSubmission:
    """A form that its visitor sent on purpose. A name sent twice counts once."""

    visitor: Visitor
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """As typed; empty where the form had no such field."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int | None:
        """That a page of ours put there; None where it is none, or longer than any of ours."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


@dataclass(frozen=True, slots=True)
class FileSubmission:
    """A letter with a file in it; None where none was chosen."""

    letter: FormSubmission
    file: bytes | None


class RequestGuard:
    """`origins` says which pages are ours, and which the platform's, which may sign people in."""

    def __init__(self, keys: SessionKeys, origins: Origins) -> None:
        self._keys = keys
        self._origins = origins

    async def visitor(self, request: Request) -> Visitor:
        """A dependency of every page. Raises a 401 problem."""
        return await session.visitor(request, self._keys)

    async def letter(self, request: Request) -> FormSubmission:
        """A dependency of whatever writes. Raises 401, 403 (not from our form) and 429 problems."""
        return (await self._meant(request, files=0)).letter

    async def parcel(self, request: Request) -> FileSubmission:
        """Like `letter`, for forms with one file, in the field `file`."""
        return await self._meant(request, files=1)

    async def _meant(self, request: Request, *, files: int) -> FileSubmission:
        if not self._origins.is_ours(request):
            raise _not_meant()
        request.state.with_file = bool(files)
        if files:  # it may be large: nobody's isn't read
            await self.visitor(request)
        async with request.form(max_files=files, max_fields=_MOST_FIELDS) as form:
            fields, file = _texts(form), await _file(form)
        request.state.sent = {} if files else fields
        visitor = await self.visitor(request)
        if not visitor.is_believed(fields.get(CSRF_FIELD, "")):
            raise _not_meant()
        self._keys.spend(visitor.person, _FILE_COST if files else 1)
        return FileSubmission(FormSubmission(visitor, fields), file)

    async def leave(self, request: Request) -> None:
        """Ends the session, also for whoever else has its token."""
        await self._keys.end(session.token_of(request))

    async def arrival(self, request: Request) -> tuple[str, str]:
        """The token of somebody whom the platform hands on, verified, and where they want to go.

        Asked for with the platform's origin: or any page could sign its visitors in as somebody else.
        """
        if not (self._origins.is_ours(request) or self._origins.is_platforms(request)):
            raise _not_meant()
        fields = _texts(await request.form(max_files=0, max_fields=_MOST_FIELDS))
        token = session.checked(fields.get("token", ""))
        await self._keys.verify(token)
        return token, fields.get("next", "")


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _file(form: FormData) -> bytes | None:
    file = form.get("file")
    return await file.read() if isinstance(file, UploadFile) and file.filename else None


def _not_meant() -> Problem:
    title = (
        "Trang này đã cũ hoặc không phải của chúng tôi. Vui lòng mở lại trang rồi thử lại",
        "This page is old, or not ours. Please open it again and try once more",
    )
    return Problem(403, "not-meant", title)


def missing() -> Problem:
    return Problem(404, "http", ("Không tìm thấy", "Not found"))
