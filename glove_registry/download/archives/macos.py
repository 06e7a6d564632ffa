"""Files that macOS adds to archives beside the user's, and does not show."""


def is_macos_metadata(name: str) -> bool:
    """Return whether the name of a member is that of such a file."""
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or base.startswith("._") or base == ".DS_Store"
