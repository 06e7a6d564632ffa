"""Sizes of files as people read them."""


def format_bytes(count: int) -> str:
    """Return a size in decimal units, as download pages do.

    Examples
    --------
    >>> format_bytes(862_182_613)
    '862 MB'
    >>> format_bytes(1_520_408_563)
    '1.5 GB'
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.1f} {unit}" if size < 10 and unit != "B" else f"{size:.0f} {unit}"
