"""The examples are tested for what they log, whatever level a service of an earlier test has set."""

import logging

import pytest


@pytest.fixture(autouse=True)
def everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
