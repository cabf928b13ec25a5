"""What a row-wise metric is: arithmetic over its parameters, written once and evaluated on numbers, columns and SQL.

A metric's parameters are its dependencies: stored inputs or metrics defined before it. It holds arithmetic only (a branch
is refused when the module is imported) and its guards are declared, so that a missing input or a failed guard gives None
for numbers, NaN for columns and NULL in SQL alike.
"""

from __future__ import annotations

import dis
import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from treasury.errors import MnavError

_NUMBERS = frozenset({float, int, type(None)})


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `unit`: "x" a ratio, "%", "USD", "BTC", "sats" or "shares". `positive` names parameters that must be above 0.

    `group` and `each` are those of the column it is (`treasury.metrics.column`).
    """

    name: str
    unit: str
    positive: tuple[str, ...]
    parameters: tuple[str, ...]
    function: Callable[..., Any] = field(repr=False)
    meaning: str
    label: str
    group: str = ""
    each: bool = False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Numbers give a number or None; Series give a Series with NaN; symbols give a symbol."""
        whole = not named and len(arguments) == len(self.parameters)
        ordered = arguments if whole else self._ordered(dict(zip(self.parameters, arguments, strict=False), **named))
        if _NUMBERS.issuperset(map(type, ordered)):
            return self._on_numbers(ordered)
        if any(isinstance(value, Symbol) for value in ordered):
            return self._on_symbols(ordered)
        import numpy as np
        import pandas as pd

        if any(isinstance(value, pd.Series | np.ndarray) for value in ordered):
            return self._on_columns(ordered)
        return self._on_numbers(ordered)

    def _ordered(self, values: Mapping[str, Any]) -> list[Any]:
        if set(values) != set(self.parameters):
            raise TypeError(f"{self.name} takes {', '.join(self.parameters)}, not {', '.join(values)}")
        return [values[name] for name in self.parameters]

    def _guarded(self, ordered: Sequence[Any]) -> list[Any]:
        return [value for name, value in zip(self.parameters, ordered, strict=True) if name in self.positive]

    def _on_numbers(self, ordered: Sequence[Any]) -> float | None:
        for name, value in zip(self.parameters, ordered, strict=True):
            if value is None or math.isnan(value) or (value <= 0 and name in self.positive):
                return None
        return float(self.function(*ordered))

    def _on_columns(self, ordered: Sequence[Any]) -> Any:
        import numpy as np
        import pandas as pd

        columns = [pd.Series(value) if isinstance(value, np.ndarray) else value for value in ordered]
        result = self.function(*columns)
        for guard in self._guarded(columns):
            result = result.where(guard > 0)
        return result

    def _on_symbols(self, ordered: Sequence[Any]) -> Symbol:
        result: Symbol = self.function(*ordered)
        conditions = " AND ".join(f"{value.inside(_COMPARISON)} > 0" for value in self._guarded(ordered))
        return Symbol(f"CASE WHEN {conditions} THEN {result.text} END", _ATOM) if conditions else result


METRICS: dict[str, Metric] = {}


def metric(
    *,
    unit: str,
    positive: tuple[str, ...] = (),
    label: str = "",
    group: str = "",
    each: bool = False,
    among: dict[str, Metric] | None = None,
) -> Callable[[Callable[..., Any]], Metric]:
    """Register a function as a metric, and so as a column of mnav_daily and whatever is made of it.

    `label` is its name in charts and tables, `group` where the report shows it (default by its unit), `each` whether it is an
    amount of one share or bitcoin. `among` keeps it in a dictionary of its own instead, out of the view: for publishers' formulas.
    Raises TypeError at import where it is more than guarded arithmetic.
    """

    def register(function: Callable[..., Any]) -> Metric:
        parameters = tuple(inspect.signature(function).parameters)
        jumps = [
            step.opname for step in dis.get_instructions(function) if "JUMP" in step.opname or "FOR_" in step.opname
        ]
        if jumps:
            raise TypeError(
                f"metric {function.__name__} branches; a metric is arithmetic only, its guards are declared"
            )
        traced = [Symbol(name, _ATOM) for name in parameters]
        Symbol.denominators.clear()
        function(*traced)
        unguarded = Symbol.denominators - set(positive)
        if unguarded or not set(positive) <= set(parameters):
            raise TypeError(
                f"metric {function.__name__} must declare positive=… for what it divides by: {sorted(unguarded)}"
            )
        if not function.__doc__ and sys.flags.optimize > 1:
            raise MnavError(
                "Python runs without docstrings (-OO, PYTHONOPTIMIZE=2), and metrics say in theirs what they mean; set PYTHONOPTIMIZE to 1"
            )
        if not function.__doc__:
            raise TypeError(f"metric {function.__name__} needs a docstring: it is its label and its line in the README")
        name, meaning = function.__name__, inspect.cleandoc(function.__doc__).split("\n\n")[0].replace("\n", " ")
        said = label or name.replace("_", " ")
        result = Metric(name, unit, positive, parameters, function, meaning, said, group, each)
        (METRICS if among is None else among)[result.name] = result
        return result

    return register


# -- symbols: the same arithmetic as text --------------------------------------------------------------------------

_COMPARISON, _SUM, _PRODUCT, _ATOM = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Symbol:
    """An expression as text, with just the brackets it needs. Comparing or branching on it is a TypeError."""

    text: str
    strength: int = _ATOM
    denominators: ClassVar[set[str]] = set()  # what the function under registration divides by

    def inside(self, strength: int) -> str:
        return self.text if self.strength >= strength else f"({self.text})"

    def _join(self, sign: str, other: Any, strength: int, swapped: bool = False) -> Symbol:
        right = other if isinstance(other, Symbol) else Symbol(repr(float(other)))
        left, right = (right, self) if swapped else (self, right)
        tail = strength + 1 if sign in "-/" else strength
        return Symbol(f"{left.inside(strength)} {sign} {right.inside(tail)}", strength)

    def __add__(self, other: Any) -> Symbol:
        return self._join("+", other, _SUM)

    def __radd__(self, other: Any) -> Symbol:
        return self._join("+", other, _SUM, swapped=True)

    def __sub__(self, other: Any) -> Symbol:
        return self._join("-", other, _SUM)

    def __rsub__(self, other: Any) -> Symbol:
        return self._join("-", other, _SUM, swapped=True)

    def __mul__(self, other: Any) -> Symbol:
        return self._join("*", other, _PRODUCT)

    def __rmul__(self, other: Any) -> Symbol:
        return self._join("*", other, _PRODUCT, swapped=True)

    def __truediv__(self, other: Any) -> Symbol:
        if isinstance(other, Symbol):
            Symbol.denominators.add(other.text)
        return self._join("/", other, _PRODUCT)

    def __rtruediv__(self, other: Any) -> Symbol:
        Symbol.denominators.add(self.text)
        return self._join("/", other, _PRODUCT, swapped=True)

    def _refuse(self, *_: object) -> bool:
        raise TypeError("a metric may not compare or branch on its inputs")

    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse


# -- evaluating all of them ----------------------------------------------------------------------------------------


def evaluate(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs and every metric over them, in the order of definition; numbers or columns."""
    values: dict[str, Any] = dict(inputs)
    for one in METRICS.values():
        values[one.name] = one(*(values[name] for name in one.parameters))
    return values


def as_sql(columns: Mapping[str, str]) -> dict[str, str]:
    """Every metric as an SQL expression over the given columns (input name to SQL)."""
    symbols = {name: Symbol(expression) for name, expression in columns.items()}
    for one in METRICS.values():
        symbols[one.name] = one(*(symbols[name] for name in one.parameters))
    return {name: symbol.text for name, symbol in symbols.items()}


def formula(one: Metric, names: Mapping[str, str] | None = None) -> str:
    """The metric's arithmetic as text over its parameters' names, or over whatever `names` puts in their place."""
    shown = names or {}
    result: Symbol = one.function(*(Symbol(shown.get(name, name)) for name in one.parameters))
    return result.text
