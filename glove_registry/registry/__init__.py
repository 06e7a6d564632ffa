"""What exists: registry files, strictly read into variants and benchmarks."""

from typing import TYPE_CHECKING, Any

from .names import (
    DEFAULT_TOKENIZER,
    TOKENIZERS,
    EvaluationCase,
    Tokenizer,
    UnknownRule,
    check_tokenizer,
    split_reference,
)

if TYPE_CHECKING:
    from .benchmark import Benchmark, Published, Task
    from .formats import FORMATS, FileFormat, Format
    from .resource import (
        DownloadSize,
        Member,
        Resource,
        Source,
        is_fetched_by_range,
        is_zip,
    )
    from .variant import Variant

__all__ = [
    "DEFAULT_TOKENIZER",
    "FORMATS",
    "TOKENIZERS",
    "Benchmark",
    "DownloadSize",
    "EvaluationCase",
    "FileFormat",
    "Format",
    "Member",
    "Published",
    "Resource",
    "Source",
    "Task",
    "Tokenizer",
    "UnknownRule",
    "Variant",
    "check_tokenizer",
    "is_fetched_by_range",
    "is_zip",
    "split_reference",
]


def __getattr__(name: str) -> Any:
    # Imported at first use (PEP 562): once vectors are compiled, `load` reads registry
    # files without making variants of them.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import benchmark, formats, resource, variant

    modules = (benchmark, formats, resource, variant)
    return next(getattr(module, name) for module in modules if hasattr(module, name))
