"""The bridge: from our basic multiple to a publisher's definition, one line per term, on to the number it printed.

The terms follow one another, so they sum to the whole whatever their order, which is the order printed; and the whole is
the definition's own value, from the table. Definitions: docs/metrics.md 1.2, 4, 5.
"""

from __future__ import annotations

from dataclasses import dataclass

from treasury.publishers.definition import Definition, Subject, value_on
from treasury.publishers.walk import START, bare, steps


@dataclass(frozen=True, slots=True)
class Term:
    """One step: what it changes the multiple by, the multiple after it, and what it is. `input` as in a step of a walk."""

    term: str
    delta: float
    multiple: float
    note: str = ""
    input: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """`start` is our basic multiple, `total` the publisher's multiple; start + terms = total where both are known.

    `total` is None where the definition has none, and `reason` says why, `missing` which inputs it lacks. Where only our basic
    multiple is unknown there is a total without terms. `value` is what the publisher shows: the total, or the premium it makes.
    """

    definition: Definition
    start: float | None
    terms: tuple[Term, ...]
    total: float | None
    value: float | None
    missing: tuple[str, ...] = ()
    reason: str = ""


def bridge(definition: Definition, subject: Subject) -> Bridge:
    """Walk from our basic multiple to a definition. Raises ValueError for one that is no multiple."""
    if not definition.walkable:
        raise ValueError(f"{definition.id} is no multiple of bitcoin: there is no bridge to it")
    answer, multiple = definition.on(subject), definition.multiple
    start = subject.values()[START]
    if multiple is None or definition.silence_on(subject.company.ticker, subject.day):
        return Bridge(definition, start, (), None, None, reason=answer.reason)
    taken = multiple.taken(subject)
    if answer.value is None:
        lacking = tuple(name for name in taken if name in multiple.needs and taken[name] is None)
        return Bridge(definition, None, (), None, None, lacking, answer.reason)
    if start is None:
        ours = multiple.needs | {"price", "fx", "btc", "btc_price", "shares_basic"}
        lacking = tuple(name for name in taken if name in ours and subject.inputs.get(name) is None)
        return Bridge(definition, None, (), value_on(taken, multiple.metric), answer.value, lacking)
    terms = _terms(definition, subject, start)
    return Bridge(definition, start, terms, terms[-1].multiple if terms else start, answer.value)


def _terms(definition: Definition, subject: Subject, start: float) -> tuple[Term, ...]:
    """The steps with what each adds; where a multiple is none half way (the claims come before the cash), steps go together."""
    assert definition.multiple is not None
    inputs = bare({**dict.fromkeys(definition.multiple.needs), **subject.inputs})
    multiple, waiting, terms = start, [], []
    for step in steps(definition.multiple, subject):
        for name, move in step.moves.items():
            inputs[name] = (inputs[name] or 0.0) + move
        value = value_on(inputs, definition.multiple.metric)
        if step.term:
            waiting.append(step)
        if value is None or not waiting:
            continue
        term, note = ", ".join(one.term for one in waiting), "; ".join(one.note for one in waiting if one.note)
        terms.append(Term(term, value - multiple, value, note, waiting[-1].input))
        multiple, waiting = value, []
    return tuple(terms)
