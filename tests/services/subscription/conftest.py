from pathlib import Path

import pytest

from shared.runtime.settings import Settings
from tests.support.people import People


@pytest.fixture
def people(settings: Settings) -> People:
    return People(Path(settings.jwks))
