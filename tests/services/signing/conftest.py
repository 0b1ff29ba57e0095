"""Fixtures: a certification authority, an office with its certificate, the signing service, and browsers of
signed-in visitors."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, BrowserContext

from deploy.local.people.pki import Credential, Holder, Pki, ensure_pki
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.trust import TrustSettings
from services.signing.pades.worker_tasks import SigningPolicy, configure_worker
from shared.background.workers import Workers
from tests.services.signing.factory import OFFICE
from tests.services.signing.service import World, server_settings, signing_settings, world
from tests.support.browser import chromium, serve_on_port

TAX_CODE = "0101243150-001"

SignIn = Callable[..., Awaitable[BrowserContext]]
"""`await sign_in(role="desk", office="another", width=320)`: a browser window of that visitor."""


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return ensure_pki(tmp_path_factory.mktemp("signing") / "pki")


@pytest.fixture(scope="session")
def office(pki: Pki) -> Credential:
    return pki.credential("office", Holder("Sở Tài chính tỉnh Hà Giang", (f"MST:{TAX_CODE}",)))


@pytest.fixture(scope="session")
def trust(pki: Pki) -> TrustSettings:
    return TrustFiles(pki.trust_roots, pki.trust_intermediates, pki.crls).current()


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
async def deferred_signer(trust: TrustSettings) -> AsyncIterator[DeferredSigner]:
    """It has worker processes, as in the service."""
    workers = Workers(1, limit=30, prepare=configure_worker)
    policy = SigningPolicy(trust, "Asia/Ho_Chi_Minh", old_padding=True)
    yield DeferredSigner(workers, lambda: policy)
    await workers.close()


@pytest.fixture(scope="session")
async def signing(
    kafka: str, mongo_uri: str, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The service on real Kafka and MongoDB. Each test uses renewals of its own."""
    settings = server_settings(kafka, mongo_uri, tmp_path_factory.mktemp("people"))
    async with world(signing_settings(settings, pki)) as made:
        yield made


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
async def address(signing: World) -> AsyncIterator[str]:
    async with serve_on_port(signing.app) as url:
        yield url


@pytest.fixture
async def sign_in(browser: Browser, address: str, signing: World) -> AsyncIterator[SignIn]:
    async with AsyncExitStack() as windows:

        async def open_window(
            *, role: str = "renewer", office: str = OFFICE, width: int = 1280
        ) -> BrowserContext:
            context = await browser.new_context(
                base_url=address, viewport={"width": width, "height": 900}, reduced_motion="reduce"
            )
            windows.push_async_callback(context.close)
            form: dict[str, str | float | bool] = {"token": signing.token(office, role), "next": ""}
            await context.request.post("/signing/session", form=form, max_redirects=0)
            return context

        yield open_window
