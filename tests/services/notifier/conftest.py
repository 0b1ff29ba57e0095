"""Fixtures: a mail server and a notifier that uses it, on a database alone or running with Kafka."""

from collections.abc import AsyncIterator

import pytest

from services.notifier.settings import NotifierSettings
from shared.ids import fresh
from tests.services.notifier.postoffice import PostOffice, opened
from tests.services.notifier.rig import Rig, running_rig
from tests.services.notifier.world import World, world


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with opened() as office:
        yield office


@pytest.fixture
async def rig(mongo_uri: str, namespace: str, post: PostOffice) -> AsyncIterator[Rig]:
    settings = NotifierSettings(
        environment="production",
        kafka="127.0.0.1:1",
        mongo=mongo_uri,
        namespace=namespace,
        log_level="error",
        smtp_port=post.port,
        smtp_seconds=20,
    )
    async with running_rig(settings) as made:
        yield made


@pytest.fixture(scope="session")
async def notifier_world(kafka: str, mongo_uri: str) -> AsyncIterator[World]:
    """One for all tests that need it; each test has an office of its own."""
    async with opened() as office:
        settings = NotifierSettings(
            environment="production",
            kafka=kafka,
            mongo=mongo_uri,
            namespace=f"t{fresh().hex[:12]}",
            log_level="info",
            smtp_port=office.port,
        )
        async with world(settings, office) as running:
            yield running


@pytest.fixture
def office_ref() -> str:
    return f"T-{fresh().hex[:8]}"
