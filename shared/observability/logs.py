"""JSON logs, with the context of the message or request on every line, and without personal data."""

import logging
import traceback

import structlog
from aiokafka.errors import KafkaError
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger


def configure(service: str, level: str) -> None:
    """Write every log entry, also those of libraries, as one JSON object a line to stderr."""
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
                # ASCII only: characters that reverse text or move the cursor could falsify a line on screen.
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
    """Shorten asyncio's log entry about an exception that nobody retrieved: cut off the error's text.

    Drop it for aiokafka's futures: the library leaves one for each batch that fails before it is sent,
    hundreds when a relay is fenced, and the relay has logged the cause.
    """
    record.msg, record.args = record.getMessage().partition("\n")[0], ()
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, KafkaError) and record.msg.startswith("Future exception"))


def _without_text(exc_info: ExcInfo) -> str:
    """The classes of the errors and where they were raised. Their texts are left out: they may hold personal
    data."""
    parts: list[str] = []
    cause: BaseException | None = exc_info[1]
    seen: list[BaseException] = []
    while cause is not None and cause not in seen:  # an error of a group may have the group as its context
        seen.append(cause)
        frames = traceback.extract_tb(cause.__traceback__)
        places = "".join(f"{frame.filename}:{frame.lineno} {frame.name}\n" for frame in frames)
        parts.append(f"{places}{type(cause).__qualname__}")
        inner = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = inner or cause.__cause__ or cause.__context__
    return "\nfrom:\n".join(parts)


def _add_service(service: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add
