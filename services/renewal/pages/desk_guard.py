"""The door of the pages that are the desk's alone: who it is is asked before a file is read."""

from dataclasses import dataclass

from starlette.requests import Request

from services.renewal import permissions
from services.renewal.pages.door import FileSubmission, FormSubmission, RequestGuard
from services.renewal.pages.session import Visitor
from shared.web.people import forbidden


@dataclass(frozen=True, slots=True)
class DeskGuard:
    """All raise a 403 problem for anybody else, beside what the door raises."""

    door: RequestGuard

    async def visitor(self, request: Request) -> Visitor:
        visitor = await self.door.visitor(request)
        if not permissions.on_behalf(visitor.person):
            raise forbidden()
        return visitor

    async def letter(self, request: Request) -> FormSubmission:
        letter = await self.door.letter(request)
        if not letter.visitor.is_desk:
            raise forbidden()
        return letter

    async def parcel(self, request: Request) -> FileSubmission:
        await self.visitor(request)
        return await self.door.parcel(request)
