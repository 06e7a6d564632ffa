"""The registry as a page for people: what comes in is a `Registry`, out goes one file.

Nothing here reads vectors or uses the network, and neither does the page.
"""

from .write import write_catalogue

__all__ = ["write_catalogue"]
