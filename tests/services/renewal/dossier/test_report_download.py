"""The download of a validation report: under our own name and type, and counted as a write."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.renewal.domain.dossier.papers import DossierPaper
from services.renewal.dossier.archive_response import REPORT_COST, report_response
from services.renewal.dossier.pages.dossier import DossierPage, dossier_pages
from services.renewal.dossier.rest import dossier_routes
from services.renewal.pages.site import Site
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import DocumentRef
from shared.runtime.settings import Platform
from shared.web import problems
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins
from shared.web.pages.session import COOKIE
from shared.web.people import Person, Role
from tests.services.renewal.dossier.sample_dossier import renewal
from tests.services.renewal.examples import NOW, RENEWAL

SHA256 = "ab" * 32


def paper(media_type: str, name: str = "bc.pdf") -> DossierPaper:
    return DossierPaper(
        what="form_report",
        revision=1,
        filed_at=NOW,
        void=False,
        source="checked",
        document=DocumentRef(sha256=SHA256, size=1, media_type=media_type, name=name),
        path="",
        about="cd" * 32,
    )


@pytest.mark.parametrize(
    ("media_type", "served_as", "end"),
    [
        ("application/pdf", "application/pdf", "pdf"),
        ("application/json", "application/json", "json"),
        ("text/html", "application/json", "json"),
        ("tệp", "application/json", "json"),
    ],
)
def test_name_and_type_of_an_event_get_into_no_header(media_type: str, served_as: str, end: str) -> None:
    answer = report_response(paper(media_type, 'báo cáo".html\r\nset-cookie: a=b'), b"x")
    assert answer.headers["content-type"] == served_as
    assert answer.headers["content-disposition"] == f'attachment; filename="bao-cao-kiem-tra-chu-ky-so.{end}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


class _Renewer(SessionVerifier):
    """Everybody is one renewer, who may write so many times a minute."""

    def __init__(self, writes: int) -> None:
        unused: Any = None
        super().__init__(Platform("", "", "", writes_a_minute=writes), unused, unused)

    async def verify(self, token: str) -> Person:
        office = renewal().registration.office_ref
        return Person(sub="renewer-1", office_ref=office, roles=frozenset({Role.RENEWER}))


class _Dossiers:
    """Dossiers and queries that have one registration with one report."""

    def __init__(self) -> None:
        self.gathered = 0

    async def renewal(self, *_: object) -> None:
        return None

    async def gather(self, _: object) -> Any:
        self.gathered += 1
        return SimpleNamespace(renewal=renewal())

    async def read_report(self, *_: object) -> tuple[DossierPaper, bytes]:
        return paper("application/pdf"), b"%PDF"


@pytest.mark.parametrize(
    "path",
    ["/v1/registrations/{id}/dossier/reports/{of}", "/renewal/registrations/{id}/dossier/reports/{of}"],
)
async def test_reports_count_against_the_persons_limit(path: str) -> None:
    """Guards against: one person has dossiers gathered without end."""
    dossiers: Any = _Dossiers()
    verifier = _Renewer(2 * REPORT_COST)
    app, site = FastAPI(), Site.of(EXAMPLE_VENDOR, "https://platform.vn/sign-in", secure=False)
    guard = RequestGuard(verifier, Origins.read("", secure=False))
    app.include_router(dossier_routes(dossiers, verifier))
    app.include_router(dossier_pages(DossierPage(site, dossiers, dossiers), guard))
    problems.install(app)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={"authorization": "Bearer token"},
        cookies={COOKIE: "token"},
    )
    async with client:
        address = path.format(id=RENEWAL, of=SHA256)
        assert [(await client.get(address)).status_code for _ in range(3)] == [200, 200, 429]
    assert dossiers.gathered == 2
