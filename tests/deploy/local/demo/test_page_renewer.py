"""The renewer at a browser, with pages and a tool that act as each test says; tests/e2e has the real ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from deploy.local.demo import page_renewer
from deploy.local.demo.page_renewer import PageRenewer, seat_renewer
from deploy.local.demo.renewer import Renewer
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import Caller
from deploy.local.people.pki import Credential
from deploy.local.samples.offices import offices
from services.renewal.pages.site import CATALOGUE as RENEWAL
from services.signing.pages.site import CATALOGUE as SIGNING

SITE = "http://giahan.example"
TODAY = date(2026, 11, 29)
SIGNING_PAGE = f"""<!doctype html><title>sign</title>
<a href="#">{RENEWAL.both("registration.sign").vi}</a>
<section data-step="start"><button data-do="start">start</button></section>
<section data-step="none" hidden><button data-do="start">again</button></section>
<section data-step="pairing" hidden>allow</section>
<section data-step="confirming" hidden>PIN</section>
<p role="status" data-step="sent" hidden>{SIGNING.both("state.done_form").vi}</p>
<script>
let clicks = 0;
const show = (name) => document.querySelectorAll("[data-step]").forEach(
  (step) => (step.hidden = step.dataset.step !== name));
document.querySelectorAll("button").forEach(
  (button) => (button.onclick = () => show((clicks += 1) === 1 ? "none" : "pairing")));
</script>"""


class KnowsForm:
    """Stands for the services: the form waits for its signature."""

    def get(self, service: str, path: str, person: str) -> dict[str, str]:
        return {"path": path}


@pytest.fixture
def renewer(tmp_path: Path) -> Iterator[PageRenewer]:
    by_rest = Renewer(offices(TODAY, 1)[0], cast("Caller", KnowsForm()), tmp_path / "pki")
    with seat_renewer(by_rest, SITE, tmp_path) as seated:
        yield seated


def answer(renewer: PageRenewer, html: str) -> None:
    """The site answers every request with this page."""
    renewer.page.route(
        "**/*", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
    )


def test_a_page_that_does_not_go_on_is_told_with_what_it_says(renewer: PageRenewer) -> None:
    answer(renewer, "<!doctype html><title>-</title><p>Dịch vụ đang tắt</p>")
    renewer.page.set_default_timeout(300)
    renewer.page.set_default_navigation_timeout(60_000)
    with pytest.raises(StackProblem, match=f"the page {SITE}/people") as told:
        renewer.register(TODAY, "electronic")
    assert "Dịch vụ đang tắt" in told.value.detail


def test_a_tool_that_is_not_found_at_first_is_looked_for_again(
    renewer: PageRenewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    class Tool:
        def allow_site(self, origin: str) -> None:
            done.append(origin)
            renewer.page.evaluate("show('confirming')")

        def enter_pin(self) -> str:
            done.append("pin")
            renewer.page.evaluate("show('sent')")
            return "PS256"

    @contextmanager
    def open_tool(own: Credential) -> Iterator[Tool]:
        yield Tool()

    monkeypatch.setattr(page_renewer, "open_tool", open_tool)
    answer(renewer, SIGNING_PAGE)
    renewer.page.goto(f"{SITE}/renewal")
    assert renewer.sign("1", lambda: done.append("digest")) == "PS256"
    assert done == [SITE, "digest", "pin"]
    assert renewer.page.evaluate("clicks") == 2
    assert sorted(picture.name for picture in renewer.out.glob("*.png")) == [
        "ky-so-1-trang-ky.png",
        "ky-so-2-nhap-pin.png",
        "ky-so-3-da-gui.png",
    ]
