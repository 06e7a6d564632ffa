"""The form is defined once: reading, JSON Schema and documentation say the same."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from glove_registry.cli import main
from glove_registry.errors import RegistryError
from glove_registry.registry.fields import make_json_schema
from glove_registry.registry.reader import read_registry

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script that writes the reference."""
    path = CHECKOUT / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_definition_gives(reference: ModuleType) -> None:
    """Schema and table in docs are up to date: `python docs/make_reference.py`."""
    assert reference.SCHEMA.read_text(encoding="utf-8") == reference.make_schema()
    page = reference.PAGE.read_text(encoding="utf-8")
    assert page == reference.make_page(page)


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """`glove-registry schema` prints the file that docs has."""
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == (CHECKOUT / "docs" / "registry.schema.json").read_text()


@cache
def make_validator() -> Any:
    """Make an independent validator, which finds the schema well-formed."""
    schema = make_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def judge(content: Any) -> bool:
    """Ask an independent validator whether the schema takes a file."""
    return bool(make_validator().is_valid(content))


def test_the_schema_takes_the_built_in_registry() -> None:
    """An independent validator finds no fault with registry.yaml."""
    assert judge(yaml.safe_load((CHECKOUT / "registry.yaml").read_text()))


PUBLISHED = {
    "source": "A paper",
    "url": "https://example.org/paper",
    "protocol": "p",
    "scores": {"a": {"total": 0.5, "low": -1, "gram1": 12}},
}
GOOD = {"url": "https://example.org/a.txt", "sha256": "1" * 63 + "a"}
FILES: dict[str, Any] = {
    "smallest": {"variants": {"a": GOOD}},
    "member by name": {"variants": {"a": {**GOOD, "member": "a.txt"}}},
    "member": {"variants": {"a": {**GOOD, "member": {"name": "b", "bytes": 3}}}},
    "group": {"groups": {"g": GOOD}, "variants": {"a": {"group": "g"}}},
    "revisions": {"variants": {"a": {"revisions": {"x": GOOD, "y": GOOD}}}},
    "sources": {"variants": {"a": {"sources": [GOOD, GOOD]}}},
    "benchmarks alone": {"benchmarks": {"b": {**GOOD, "task": "similarity"}}},
    "analogies": {
        "benchmarks": {
            "b": {
                **GOOD,
                "task": "analogies",
                "totals": {"all": ["*"]},
                "published": [PUBLISHED],
            }
        }
    },
    "similarity": {
        "benchmarks": {
            "b": {
                "sources": [GOOD],
                "task": "similarity",
                "columns": [2, 3, 9],
                "header": 1,
                "case": "lower",
                "oov": "zeros",
                "member": "b.csv",
                "override": True,
            }
        }
    },
    "association": {
        "benchmarks": {
            "b": {**GOOD, "task": "association", "tests": {"1": ["a", "b", "c", "d"]}}
        }
    },
    "all facts": {
        "variants": {
            "a": {
                **GOOD,
                "bytes": 1,
                "rows": 2,
                "dimension": 3,
                "cased": True,
                "format": "word2vec",
                "prefix": "/c/en/",
                "tokenizer": "words",
                "license": "MIT",
                "citation": "c",
                "homepage": "https://h",
                "corpus": "c",
                "tokens": "1B",
                "language": "zh-cmn-Hant-TW-x-1",
                "attested": 2,
                "description": "d",
                "choose_when": "w",
                "override": True,
            }
        }
    },
    "no variants": {},
    "no tag of a language": {"variants": {"a": {**GOOD, "language": "de_AT"}}},
    "attested by none": {"variants": {"a": {**GOOD, "attested": 0}}},
    "attested what": {"variants": {"a": {"url": GOOD["url"], "attested": 1}}},
    "attested member without sha256": {
        "variants": {"a": {**GOOD, "member": {"name": "b", "attested": 1}}}
    },
    "empty variants": {"variants": {}},
    "a list": {"variants": [GOOD]},
    "unknown part": {"variants": {"a": GOOD}, "other": {}},
    "unknown field": {"variants": {"a": {**GOOD, "md5": "x"}}},
    "no place": {"variants": {"a": {"rows": 5}}},
    "two places": {"variants": {"a": {**GOOD, "sources": [GOOD]}}},
    "empty sources": {"variants": {"a": {"sources": []}}},
    "source without url": {"variants": {"a": {"sources": [{"bytes": 5}]}}},
    "short sha256": {"variants": {"a": {**GOOD, "sha256": "1a"}}},
    "empty file's sha256": {
        "variants": {
            "a": {
                **GOOD,
                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
                "7852b855",
            }
        }
    },
    "bad scheme": {"variants": {"a": {**GOOD, "url": "gopher://a/b"}}},
    "blank in url": {"variants": {"a": {**GOOD, "url": "https://a/b c"}}},
    "no rows": {"variants": {"a": {**GOOD, "rows": 0}}},
    "half a row": {"variants": {"a": {**GOOD, "rows": 1.5}}},
    "text for a flag": {"variants": {"a": {**GOOD, "cased": "maybe"}}},
    "unknown format": {"variants": {"a": {**GOOD, "format": "no-such-format"}}},
    "unknown tokenizer": {"variants": {"a": {**GOOD, "tokenizer": "Ptb"}}},
    "empty text": {"variants": {"a": {**GOOD, "license": " "}}},
    "blank in an alias": {"variants": {"a": {**GOOD, "aliases": ["bad name"]}}},
    "escape in an alias": {"variants": {"a": {**GOOD, "aliases": ["bad\x1b"]}}},
    "alias twice": {"variants": {"a": {**GOOD, "aliases": ["x", "x"]}}},
    "script as homepage": {"variants": {"a": {**GOOD, "homepage": "javascript:a"}}},
    "word as homepage": {"variants": {"a": {**GOOD, "homepage": "foo"}}},
    "homepage without host": {"variants": {"a": {**GOOD, "homepage": "https:///a"}}},
    "blank in a homepage": {"variants": {"a": {**GOOD, "homepage": "https://a b"}}},
    "bad name": {"variants": {"a/b": GOOD}},
    "dots": {"variants": {"a..b": GOOD}},
    "member in a group": {
        "groups": {"g": {**GOOD, "member": "m"}},
        "variants": {"a": GOOD},
    },
    "override in a group": {
        "groups": {"g": {**GOOD, "override": True}},
        "variants": {"a": GOOD},
    },
    "unknown member field": {"variants": {"a": {**GOOD, "member": {"md5": "x"}}}},
    "benchmark without task": {"benchmarks": {"b": GOOD}},
    "benchmark without place": {"benchmarks": {"b": {"task": "analogies"}}},
    "unknown task": {"benchmarks": {"b": {**GOOD, "task": "novel"}}},
    "two columns": {
        "benchmarks": {"b": {**GOOD, "task": "similarity", "columns": [1, 2]}}
    },
    "three sets": {
        "benchmarks": {
            "b": {**GOOD, "task": "association", "tests": {"1": ["a", "b", "c"]}}
        }
    },
    "published without scores": {
        "benchmarks": {
            "b": {**GOOD, "task": "analogies", "published": [{"source": "p"}]}
        }
    },
    "score a text": {
        "benchmarks": {
            "b": {
                **GOOD,
                "task": "analogies",
                "published": [{**PUBLISHED, "scores": {"a": {"total": "high"}}}],
            }
        }
    },
    "no revision": {"variants": {"a": {"revisions": {}}}},
}


@pytest.mark.parametrize("case", FILES)
def test_schema_and_reader_agree(case: str) -> None:
    """The JSON Schema takes a file if, and only if, it is read without a fault."""
    content = FILES[case]
    try:
        read_registry(json.dumps(content), None)
        is_good = True
    except RegistryError:
        is_good = False
    assert judge(content) is is_good
    assert is_good is (list(FILES).index(case) <= list(FILES).index("all facts"))
