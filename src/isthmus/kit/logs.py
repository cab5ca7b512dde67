"""How every process of ours writes its log: to standard error, a line an event, for people or for programs."""

from __future__ import annotations

from typing import Any

_PLAIN: dict[str, Any] = {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
# One object a line: time (UTC, RFC 3339), level, logger, message, exc_info where something was raised, and whatever
# the call gave as `extra`.
_JSON: dict[str, Any] = {
    "()": "pythonjsonlogger.json.JsonFormatter",
    "fmt": "{levelname}{name}{process}{message}",
    "style": "{",
    "timestamp": "time",
    "rename_fields": {"levelname": "level", "name": "logger"},
}


def configuration(form: str) -> dict[str, Any]:
    """For `logging.config.dictConfig` and Django's LOGGING; form: the option `log_format`, `text` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": _JSON if form == "json" else _PLAIN},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
