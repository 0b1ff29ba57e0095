"""JSON logs, with the message's or request's context on every line. No personal data goes in."""

import logging
import traceback

import structlog
from aiokafka.errors import KafkaError
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger


def configure(service: str, level: str) -> None:
    """Everything, also what libraries log, comes out as one JSON object a line on stderr."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_service(service),
        structlog.processors.ExceptionRenderer(_without_text),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Escaped: letters that turn a line round, or move the cursor, would show another line.
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiokafka", "faststream", "uvicorn.access", "httpx", "fontTools", "weasyprint", "pymongo"):
        logging.getLogger(noisy).setLevel("ERROR")
    logging.getLogger("asyncio").addFilter(_shorten_unretrieved)


def _shorten_unretrieved(record: logging.LogRecord) -> bool:
    """What asyncio says of a future or task that nobody asked. Its message quotes the error's text, which is
    cut off. aiokafka leaves such a future with each batch that fails before it is sent, hundreds when a relay
    is fenced; the relay has told of it."""
    record.msg, record.args = record.getMessage().partition("\n")[0], ()
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, KafkaError) and record.msg.startswith("Future exception"))


def _without_text(exc_info: ExcInfo) -> str:
    """Kinds of error and where they arose. Their texts may quote what was being worked on: personal data."""
    told = []
    cause: BaseException | None = exc_info[1]
    while cause is not None:
        frames = traceback.extract_tb(cause.__traceback__)
        places = "".join(f"{frame.filename}:{frame.lineno} {frame.name}\n" for frame in frames)
        told.append(f"{places}{type(cause).__qualname__}")
        inner = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = inner or cause.__cause__ or cause.__context__
    return "\nfrom:\n".join(told)


def _add_service(service: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add
