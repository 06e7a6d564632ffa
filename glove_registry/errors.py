"""Every error this package raises on purpose.

A message says three things: what was wrong, what was expected, what to do. Each class
also derives from the built-in exception a caller would expect, so that code which
knows nothing of this package still catches the right thing::

    GloveRegistryError
    ├── RegistryError            (ValueError)   a registry file has faults
    ├── UnknownVariantError      (KeyError)     no variant or revision of that name
    ├── FetchError               (OSError)      no source delivered the bytes
    │   ├── ChecksumError        (ValueError)   bytes arrived, but the wrong ones
    │   └── OfflineError                        the network is out of bounds
    ├── UnverifiableError        (ValueError)   the entry has no checksum to hold on to
    ├── FormatError              (ValueError)   a file does not hold word vectors
    ├── CacheError               (OSError)      the cache folder cannot be used
    ├── UnknownWordError         (KeyError)     a word without a vector was asked for
    ├── VocabularyError          (ValueError)   a vocabulary no layer can be made from
    ├── ConfigError              (ValueError)   a configuration that says no recipe
    └── OutputError              (OSError)      what was asked for cannot be written
"""

from .messages.printable import make_printable, shorten

__all__ = [
    "CacheError",
    "ChecksumError",
    "ConfigError",
    "FetchError",
    "FormatError",
    "GloveRegistryError",
    "OfflineError",
    "OutputError",
    "RegistryError",
    "UnknownVariantError",
    "UnknownWordError",
    "UnverifiableError",
    "VocabularyError",
]


# Some quote what a stranger wrote, which can be of any size: more is read by nobody.
MAX_MESSAGE = 20_000


class GloveRegistryError(Exception):
    """Base class: catch this to catch everything this package raises on purpose.

    Its message is safe to show: what does not print is escaped, and the middle of one
    of more than 20,000 characters is left out.
    """

    def __str__(self) -> str:
        # KeyError would show the repr of the message, quotes and escapes included.
        message = str(self.args[0]) if self.args else ""
        return make_printable(shorten(message, MAX_MESSAGE))


class RegistryError(GloveRegistryError, ValueError):
    """A registry file has faults; each is given as ``file:line:column: sentence``."""


class UnknownVariantError(GloveRegistryError, KeyError):
    """No variant, or no revision of it, has that name."""


class FetchError(GloveRegistryError, OSError):
    """No source delivered the bytes; every source tried is listed with its reason."""


class ChecksumError(FetchError, ValueError):
    """Bytes arrived, but not the ones that the registry promises; none were kept."""


class OfflineError(FetchError):
    """The network would be needed and is out of bounds; says what to bring where."""


class UnverifiableError(GloveRegistryError, ValueError):
    """The entry gives no checksum, so that nothing could be verified."""


class FormatError(GloveRegistryError, ValueError):
    """A file does not hold word vectors in the form it should."""


class CacheError(GloveRegistryError, OSError):
    """The cache folder cannot be created, written or read."""


class UnknownWordError(GloveRegistryError, KeyError):
    """A word that has no vector was asked for by ``vectors[word]``."""


class VocabularyError(GloveRegistryError, ValueError):
    """A vocabulary from which no embedding layer can be made."""


class ConfigError(GloveRegistryError, ValueError):
    """A configuration from which no recipe can be made; has a line for each fault."""


class OutputError(GloveRegistryError, OSError):
    """A file that was asked for cannot be written where it should be."""
