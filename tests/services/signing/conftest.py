"""Fixtures: a certification authority, an office with its certificate, and the signing service."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from deploy.local.people.pki import Credential, Holder, Pki, ensure_pki
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.trust import TrustSettings
from services.signing.pades.worker_tasks import SigningPolicy, configure_worker
from shared.background.workers import Workers
from tests.services.signing.service import World, server_settings, signing_settings, world

TAX_CODE = "0101243150-001"


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
