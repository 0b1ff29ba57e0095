"""The office's renewer at a computer: registers and signs on the pages, with the signing tool."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Error, Locator, Page, ViewportSize, sync_playwright

from deploy.local.demo.renewer import PAY_WITHIN, Renewer
from deploy.local.demo.texts import both
from deploy.local.host.browser import CHROMIUM_ARGUMENTS, chromium_path
from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import STALLED_S
from deploy.local.people.signature import credential_of
from deploy.local.people.signing_tool import open_tool
from services.renewal.pages.site import CATALOGUE as RENEWAL
from services.signing.pages.site import CATALOGUE as SIGNING

_SCREEN: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True, slots=True)
class PageRenewer(Renewer):
    """Uses `page`, a browser's tab. `site` is the origin of all pages; `out` takes pictures of the screen."""

    page: Page
    site: str
    out: Path

    def register(self, today: date, send_by: str) -> dict[str, Any]:
        """Register from the lock screen on, with all that the declaration has filled in already."""
        with self._watched():
            self._enter()
            begin = self._link(RENEWAL.both("notice.register").vi)
            begin.wait_for()
            self._photograph("man-hinh-khoa")
            begin.click()
            self.page.locator('[name="payment.kind"][value="promised"]').check()
            self.page.locator('[name="payment.on"]').fill(f"{today + PAY_WITHIN:%d/%m/%Y}")
            self.page.locator('[name="payment.committed"]').check()
            self._button(RENEWAL.both("declare.review").vi).click()
            self._link(RENEWAL.both("review.send").vi).click()
            self.page.locator(f'[name="send_by"][value="{send_by}"]').check()
            self._button(RENEWAL.both("send.confirm").vi).click()
            self.page.wait_for_url("**/registrations/*")
        return self.registration(urlsplit(self.page.url).path.rpartition("/")[2])

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        """Sign the form on its page. The tool runs only meanwhile. Returns the algorithm."""
        self.form_to_sign(registration)
        with self._watched(), open_tool(credential_of(self.office, self.pki)) as tool:
            self._link(RENEWAL.both("registration.sign").vi).click()
            self._step("start").wait_for()
            self._photograph("ky-so-1-trang-ky")
            until(self._finds_tool, *both("check.tool_found"))
            tool.allow_site(self.site)
            self._step("confirming").wait_for()
            self._photograph("ky-so-2-nhap-pin")
            holding()
            algorithm = tool.enter_pin()
            self.page.get_by_role("status").filter(has_text=SIGNING.both("state.done_form").vi).wait_for()
            self._photograph("ky-so-3-da-gui")
        return algorithm

    def look_at(self, registration: str, picture: str) -> str:
        """What the registration's page says. A picture of it stays."""
        with self._watched():
            self._enter()
            self.page.goto(f"{self.site}/renewal/registrations/{registration}")
            self._photograph(picture, whole=True)
            return self.page.inner_text("main")

    def _enter(self) -> None:
        """Become the renewer, and open the product's notice as its banner does."""
        notice = f"/renewal?{urlencode({'product': self.office.product_code})}"
        self.page.goto(f"{self.site}/people?{urlencode({'office': self.office.office_ref, 'next': notice})}")
        self.page.locator(f'form[action^="/people/{self.person}?"] button').click()
        self.page.locator('form[action="/renewal/session"] button').click()

    def _finds_tool(self) -> bool:
        """Press the button that looks for the tool, as often as the page offers it: it gives up after two
        seconds, which a busy machine may take."""
        self.page.locator('[data-do="start"]:visible').click()
        self._step("pairing").or_(self._step("none")).filter(visible=True).wait_for()
        return self._step("pairing").is_visible()

    def _step(self, name: str) -> Locator:
        return self.page.locator(f'[data-step="{name}"]')

    def _link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=text, exact=True)

    def _button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=text, exact=True)

    def _photograph(self, name: str, *, whole: bool = False) -> None:
        self.page.wait_for_load_state()  # the pictures on the page are there, and its script hears a click
        self.page.screenshot(path=self.out / f"{name}.png", full_page=whole)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Raises StackProblem with what the page says, if it doesn't become what is waited for."""
        try:
            yield
        except Error as error:
            detail = f"{error.message}\n{self.page.evaluate('document.body?.innerText')}"
            raise StackProblem(*both("check.page", address=self.page.url), detail) from None


@contextmanager
def seat_renewer(renewer: Renewer, site: str, out: Path) -> Iterator[PageRenewer]:
    """Give the renewer a browser. `out` must exist."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(locale="vi-VN", viewport=_SCREEN)
        page.set_default_timeout(STALLED_S * 1000)
        yield PageRenewer(renewer.office, renewer.caller, renewer.pki, page, site, out)
        browser.close()
