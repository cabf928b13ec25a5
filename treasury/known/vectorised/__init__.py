"""The rules of `treasury.known.resolve` for all companies at once: from facts to states, one per change of what was known.

Everything is an array over facts or states; days are int64 days since 1970. A test holds the result equal to
`resolve` on random and on real facts. The one idea: a fact takes effect on the first close at which it was known and
its day had come; sorted by that day, the winner of a series is a running maximum of its rank.
"""

from treasury.known.vectorised.columns import MONEY, NEVER, Claims, FactColumns, Floats, Ints, States
from treasury.known.vectorised.resolve import states

__all__ = ["MONEY", "NEVER", "Claims", "FactColumns", "Floats", "Ints", "States", "states"]
