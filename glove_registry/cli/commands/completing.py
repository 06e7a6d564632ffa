"""The command that lets a shell complete commands, and what completes them."""

import argparse
from typing import Any

from ..arguments import as_path
from ..output import show
from ..parser import add_command


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    completion = add_command(commands, "completion", run_completion)
    completion.add_argument(
        "shell",
        choices=("bash", "zsh", "fish"),
        help="the shell that reads the script; docs/command-line.md says where",
    )


def run_completion(options: argparse.Namespace) -> None:
    """Print a script by which a shell completes commands, options and names."""
    from argcomplete.shell_integration import shellcode

    show(shellcode(["glove-registry"], shell=options.shell).strip())


def complete(parser: argparse.ArgumentParser) -> None:
    """Print what completes a command line, as that script asks, and end the process."""
    import argcomplete

    # For arguments that are no files, a shell would offer those of the folder.
    files: Any = _list_files
    argcomplete.autocomplete(
        parser, always_complete_options=False, default_completer=files
    )


def _list_files(prefix: str, action: argparse.Action, **how: Any) -> Any:
    from argcomplete.completers import FilesCompleter

    if action.type is as_path or "FILE" in (action.metavar or ""):
        return FilesCompleter()(prefix, action=action, **how)
    return ()
