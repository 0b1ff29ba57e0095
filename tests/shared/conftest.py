"""A reader service that runs as long as a test module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.support.reader import Reader, run_reader


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_reader(kafka: str, mongo_uri: str) -> AsyncIterator[Reader]:
    settings = Settings(kafka=kafka, mongo=mongo_uri, namespace=f"t{fresh().hex[:12]}", log_level="error")
    async with run_reader(settings) as reader:
        yield reader


@pytest.fixture
def reader(module_reader: Reader) -> Reader:
    """Shared by the tests of a module; each test uses its own keys."""
    module_reader.handler = None
    return module_reader
