"""The exceptions of this package.

A message says what was wrong, what was expected, and what to do. Each class also
derives from the built-in exception that a caller would expect, so code that does not
know this package still catches the right one::

    GloveRegistryError
    ├── RegistryError            (ValueError)   a registry file is invalid
    ├── UnknownVariantError      (KeyError)     no variant or revision has that name
    ├── UnknownBenchmarkError    (KeyError)     no benchmark has that name
    ├── FetchError               (OSError)      no source provided the file
    │   ├── ChecksumError        (ValueError)   the file is not the expected one
    │   └── OfflineError                        the network is needed, but not allowed
    ├── UnverifiableError        (ValueError)   the entry has no checksum
    ├── FormatError              (ValueError)   a file does not contain word vectors
    ├── CacheError               (OSError)      the cache cannot be read or written
    ├── UnknownWordError         (KeyError)     a word has no vector
    ├── VocabularyError          (ValueError)   a vocabulary is invalid
    ├── TextError                (TypeError)    a text is not a str
    ├── ConfigError              (ValueError)   a configuration is invalid
    ├── BenchmarkError           (ValueError)   a benchmark cannot be read or answered
    └── OutputError              (OSError)      an output file cannot be written
"""

import os

from .messages.printable import make_printable, shorten

__all__ = [
    "BenchmarkError",
    "CacheError",
    "ChecksumError",
    "ConfigError",
    "FetchError",
    "FormatError",
    "GloveRegistryError",
    "OfflineError",
    "OutputError",
    "RegistryError",
    "TextError",
    "UnknownBenchmarkError",
    "UnknownVariantError",
    "UnknownWordError",
    "UnverifiableError",
    "VocabularyError",
]


_PACKAGE = os.path.dirname(__file__)

# Some messages quote a file of any size; nobody reads more than this.
MAX_MESSAGE = 20_000


class GloveRegistryError(Exception):
    """Base class of all exceptions of this package.

    Messages are safe to show: non-printing characters are escaped, and the middle of a
    message of more than 20,000 characters is left out.
    """

    def __str__(self) -> str:
        # By itself, KeyError shows the repr of the message.
        message = str(self.args[0]) if self.args else ""
        return make_printable(shorten(message, MAX_MESSAGE))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the user's lines, and the sentence."""
        import traceback  # not needed to load vectors

        lines = [
            f"line {frame.lineno}: {frame.line}"
            for frame in traceback.extract_tb(self.__traceback__)
            if not frame.filename.startswith(_PACKAGE)
            and "IPython" not in frame.filename
        ]
        return [*map(make_printable, lines), f"{type(self).__name__}: {self}"]


class RegistryError(GloveRegistryError, ValueError):
    """A registry file is invalid; each fault is one ``file:line:column: sentence``."""


class UnknownVariantError(GloveRegistryError, KeyError):
    """No variant, or no revision of it, has that name."""


class UnknownBenchmarkError(GloveRegistryError, KeyError):
    """No benchmark has that name."""


class FetchError(GloveRegistryError, OSError):
    """No source provided the file; each source is listed with the reason."""


class ChecksumError(FetchError, ValueError):
    """A file does not have the expected checksum; it was not kept."""


class OfflineError(FetchError):
    """The network is needed, but not allowed; the message says what to put where."""


class UnverifiableError(GloveRegistryError, ValueError):
    """The entry has no checksum, so its file cannot be verified."""


class FormatError(GloveRegistryError, ValueError):
    """A file does not contain word vectors in the expected format."""


class CacheError(GloveRegistryError, OSError):
    """The cache folder cannot be created, read or written."""


class UnknownWordError(GloveRegistryError, KeyError):
    """A word in ``vectors[word]`` has no vector."""


class VocabularyError(GloveRegistryError, ValueError):
    """An embedding layer cannot be made from this vocabulary."""


class TextError(GloveRegistryError, TypeError):
    """A text, or what should contain texts, is of the wrong type."""


class ConfigError(GloveRegistryError, ValueError):
    """A recipe cannot be made from this configuration; each fault is one line."""


class BenchmarkError(GloveRegistryError, ValueError):
    """A benchmark is not written as expected, or these vectors cannot answer it."""


class OutputError(GloveRegistryError, OSError):
    """An output file cannot be written where it was requested."""
