"""What MkDocs needs to make a site of the pages of docs/ and the docstrings.

mkdocs.yml names this file as a hook, and `Docstrings` as an extension of Griffe, which
reads the docstrings.
"""

import re
from collections.abc import Iterator
from inspect import getdoc, isfunction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import glove_registry
from glove_registry import Registry, Vectors, errors
from glove_registry.catalogue import write_catalogue

CHECKOUT = Path(__file__).parents[1]

# Pages outside docs/, where forges look for them.
PAGES = ["SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"]

# How much a page counts in the search, instead of 1: guides come before the reference,
# which repeats most words, and both before what is about the project. Of the reference,
# `Vectors` comes before the functions of the same names.
BOOSTS = {"reference/vectors.md": 0.5, "reference/": 0.2, **dict.fromkeys(PAGES, 0.1)}

# What code in a sentence of the reference leads to. `rows` and `coverage` are names of
# parameters, too.
TARGETS = {
    **{name: f"glove_registry.errors.{name}" for name in errors.__all__},
    **{
        name: f"glove_registry.Vectors.{name}"
        for name, method in vars(Vectors).items()
        if isfunction(method) and name not in ("rows", "coverage")
    },
    "Explorer": "glove_registry.explorer.Explorer",
    **{
        name: f"glove_registry.{name}"
        for name in glove_registry.__all__
        if name not in ("analysis", "errors")
    },
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/, as if they were there, and those that we make."""
    for name in PAGES:
        text = (CHECKOUT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    with TemporaryDirectory() as folder:
        # An empty cache, so that the pages are the same on every machine.
        pages, cache_dir = Path(folder, "pages"), Path(folder, "cache")
        write_catalogue(Registry.default(), pages / "catalogue", cache_dir=cache_dir)
        sample = glove_registry.load("glove.6B.50d-first10k", cache_dir=cache_dir)
        sample.explore(projection="pca").save(pages / "explorer.html")
        for path in sorted(pages.rglob("*.html")):
            name = path.relative_to(pages).as_posix()
            start = "../" * name.count("/") + "index.html"
            back = f'<body>\n<nav><a href="{start}">Documentation</a></nav>'
            text = path.read_text(encoding="utf-8").replace("<body>", back, 1)
            files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Return a page as the site has it: its links, its weight in the search."""
    name = page.file.src_uri
    boosts = [boost for start, boost in BOOSTS.items() if name.startswith(start)]
    page.meta["search"] = {"boost": (boosts or [1])[0]}
    # The site has the catalogue; elsewhere, the link leads to how it is made.
    made = "[catalogue](registry.md#pages-of-all-variants)"
    markdown = markdown.replace(made, "[catalogue](catalogue/index.html)")
    if name == "reference/vectors.md":
        head, rest = re.split(r"^(?=::: )", markdown, maxsplit=1, flags=re.MULTILINE)
        markdown = f"{head}{_list_members(rest)}\n\n{rest}"
    return re.sub(rf"\]\(\.\./({'|'.join(map(re.escape, PAGES))})", r"](\1", markdown)


def _list_members(page: str) -> str:
    """Return a table of the members of `Vectors` that a page documents, by section."""
    lines = ["| name | what it is |", "|---|---|"]
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        names = re.findall(r"^::: glove_registry\.Vectors\.(\w+)", section, re.M)
        if names:
            lines.append(f"| **{title}** | |")
        for name in names:
            meaning = str(getdoc(getattr(Vectors, name))).partition("\n")[0]
            shown = "vectors[...]" if name == "__getitem__" else name
            lines.append(f"| [`{shown}`][glove_registry.Vectors.{name}] | {meaning} |")
    return "\n".join(lines)


def on_page_content(html: str, page: Page, **_: Any) -> str:
    """Return a page of the reference, in which names of public objects are links."""
    if not page.file.src_uri.startswith("reference/"):
        return html
    # Types that `_spread` left empty, and what Python gives to **options.
    html = re.sub(r"<code>\u200b</code>, |\u200b", "", html)
    html = re.sub(r"\((<code></code>|default:\s*<code>{}</code>\s*)\)", "", html)
    # What Python gives to *others is no default.
    rest = r"(<b><code>\*\w+</code></b>[^\u2013]*?),\s*default:\s*<code>\(\)</code>\s*"
    html = re.sub(rest, r"\1", html)
    # A dash that nothing follows.
    html = re.sub(r'\u2013\s*<div class="doc-md-description">\s*</div>', "", html)
    code = r"(?<=[\s(]<code>)[\w.]+(?: or [\w.]+)*(?=</code>)"
    return re.sub(code, lambda names: re.sub(r"[\w.]+", _link, names[0]), html)


def _link(name: re.Match[str]) -> str:
    target = TARGETS.get(name[0].rpartition(".")[2])
    return f'<autoref identifier="{target}">{name[0]}</autoref>' if target else name[0]


class Docstrings(griffe.Extension):
    """Docstrings in numpydoc, as what is rendered expects them."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Change all docstrings before they are parsed."""
        for found in _walk(pkg):
            if found.docstring:
                found.docstring.value = _change(found.docstring.value)


def _walk(owner: griffe.Object) -> Iterator[griffe.Object]:
    yield owner
    for member in owner.members.values():
        if isinstance(member, griffe.Object):
            yield from _walk(member)


def _change(text: str) -> str:
    # Roles and links of reStructuredText are links of Markdown.
    text = re.sub(r":\w+:`([\w.]+)`", r"[`\1`][\1]", text)
    text = re.sub(r"`([^`<]+) <(https[^>`]+)>`_", r"[\1](\2)", text)
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE)
    # Several errors of one line would be shown as a tuple.
    text = re.sub(
        r"^\w+(Error|Warning)(, \w+(Error|Warning))+$",
        lambda line: line[0].replace(", ", " or "),
        text,
        flags=re.MULTILINE,
    )
    section = r"(?<=^Parameters\n----------\n).*?(?=\n\n\w[^\n]*\n---|\Z)"
    return re.sub(section, _spread_all, text, flags=re.MULTILINE | re.DOTALL)


def _spread_all(section: re.Match[str]) -> str:
    """Return parameters one by one, each with the type that its docstring states."""
    item = r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.+))?((?:\n+ .*)*)"
    return re.sub(item, _spread, section[0], flags=re.MULTILINE)


def _spread(item: re.Match[str]) -> str:
    # Read as an expression, path-like would be a subtraction; without a type, that of
    # the signature would be shown. No expression begins with a space of no width.
    names, kind, meaning = item.groups()
    each = [f"{name} : \u200b{kind or ''}{meaning}" for name in names.split(", ")]
    return "\n".join(each)
