"""What `add` reports to people."""

from ..messages.layout import format_count
from ..registry import FORMATS
from ..registry.schemes import find_scheme
from .add import Addition
from .examine import Content
from .registry_file import is_used_by_default

# Members of an archive; scripts get all of them.
_MOST_LISTED = 20


def describe_addition(addition: Addition) -> list[str]:
    """Return sentences: what was found out, what was done and what comes next."""
    contents = zip(addition.entries, addition.examination.contents, strict=True)
    sentences = [f"{name}: {_describe_content(content)}" for name, content in contents]
    left_out = addition.examination.left_out
    for member, reason in left_out[:_MOST_LISTED]:
        sentences.append(f"left out {member!r}, which holds no vectors: {reason}")
    if more := len(left_out[_MOST_LISTED:]):
        others = format_count(more, "other member")
        sentences.append(f"left out {others} for such reasons")
    scheme = None if addition.url.startswith("./") else find_scheme(addition.url)
    if scheme is not None and not scheme.is_local:
        sentences.append(
            "sha256 and bytes are those of the file that was fetched now"
            + " (without TLS)" * (not scheme.encrypted)
            + ": compare them with what its authors publish, as nothing else confirms "
            "them"
        )
    if not addition.lines:
        return [*sentences, f"nothing is written to {addition.registry} in a dry run"]
    lines = ", ".join(map(str, addition.lines))
    plural = "s" * (len(addition.lines) > 1)
    sentences.append(f"written to {addition.registry}, line{plural} {lines}")
    if addition.kept:
        sentences.append(f"the file is kept for the first load, as {addition.kept}")
    name = next(iter(addition.entries))
    argument = ""
    if not is_used_by_default(addition.registry):
        argument = f', registry="{addition.registry}"'
    return [*sentences, f'use it by glove_registry.load("{name}"{argument})']


def _describe_content(content: Content) -> str:
    case = "cased" if content.cased else "uncased"
    have = "has" if content.upper == 1 else "have"
    upper = f"{content.upper:,} of its tokens {have} upper case"
    repeat = "repeats" if content.repeated == 1 else "repeat"
    repeated = f"{format_count(content.repeated, 'row')} {repeat} a token"
    return ", ".join(
        filter(
            None,
            [
                FORMATS[content.format].label,
                f"{format_count(content.rows, 'row')} of "
                f"{format_count(content.dimension, 'number')}",
                f"{case} ({upper})",
                repeated * bool(content.repeated),
            ],
        )
    )
