"""Files that macOS puts into archives beside others, and shows to nobody."""


def is_shadow(name: str) -> bool:
    """Say whether the name of a member is that of such a file."""
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or base.startswith("._") or base == ".DS_Store"
