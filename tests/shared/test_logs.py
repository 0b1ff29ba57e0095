"""Log lines say what failed and where, and nothing of what was being worked on."""

import json
import logging

import pytest
import structlog

from shared import logs


class Letter(Exception):
    """Quotes whom it was for, as library errors do."""


def _fail() -> None:
    try:
        raise Letter("ke.toan@ngocha.example")
    except Letter as error:
        raise ExceptionGroup("0912345678", [ValueError("Nguyễn Thị Mẫu")]) from error


@pytest.mark.parametrize("by", ["structlog", "library"])
def test_error_texts_stay_out_of_the_log(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    try:
        logs.configure("notifier", "info")
        try:
            _fail()
        except ExceptionGroup as error:
            if by == "structlog":
                structlog.get_logger().error("work.failed", exc_info=error)
            else:
                logging.getLogger("dependency").error("work.failed", exc_info=error)
        line = json.loads(capsys.readouterr().err.splitlines()[-1])
    finally:
        logging.getLogger().handlers = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert (line["event"], line["service"]) == ("work.failed", "notifier")
    assert "ExceptionGroup" in line["exception"]
    assert "_fail" in line["exception"]
    for text in ("ke.toan", "0912345678", "Nguyễn"):
        assert text not in json.dumps(line, ensure_ascii=False)
