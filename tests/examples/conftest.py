"""The tests of the examples check log output, so they set the log level whatever an earlier test has set."""

import logging

import pytest


@pytest.fixture(autouse=True)
def everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
