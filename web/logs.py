"""Log lines: JSON on stderr, or plain where a person watches."""

import logging
import sys

import structlog


def configure_logs(*, level: int = logging.INFO) -> None:
    """Write one line an event, with the request id, at `level` and above."""
    plain = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if plain else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
