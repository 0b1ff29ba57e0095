"""Log lines say what failed and where, without the data that was worked on."""

import asyncio
import gc
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from aiokafka.errors import ProducerFenced

from shared.observability import logs


class Letter(Exception):
    """Its text quotes personal data, as those of library errors do."""


def _fail() -> None:
    try:
        raise Letter("ke.toan@ngocha.example")
    except Letter as error:
        raise ExceptionGroup("0912345678", [ValueError("Nguyễn Thị Mẫu")]) from error


@contextmanager
def configured() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    try:
        logs.configure("notifier", "info")
        yield
    finally:
        logging.getLogger().handlers = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()


@pytest.mark.parametrize("by", ["structlog", "library"])
def test_error_texts_stay_out_of_the_log(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    with configured():
        try:
            _fail()
        except ExceptionGroup as error:
            if by == "structlog":
                structlog.get_logger().error("work.failed", exc_info=error)
            else:
                logging.getLogger("dependency").error("work.failed", exc_info=error)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["service"]) == ("work.failed", "notifier")
    assert "ExceptionGroup" in line["exception"]
    assert "_fail" in line["exception"]
    for text in ("ke.toan", "0912345678", "Nguyễn"):
        assert text not in json.dumps(line, ensure_ascii=False)


def test_error_that_is_raised_out_of_its_own_group_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """As anyio and Starlette do it: the group is the error's context, and holds the error."""
    inner = Letter("ke.toan@ngocha.example")
    with configured():
        try:
            raise ExceptionGroup("0912345678", [inner])
        except ExceptionGroup:
            try:
                raise inner
            except Letter as error:
                structlog.get_logger().error("work.failed", exc_info=error)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert [line["exception"].count(kind) for kind in ("Letter", "ExceptionGroup")] == [1, 1]


@pytest.mark.parametrize(
    ("error", "events"),
    [(ProducerFenced("of ke.toan@ngocha.example"), []),
     (Letter("ke.toan@ngocha.example"), ["Future exception was never retrieved"])],
)  # fmt: skip
def test_log_entry_of_an_exception_that_nobody_retrieved(
    error: Exception, events: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Guards against: asyncio's own log line quotes the error's text, and is repeated hundreds of times if a
    relay is fenced."""

    async def forget() -> None:
        asyncio.get_running_loop().create_future().set_exception(error)

    gc.collect()  # objects of other tests would write lines of their own
    capsys.readouterr()
    with configured():
        asyncio.run(forget())
        gc.collect()
    out = capsys.readouterr().err
    assert [json.loads(line)["event"] for line in out.splitlines()] == events
    assert "ke.toan" not in out
