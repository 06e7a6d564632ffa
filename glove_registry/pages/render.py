"""From templates and values to HTML pages that allow nothing but what is in them."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from ..version import __version__
from .text import clean, make_one_line

# Nothing else becomes a link, such as the URL of a source in a store of objects.
_LINK = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)

_SHARED = files(__package__)


def make_renderer(
    folder: Traversable, filters: Mapping[str, Callable[..., object]]
) -> Callable[..., str]:
    """Return the function that renders the templates of a folder.

    Parameters
    ----------
    folder : Traversable
        Has the templates, styles and scripts of a room; those of this room, such as
        ``copy.js``, are found as well.
    filters : mapping of str to callable
        What the templates need besides Jinja's own filters and ``one_line``.

    Returns
    -------
    callable
        Takes the name of a template that extends ``base.html``; the names of its
        `styles`, which follow ``base.css``, and of its `scripts`; and the values that
        the template inserts. Returns one HTML page that needs nothing else.
    """
    # Here, as only the commands that write pages need it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    @cache
    def read(name: str) -> str:
        file = folder / name
        # Line ends are the same wherever git has checked the files out.
        return (file if file.is_file() else _SHARED / name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever a template inserts, except what it has made itself.
        finalize=lambda value: (
            value if hasattr(value, "__html__") else clean(str(value))
        ),
    )
    environment.tests["link"] = _LINK.fullmatch
    environment.filters |= {"one_line": make_one_line, **filters}

    def render(
        template: str,
        *,
        styles: Sequence[str] = (),
        scripts: Sequence[str] = (),
        **values: object,
    ) -> str:
        style = "\n".join(map(read, ["base.css", *styles]))
        script = "\n".join(map(read, scripts))
        return environment.get_template(template).render(
            policy=_make_policy(style, script),
            version=__version__,
            style=style,
            script=script,
            **values,
        )

    return render


def _make_policy(style: str, script: str) -> str:
    """Allow this style and this script by their hashes, and nothing from elsewhere.

    See https://www.w3.org/TR/CSP3/#grammardef-hash-source.
    """
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; "
        f"script-src {_hash_source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
