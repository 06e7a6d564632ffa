"""A figure of matplotlib that every notebook shows, also without its magic commands."""

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure without pyplot, which would keep it and choose a window for it."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()
