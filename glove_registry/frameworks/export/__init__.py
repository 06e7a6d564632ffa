"""From rows to files for others: gensim, numpy, pandas, torch, TensorBoard's projector.

Takes `Rows`; what a format needs is imported when a file of it is written.
"""

from .write import FORMATS, check_target, export

__all__ = ["FORMATS", "check_target", "export"]
