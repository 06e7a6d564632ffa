"""The package's logger, whose messages are safe to show."""

import logging

from .printable import make_printable


class _EscapeFilter(logging.Filter):
    """Escapes characters that do not print, for every handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = make_printable(record.getMessage()), ()
        return True


log = logging.getLogger("glove_registry")
log.addFilter(_EscapeFilter())
