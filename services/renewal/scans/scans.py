"""Scans and photos of paper: what an office uploads, and what the desk sends.

| the process dies           | left behind                 | the repeat                            |
|----------------------------|-----------------------------|---------------------------------------|
| while reading or binding   | a temporary file            | reads again                           |
| bound and stored           | a document nobody refers to | the same bytes: stores nothing new    |
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from services.renewal.scans import worker
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.page import ScannedPage
from services.renewal.scans.upload import Upload
from shared.background.workers import WorkEnded, Workers, WorkTimedOut

P = ParamSpec("P")
T = TypeVar("T")


class Scans:
    """Reads uploads in worker processes, so that hostile bytes can end only their own job.

    `processes` read at the same time, each for at most `limit` seconds a page. Uploads wait in a temporary
    folder, which `close` deletes. After a crash, the machine's clean-up of temporary files deletes it.
    """

    def __init__(self, *, processes: int = 2, limit: float = 20.0) -> None:
        self._workers = Workers(processes, limit=limit, prepare=worker.prepare)
        self._folder = tempfile.TemporaryDirectory(prefix="giahan-scans-")
        self._closed = False

    async def warm(self) -> None:
        await self._workers.warm()

    async def open(self, upload: bytes, limits: Limits) -> Upload:
        """The upload, after the check that it is a complete PDF, JPEG or PNG within `limits`.

        Raises BadUpload. Use it as `async with await scans.open(...) as upload`.
        """
        if len(upload) > limits.bytes:
            raise BadUpload("upload_too_large", {"most": limits.bytes // 1024**2})
        descriptor, name = tempfile.mkstemp(dir=self._folder.name)
        file = Path(name)
        try:
            await asyncio.to_thread(_write, descriptor, upload)
            return Upload(file, await self._read(worker.pages, file, limits), limits)
        except BaseException:
            await asyncio.to_thread(file.unlink)
            raise

    async def page(self, upload: Upload, n: int) -> ScannedPage:
        """The page with the number `n`, from 1. Raises BadUpload for this page; others may be readable."""
        if not 1 <= n <= upload.pages:
            raise ValueError(f"there are {upload.pages} pages, no page {n}")
        return await self._read(worker.page, upload.file, n, upload.limits)

    async def read_pages(self, upload: bytes, limits: Limits) -> list[ScannedPage]:
        """All pages of the upload. Raises BadUpload, also where only one page can't be read."""
        async with await self.open(upload, limits) as opened:
            return [await self.page(opened, n) for n in range(1, opened.pages + 1)]

    async def is_drawing(self, page: ScannedPage, form: bytes) -> bool:
        """Whether a program rendered the page from the form's own file, so that it never was on paper."""
        return await self._read(worker.is_drawing, page.image, form)

    async def document(self, images: Sequence[bytes]) -> bytes:
        """A PDF/A-3b of the pages' images (`ScannedPage.image`), A4; the same images give the same bytes."""
        if not images:
            raise ValueError("a document has a page or more")
        return await self._workers.run(worker.document, images)

    async def close(self) -> None:
        self._closed = True
        await self._workers.close()
        await asyncio.to_thread(self._folder.cleanup)

    async def _read(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Tries twice. If the process ends both times, the file is the cause; once may be the machine's
        fault."""
        try:
            return await self._run(job, *args, **kwargs)
        except WorkEnded:
            if self._closed:
                raise
        try:
            return await self._run(job, *args, **kwargs)
        except WorkEnded as ended:
            raise (ended if self._closed else BadUpload("upload_damaged")) from None

    async def _run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._workers.run(job, *args, **kwargs)
        except WorkTimedOut:
            raise BadUpload("upload_too_slow") from None


def _write(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb") as file:
        file.write(content)
