"""Which small changes of a module are mutants: comparisons, arithmetic, and/or, constants, min/max, `return None`, removed statements.

A change that no run can tell from the original is none: annotations, docstrings, texts, imports, sizes of caches and `strict=` are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt(), ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(), ast.IsNot: ast.Is(), ast.In: ast.NotIn(), ast.NotIn: ast.In(),
}  # fmt: skip
_REVERSED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult(), ast.FloorDiv: ast.Mult(), ast.Mod: ast.Mult(),
    ast.BitAnd: ast.BitOr(), ast.BitOr: ast.BitAnd(),
}  # fmt: skip
_OTHER_END = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
_CACHES = {"lru_cache", "cache", "dataclass", "TypeVar", "cast"}  # calls that change no number


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the line it is on, the text before and after, and the whole module with it."""

    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{_short(self.before)}  →  {_short(self.after)}"


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, changed in sorted(_changes(ast.parse(source)), key=lambda one: (one[0].lineno, one[0].col_offset)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        text = source.encode()
        before = text[begin:end].decode()
        after = f"({changed})" if isinstance(node, ast.expr) else changed
        yield Mutant(node.lineno, before, changed, (text[:begin] + after.encode() + text[end:]).decode())


Change = tuple["ast.expr | ast.stmt", str]  # what is replaced, and by which text


def _changes(module: ast.Module) -> Iterator[Change]:
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            yield from ((node, changed) for changed in _of_expression(node))
        elif isinstance(node, ast.stmt):
            yield from _of_statement(node)
        waiting += _inside(node)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """What may change of what stands in a node: no annotation, and nothing of an f-string, whose places Python 3.11 does not know."""
    called = node.func if isinstance(node, ast.Call) else None
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    if isinstance(node, ast.JoinedStr) or name in _CACHES:
        return
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns") and not (isinstance(node, ast.keyword) and node.arg == "strict"):
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST))


def _of_expression(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                others = [*ops[:at], _COMPARED[type(op)], *ops[at + 1 :]]
                yield ast.unparse(ast.Compare(node.left, others, node.comparators))
        case ast.BinOp(op=op) if type(op) in _REVERSED and not any(map(_is_text, (node.left, node.right))):
            yield ast.unparse(ast.BinOp(node.left, _REVERSED[type(op)], node.right))
        case ast.BoolOp(op=op):
            yield ast.unparse(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values))
            yield from (
                ast.unparse(ast.BoolOp(op, [*node.values[:at], *node.values[at + 1 :]])) if len(node.values) > 2
                else ast.unparse(node.values[1 - at]) for at in range(len(node.values))
            )  # fmt: skip
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield ast.unparse(node.operand)
        case ast.Constant(value=bool()):
            yield str(not node.value)
        case ast.Constant(value=int() | float() as value):
            yield repr(value + 1)
        case ast.Call(func=ast.Name(id=name) as called) if name in _OTHER_END:
            yield ast.unparse(ast.Call(ast.Name(_OTHER_END[called.id]), node.args, node.keywords))
        case ast.IfExp(test=test) if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield ast.unparse(ast.IfExp(ast.UnaryOp(ast.Not(), test), node.body, node.orelse))
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for at, part in enumerate(node.generators):
                if part.ifs:
                    every = ast.comprehension(part.target, part.iter, [], part.is_async)
                    parts = [*node.generators[:at], every, *node.generators[at + 1 :]]
                    yield ast.unparse(_with_generators(node, parts))


def _with_generators(node: ast.expr, parts: list[ast.comprehension]) -> ast.expr:
    made = copy.copy(node)
    setattr(made, "generators", parts)  # noqa: B010  # of each kind of comprehension
    return made


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    match node:
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield node, "return None"
        case ast.If(test=test) if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            if not (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"):
                yield test, ast.unparse(ast.UnaryOp(ast.Not(), test))
        case ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Expr(value=ast.Call()):
            yield node, "pass"
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield node, "pass"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _short(text: str, most: int = 110) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
