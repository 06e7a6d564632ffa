"""The registry as a page for people: a `Registry` comes in, one HTML file goes out.

Nothing here reads vectors or uses the network, and neither does the page.
"""

from .page import write_catalogue

__all__ = ["write_catalogue"]
