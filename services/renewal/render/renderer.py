"""The documents of a renewal as PDF/A-3b with their empty signature fields."""

from pathlib import Path

from services.renewal.render import worker
from services.renewal.render.content import ContractContent, FormContent
from shared.background.workers import Workers

TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """The same content gives the same bytes, in every process and on every machine.

    `processes` render beside each other, each for at most `limit` seconds a document. `form` has one empty
    field, `office`; `contract` one, `vendor`, and where its office signs it too `office`. Both raise
    WorkFailed; the same content fails again.
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

    async def close(self) -> None:
        await self._workers.close()


def job(content: FormContent | ContractContent) -> bytes:
    return b'{"content":' + content.model_dump_json().encode() + b"}"
