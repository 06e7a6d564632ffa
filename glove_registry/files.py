"""Files that somebody names: opened only if they are regular files.

A FIFO without a writer would be waited for without end, and a device such as
``/dev/zero`` has no end. Both are refused before anything is read of them.
"""

import errno
import os
import stat
from io import BufferedReader

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a regular file for reading.

    Raises
    ------
    OSError
        The file cannot be opened or is not a regular file; ``strerror`` says why.
    """
    # Without O_NONBLOCK, opening a FIFO waits for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:  # a null character
        raise OSError(errno.EINVAL, str(error), os.fspath(path)) from None
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind == stat.S_IFREG:
        return open(descriptor, "rb")
    os.close(descriptor)
    if kind == stat.S_IFDIR:
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    found = _KINDS.get(kind, "no file")
    raise OSError(errno.EINVAL, f"{found}, not a regular file", os.fspath(path))
