"""HTTP: the files whose next version or validation report could not be made, for the vendor's people."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.signing.domain.preservation import FailedTry, PreservedFile, SignedKind
from services.signing.preservation.files import PreservedFiles
from services.signing.texts import PRESERVATION_FAILURES, REASONS
from shared.events.base import Sha256
from shared.text.i18n import Text
from shared.web.people import Person


class FailedFileView(BaseModel):
    """`document` is the published file's hash. `since` is when the reason came first; `next_try` is when the
    service tries again by itself."""

    renewal_id: UUID
    kind: SignedKind
    document: Sha256
    reason: str
    message: tuple[str, str]
    since: datetime
    next_try: datetime


def preservation_routes(files: PreservedFiles, vendors_person: Callable[..., Awaitable[Person]]) -> APIRouter:
    routes = APIRouter(prefix="/v1/preservation", dependencies=[Depends(vendors_person)])

    @routes.get("/failures")
    async def failures() -> list[FailedFileView]:
        """The oldest failure first."""
        found = await files.failed()
        return [_view(file, file.failed, file.due) for file in found if file.failed]

    @routes.get("/report-failures")
    async def report_failures() -> list[FailedFileView]:
        """The files without a validation report, the oldest failure first."""
        return [
            _view(file, file.report_failed, file.report_after)
            for file in await files.report_failed()
            if file.report_failed and file.report_after
        ]

    return routes


def _view(file: PreservedFile, failed: FailedTry, next_try: datetime) -> FailedFileView:
    unknown = Text(failed.reason, failed.reason)  # of a newer release
    return FailedFileView(
        renewal_id=file.renewal_id,
        kind=file.kind,
        document=file.document.sha256,
        reason=failed.reason,
        message=(PRESERVATION_FAILURES | REASONS).get(failed.reason, unknown),
        since=failed.since,
        next_try=next_try,
    )
