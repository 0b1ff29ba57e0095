"""The guard of the pages that only the desk may use. It checks the visitor before it reads a file."""

from dataclasses import dataclass

from starlette.requests import Request

from shared.web.pages.guard import FileSubmission, FormSubmission, RequestGuard
from shared.web.pages.session import Visitor
from shared.web.people import forbidden


@dataclass(frozen=True, slots=True)
class DeskGuard:
    """Each method raises a 403 problem for anybody outside the desk, and what RequestGuard raises."""

    guard: RequestGuard

    async def visitor(self, request: Request) -> Visitor:
        visitor = await self.guard.visitor(request)
        if not visitor.person.is_desk:
            raise forbidden()
        return visitor

    async def submission(self, request: Request) -> FormSubmission:
        submission = await self.guard.submission(request)
        if not submission.visitor.person.is_desk:
            raise forbidden()
        return submission

    async def file_submission(self, request: Request) -> FileSubmission:
        await self.visitor(request)
        return await self.guard.file_submission(request)
