"""What every HTML page of the package shares: a template comes in, one file goes out.

A page needs nothing but itself: its style and its script are in it, and its policy
allows these two alone. Whatever a template inserts is text, never markup.
"""

from .files import write_page, write_pages
from .render import make_renderer
from .text import clean, make_one_line

__all__ = [
    "clean",
    "make_one_line",
    "make_renderer",
    "write_page",
    "write_pages",
]
