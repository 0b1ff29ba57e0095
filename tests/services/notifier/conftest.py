"""A mail server and a notifier that knows it, for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notifier.settings import NotifierSettings
from shared.settings import Settings
from tests.services.notifier.postoffice import PostOffice, opened
from tests.services.notifier.rig import Rig, rigged


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with opened() as office:
        yield office


@pytest.fixture
def notifier_settings(settings: Settings, post: PostOffice) -> NotifierSettings:
    return NotifierSettings(
        **settings.model_dump(), smtp_port=post.port, smtp_seconds=1.0, smtp_retry_seconds=0.2
    )


@pytest.fixture
async def rig(mongo_uri: str, namespace: str, post: PostOffice, tmp_path: Path) -> AsyncIterator[Rig]:
    """The sender on a real database, without Kafka."""
    settings = NotifierSettings(
        environment="local",
        kafka="127.0.0.1:1",
        mongo=mongo_uri,
        namespace=namespace,
        jwks=str(tmp_path / "jwks.json"),
        log_level="error",
        smtp_port=post.port,
        smtp_seconds=0.5,
        smtp_failures=3,
    )
    async with rigged(settings) as made:
        yield made
