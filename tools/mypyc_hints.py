"""Rewrite a module's source for mypyc, which compiles two things badly that are good Python; no line moves.

A module constant without ``Final`` is looked up in the module's dictionary at each use: it gets ``Final``. The ``__init__``
that ``dataclass`` makes is interpreted Python, which sets one attribute after the other through descriptors: a dataclass gets
a written one, on the line of its docstring. The wheel keeps the sources as they are, so a trace names the right line.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

#: Line from 1, first and last byte in it, what stands there instead.
Edit = tuple[int, int, int, bytes]

_FUTURE = "from __future__ import annotations"
_VALUES = (
    ast.Call, ast.Constant, ast.Dict, ast.DictComp, ast.JoinedStr, ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Tuple,
    ast.UnaryOp,
)  # fmt: skip
_TYPES = {"NamedTuple", "NewType", "ParamSpec", "TypeVar", "namedtuple"}


def add_hints(source: str) -> str:
    """Return the module with both changes, of as many lines; one without annotations as text is left as it is."""
    if _FUTURE not in source:
        return source
    tree = ast.parse(source)
    lines = [line.encode() for line in source.split("\n")]
    constants = list(_constants(tree, lines))
    edits = [*constants, *_inits(tree, lines)]
    for line, first, last, text in sorted(edits, reverse=True):
        lines[line - 1] = lines[line - 1][:first] + text + lines[line - 1][last:]
    changed = b"\n".join(lines).decode()
    return changed.replace(_FUTURE, f"{_FUTURE}; from typing import Final as _Final", 1) if constants else changed


def _constants(tree: ast.Module, lines: list[bytes]) -> Iterator[Edit]:
    """Yield the edits that make names final which the module sets once, to a value and not to a type."""
    bound = _bindings(tree)
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            target = node.targets[0]
            if bound[target.id] == 1 and not target.id.startswith("__") and _is_value(node.value):
                at = target.end_col_offset or 0
                yield target.lineno, at, at, b": _Final"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            kind = node.annotation
            written = lines[kind.lineno - 1][kind.col_offset : kind.end_col_offset]
            if bound[node.target.id] == 1 and kind.lineno == kind.end_lineno and b"Final" not in written:
                yield kind.lineno, kind.col_offset, kind.end_col_offset or 0, b"_Final[" + written + b"]"


def _bindings(tree: ast.Module) -> Counter[str]:
    """Return how often the module sets each name; one that a function sets counts twice."""
    bound: Counter[str] = Counter()
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = (part for part in ast.walk(node) if isinstance(part, ast.Name))
            bound.update(name.id for name in names if not isinstance(name.ctx, ast.Load))
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            bound.update([*node.names, *node.names])
    return bound


def _is_value(node: ast.expr) -> bool:
    """Whether an expression is surely no type: ``frozenset(...) | OTHERS`` is a value, ``Rule | None`` may be a type."""
    if isinstance(node, ast.BinOp):
        return _is_value(node.left) or _is_value(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TYPES:
        return False
    if isinstance(node, ast.Constant):
        return node.value is not None
    return isinstance(node, _VALUES)


def _inits(tree: ast.Module, lines: list[bytes]) -> Iterator[Edit]:
    """Yield the edits that give dataclasses an ``__init__``; one without a docstring, or with methods that the decorator would
    call, keeps its own."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or node.bases or len(node.decorator_list) != 1:
            continue
        decorator, doc = node.decorator_list[0], node.body[0]
        if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "dataclass"):
            continue
        methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        is_documented = isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant)
        if methods & {"__init__", "__post_init__"} or not is_documented or decorator.lineno != decorator.end_lineno:
            continue
        given = {word.arg: ast.unparse(word.value) for word in decorator.keywords}
        if given.pop("frozen", "False") == "True":  # mypyc needs no guard: the sources are checked as they are
            given["unsafe_hash"] = "True"
        words = "".join(f", {name}={value}" for name, value in given.items())
        yield (
            decorator.lineno,
            decorator.col_offset,
            decorator.end_col_offset or 0,
            f"dataclass(init=False{words})".encode(),
        )
        last = doc.end_lineno or doc.lineno
        for line in range(doc.lineno + 1, last + 1):
            yield line, 0, len(lines[line - 1]), b""
        until = doc.end_col_offset or 0 if last == doc.lineno else len(lines[doc.lineno - 1])
        yield doc.lineno, doc.col_offset, until, _init(node).encode()


def _init(node: ast.ClassDef) -> str:
    """Return the ``__init__`` that the decorator would make of the fields, in one line."""
    given, sets = [], []
    for part in node.body:
        if not isinstance(part, ast.AnnAssign) or not isinstance(part.target, ast.Name):
            continue
        name, kind, value = part.target.id, ast.unparse(part.annotation), part.value
        default = "" if value is None else f" = {ast.unparse(value)}"
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
            options = {word.arg: ast.unparse(word.value) for word in value.keywords}
            default = f" = {options['default']}" if "default" in options else ""
            if make := options.get("default_factory"):
                given.append(f"{name}: ({kind}) | None = None")
                sets.append(f"self.{name} = {make}() if {name} is None else {name}")
                continue
        given.append(f"{name}: {kind}{default}")
        sets.append(f"self.{name} = {name}")
    return f"def __init__(self, {', '.join(given)}) -> None: {'; '.join(sets)}"
