"""The registry as pages for people: a `Registry` comes in, a folder of HTML goes out.

Nothing here uses the network, and neither do the pages.
"""

from .folder import write_catalogue

__all__ = ["write_catalogue"]
