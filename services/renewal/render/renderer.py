"""Renders the documents of a renewal as PDF/A-3b, with their empty signature fields."""

from pathlib import Path

from services.renewal.render import worker
from services.renewal.render.content import Content, ContractContent, FormContent, TreasuryContent
from shared.background.workers import Workers

TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Renders in worker processes. The same content gives the same bytes, in every process and on every
    machine.

    `processes` render at the same time, each for at most `limit` seconds a document. A form has one empty
    field, `office`; a contract has `vendor`, and also `office` where the office signs it too. Each method
    raises WorkFailed, and the same content then fails again.
    """

    def __init__(self, *, processes: int = 2, limit: float = 20.0, templates: Path = TEMPLATES) -> None:
        self._workers = Workers(processes, limit=limit, prepare=worker.prepare)
        self._templates = templates

    async def warm(self) -> None:
        await self._workers.warm()

    async def form(self, content: FormContent) -> bytes:
        return await self._workers.run(worker.render, self._templates, job(content))

    async def contract(self, content: ContractContent) -> bytes:
        return await self._workers.run(worker.render, self._templates, job(content))

    async def sheet(self, html: str) -> bytes:
        """A page of ours that nobody signs, such as a dossier's index."""
        return await self._workers.run(worker.lay_out, self._templates, html)

    async def treasury_paper(self, content: TreasuryContent) -> bytes:
        """It has no signature field: it is signed on paper."""
        return await self._workers.run(worker.render, self._templates, job(content))

    async def close(self) -> None:
        await self._workers.close()


def job(content: Content) -> bytes:
    return b'{"content":' + content.model_dump_json().encode() + b"}"
