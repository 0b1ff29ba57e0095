"""The pages of problems: what they say, and how the visitor can continue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import PlainTextResponse, Response

from services.renewal.pages.site import Site
from services.renewal.settings import EXAMPLE_VENDOR
from shared.resilience.errors import Interrupted
from shared.runtime.settings import Platform
from shared.text.i18n import Text
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import FileSubmission, FormSubmission, RequestGuard
from shared.web.pages.next_url import own_path
from shared.web.pages.origins import Origins
from shared.web.pages.session import COOKIE, csrf_of
from shared.web.people import Person, Role, unauthenticated
from shared.web.problems import Problem
from tests.support.html import Page

SIGN_IN = "https://platform.vn/sign-in?app=renewal"


_NONE: Any = None


async def _nobody(office_ref: str) -> str | None:
    return None


class _Verifier(SessionVerifier):
    """`fault`: the error that identifying the visitor raises."""

    def __init__(self, most: int) -> None:
        super().__init__(Platform("", "", "", writes_a_minute=most), _nobody, _NONE)
        self.fault: Exception | None = None

    async def verify(self, token: str) -> Person:
        if self.fault:
            raise self.fault
        return Person(sub="p1", office_ref="dv-1", roles=frozenset({Role.RENEWER}))


class _Pages:
    """`fault`: the error that the page itself raises."""

    def __init__(self, sign_in_url: str = SIGN_IN, most: int = 100) -> None:
        self.verifier = _Verifier(most)
        guard = RequestGuard(self.verifier, Origins.read("", secure=False))
        site = Site.of(EXAMPLE_VENDOR, sign_in_url, secure=False)
        routes = APIRouter(prefix="/renewal", route_class=site.route_class())
        self.fault: Exception | None = None
        self.got: list[dict[str, str]] = []

        @routes.get("/o/{name}")
        async def look(name: str, visitor: Annotated[object, Depends(guard.visitor)]) -> Response:
            return self._done()

        @routes.post("/form")
        async def send(submission: Annotated[FormSubmission, Depends(guard.submission)]) -> Response:
            self.got.append(dict(submission.fields))
            return self._done()

        @routes.post("/file")
        async def bring(upload: Annotated[FileSubmission, Depends(guard.file_submission)]) -> Response:
            return self._done()

        self.app = FastAPI()
        self.app.include_router(routes)

    def _done(self) -> Response:
        if self.fault:
            raise self.fault
        return PlainTextResponse("done")

    @asynccontextmanager
    async def browser(self, cookie: str = "t") -> AsyncIterator[httpx.AsyncClient]:
        cookies = {COOKIE: cookie} if cookie else {}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://us", cookies=cookies) as client:
            yield client


@pytest.mark.parametrize(
    "address",
    [
        "/renewal/o/x?lang=vi",
        "/renewal/o/x?q=so+tai+chinh&after=2026-11-28T10%3A00%2B07%3A00",
        "/renewal/o/S%E1%BB%9F?q=100%25",
    ],
)
async def test_who_comes_without_a_session_is_sent_to_sign_in_and_back(address: str) -> None:
    """From an e-mail, a banner or the corner button: after the sign-in, the visitor comes to the requested
    address."""
    async with _Pages().browser(cookie="") as client:
        answer = await client.get(address)
    to = urlsplit(answer.headers["location"])
    assert answer.status_code == 303
    assert (to.netloc, parse_qs(to.query)["app"]) == ("platform.vn", ["renewal"])
    assert own_path(parse_qs(to.query)["next"][0], "/renewal") == address


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://us/renewal/o/x/qlts/declare?check=yes", "/renewal/o/x/qlts/declare?check=yes"),
        ("http://us/elsewhere", "/renewal"),
        ("http://[", "/renewal"),
        ("", "/renewal"),
    ],
)
async def test_session_that_ended_leads_to_sign_in_and_back_to_the_form(referer: str, back: str) -> None:
    pages = _Pages()
    pages.verifier.fault = unauthenticated()
    async with pages.browser() as client:
        assert (await client.get("/renewal/o/x")).status_code == 303
        sent = await client.post("/renewal/form", data={"a": "1"}, headers={"referer": referer})
    assert sent.status_code == 401
    to = urlsplit(Page(sent.text).links["Đến trang đăng nhập"])
    assert (to.netloc, parse_qs(to.query)["next"]) == ("platform.vn", [back])


async def test_without_a_sign_in_address_the_page_says_so() -> None:
    async with _Pages(sign_in_url="").browser(cookie="") as client:
        answer = await client.get("/renewal/o/x")
    assert (answer.status_code, "Cần đăng nhập" in answer.text) == (401, True)


TYPED = {
    "csrf": csrf_of("t"),
    "office.name": 'Sở "Tài chính" <1>',
    "note": "dòng một\r\ndòng hai",
    "key": "k",
}


@pytest.mark.parametrize("fault", [Interrupted(), Problem(503, "busy", Text("Bận", "Busy")), RuntimeError()])
@pytest.mark.parametrize("where", ["page", "who"])
async def test_busy_answer_offers_to_try_again_with_what_was_typed(fault: Exception, where: str) -> None:
    pages = _Pages()
    (pages if where == "page" else pages.verifier).fault = fault
    async with pages.browser() as client:
        busy = await client.post("/renewal/form", data=TYPED)
        assert busy.status_code in (500, 503)
        assert "Thử lại" in busy.text
        pages.fault = pages.verifier.fault = None
        pages.got.clear()
        form = Page(busy.text).form("/renewal/form")
        again = await client.post(form.action, data=form.fields)
    assert again.status_code == 200
    assert pages.got == [TYPED]


async def test_who_was_too_fast_sends_the_same_later() -> None:
    pages = _Pages(most=1)
    async with pages.browser() as client:
        await client.post("/renewal/form", data=TYPED)
        late = await client.post("/renewal/form", data=TYPED)
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    assert Page(late.text).form("/renewal/form").fields == TYPED


async def test_page_that_was_only_looked_at_is_looked_at_again() -> None:
    pages = _Pages()
    pages.fault = Interrupted()
    async with pages.browser() as client:
        busy = await client.get("/renewal/o/x?q=a+b")
    assert (busy.status_code, 'href="/renewal/o/x?q=a+b"' in busy.text) == (503, True)


async def test_file_must_be_chosen_again_and_that_is_said() -> None:
    pages = _Pages()
    pages.fault = Interrupted()
    async with pages.browser() as client:
        busy = await client.post("/renewal/file", data=TYPED, files={"file": ("a.pdf", b"%PDF")})
    assert (busy.status_code, "Tệp vừa chọn chưa được giữ" in busy.text) == (503, True)


@pytest.mark.parametrize("fields", [{"csrf": "0" * 64}, {}])
async def test_form_that_is_not_ours_is_not_offered_again(fields: dict[str, str]) -> None:
    async with _Pages().browser() as client:
        refused = await client.post("/renewal/form", data=fields)
    assert (refused.status_code, "Thử lại" in refused.text) == (403, False)
