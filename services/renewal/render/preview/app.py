"""The preview's pages: every template with every sample, rendered again when a file changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.middleware.trustedhost import TrustedHostMiddleware

from services.renewal.render import worker
from services.renewal.render.preview.drawing import Template, draw, templates
from services.renewal.render.preview.samples import SAMPLES
from shared.background.workers import Workers, WorkFailed

_PAGE = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


def build(folder: Path, *, limit: float = 20.0) -> FastAPI:
    """The app. `folder` contains the templates. A document that takes longer than `limit` seconds fails."""
    workers = Workers(1, limit=limit, prepare=worker.prepare)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await workers.close()

    app = FastAPI(title="Gia Hạn: templates", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @app.get("/")
    async def index() -> HTMLResponse:
        page = _PAGE.get_template("index.html")
        return HTMLResponse(page.render(templates=templates(folder), samples=list(SAMPLES)))

    @app.get("/state")
    async def state() -> PlainTextResponse:
        """A text that changes whenever a template, a part or the style is changed, added or removed."""
        return PlainTextResponse(state_of(folder))

    @app.get("/{line}/{kind}/{day}/{sample}.pdf")
    async def document(line: str, kind: str, day: date, sample: str) -> Response:
        template = Template(line, kind, day)
        if template not in templates(folder) or sample not in SAMPLES:
            return PlainTextResponse("Không có mẫu này / no such template or sample", status_code=404)
        try:
            pdf = await workers.run(draw, folder, template, sample)
        except WorkFailed as failed:
            return PlainTextResponse(str(failed), status_code=422)
        return Response(pdf, media_type="application/pdf", headers={"cache-control": "no-store"})

    return app


def state_of(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return " ".join(f"{path.relative_to(folder)}@{path.stat().st_mtime_ns}" for path in files)
