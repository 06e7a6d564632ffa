"""The command that adds entries to a registry."""

import argparse
import sys
from typing import Any

from ..arguments import AS_JSON, as_path, as_place
from ..output import show, show_json, tell
from ..parser import add_command


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    add = add_command(commands, "add", run_add, AS_JSON)
    add.add_argument(
        "source",
        metavar="URL-or-FILE",
        type=as_place,
        help="the file of vectors; archives are unpacked",
    )
    add.add_argument(
        "--name",
        required=True,
        help="name of the variant; if it contains {dimension} or {member}, each member "
        "of an archive gets an entry",
    )
    add.add_argument(
        "--to",
        metavar="FILE",
        type=as_path,
        help="the registry file (default: the one in GLOVE_REGISTRY_PATH, or "
        "registry.yaml in this folder)",
    )
    add.add_argument(
        "--member", metavar="NAME", help="which member of an archive that has several"
    )
    add.add_argument(
        "--prefix",
        help="what tokens begin with and words do not, such as /c/en/; rows without it "
        "are left out",
    )
    add.add_argument(
        "--credentials",
        choices=["environment"],
        help="send your credentials, as the entry will: those of a netrc file, "
        "HF_TOKEN, or of your cloud provider's tools",
    )
    add.add_argument(
        "--override",
        action="store_true",
        help="replace the built-in variant of that name",
    )
    add.add_argument(
        "--dry-run", action="store_true", help="show the entry without writing it"
    )


def run_add(options: argparse.Namespace) -> None:
    """Add an entry for a file of vectors to your own registry."""
    from ...authoring import add, describe_addition, write_registry

    addition = add(
        options.source,
        options.name,
        to=options.to,
        member=options.member,
        prefix=options.prefix,
        credentials=options.credentials,
        override=options.override,
        dry_run=options.dry_run,
    )
    if options.json:
        show_json(addition.to_dict())
        return
    # Standard output is a complete registry file.
    show(write_registry(addition.entries).removesuffix("\n"))
    sys.stdout.flush()
    for sentence in describe_addition(addition):
        tell(sentence)
