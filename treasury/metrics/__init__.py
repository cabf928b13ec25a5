"""Metrics: arithmetic over inputs, written once; those over time; and how each is explained.

`from treasury.metrics import mnav_ev` gives a row-wise metric by its name.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """A row-wise metric, imported when asked for: the rooms beside it need not load them all."""
    import treasury.metrics.row_wise as row_wise

    if name.startswith("_") or not hasattr(row_wise, name):
        raise AttributeError(f"module 'treasury.metrics' has no attribute {name!r}")
    return getattr(row_wise, name)
