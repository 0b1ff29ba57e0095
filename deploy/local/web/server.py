"""The stack's own web process, `python -m deploy.local.web.server`: mail server, mail and people pages, and
the one host on which all services' pages are."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local.host.ports import HOST, Ports
from deploy.local.mail import pages as mail_pages
from deploy.local.mail.server import MailServer
from deploy.local.people import pages as people_pages
from deploy.local.people.people import People, signing_key
from deploy.local.samples.offices import offices
from deploy.local.texts import line
from deploy.local.web.gateway import gateway_routes, services_with_pages
from deploy.local.web.templates import templates
from shared.web import problems


async def _missing(request: Request, error: Exception) -> Response:
    return PlainTextResponse(line("web.not_found"), status_code=404)


def build(mail: MailServer, people: People, ports: Ports) -> FastAPI:
    gateway = httpx.AsyncHTTPTransport()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mail.start()
        async with gateway:
            yield
        mail.stop()

    app = FastAPI(title="Gia Hạn: local stack", lifespan=lifespan, docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_exception_handler(LookupError, _missing)
    # Anybody who asks gets a token, so answer only to this machine's own names (against DNS rebinding).
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app.include_router(mail_pages.router(mail.mailbox))
    app.include_router(people_pages.router(people, ports))
    app.include_router(gateway_routes(gateway, services_with_pages(ports)))

    @app.get("/", response_class=HTMLResponse)
    async def home(request: Request) -> Response:
        return templates.TemplateResponse(request, "home.html", {"ports": ports})

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _sample_names() -> dict[str, str]:
    """The sample offices' names by office_ref. They do not depend on the day."""
    return {row.office_ref: row.name for row in offices(date(2026, 1, 1))}


def main() -> None:
    """Runs the server. Letters and the signing key are stored under GIAHAN_STACK_DIR. Never starts in
    production."""
    if os.environ.get("GIAHAN_ENVIRONMENT") != "local":
        raise SystemExit(line("web.only_local"))
    directory = Path(os.environ["GIAHAN_STACK_DIR"])
    ports = Ports.from_env()
    mail = MailServer(directory / "mail", ports.smtp)
    people = People(signing_key(directory / "people" / "key.pem"), _sample_names())
    app = build(mail, people, ports)
    uvicorn.run(app, host=HOST, port=ports.pages, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
