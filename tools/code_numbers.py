"""Print the shape of the code, one figure a line: modules, functions, fan-out, broad excepts, the path of an entry.

``python tools/code_numbers.py`` prints the figures, with ``--worst`` the places behind them; tests/project/test_shape.py
holds the limits.

An import counts for the module or package it names, wherever in the file it stands. A call climbs where it leads to a module
that imports the caller's, or through a ``Callable`` that was handed in: the reader must go back up to follow it. Calls are
followed by the annotations of parameters and attributes.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

WORKER = Path(__file__).resolve().parents[1] / "worker"
LONG_LINES = 60

#: The modules that carry an entry from a due feed to the stream, in the order in which they run.
HAPPY_PATH = (
    "polling.poller", "polling.due", "polling.poll", "fetch.polite_client", "store.budget", "fetch.client", "pool.pool",
    "jobs.feed", "sources.parse", "sources.xml_feed", "dedup.identity", "polling.schedule", "store.feeds",
    "ingest.consumer", "store.entries", "ingest.outcomes", "ingest.pipeline", "ingest.identity", "ingest.reading",
    "jobs.page", "jobs.article", "extract.page", "extract.parts", "extract.body", "read.wire.article",
    "ingest.revision", "read",
    "read.events.coder", "read.events.drafts", "read.events.circumstances", "contract.envelope", "store.ledger",
)  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A parsed module; ``name`` is dotted and begins below the package, "" for the package itself."""

    name: str
    path: Path
    tree: ast.Module
    lines: int
    code: Code = field(repr=False)

    @cached_property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for: a module, or a module and a name in it, with dots."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1] if self.package else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{base}.{alias.name}".lstrip(".")
        return found

    @cached_property
    def imports(self) -> set[str]:
        """The modules and packages of ours that this one imports."""
        return {self.code.home(target) for target in self.names.values()} - {self.name}

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


class Code:
    """All modules below ``worker/``."""

    def __init__(self, root: Path = WORKER) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        for path in sorted(root.rglob("*.py")):
            if path.name == "_version.py":
                continue
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix("__init__").rstrip(".")
            text = path.read_text("utf-8")
            self.modules[name] = Module(name, path, ast.parse(text), len(text.splitlines()), self)

    def home(self, target: str) -> str:
        """The module that a dotted name lies in."""
        while target and target not in self.modules:
            target = target.rpartition(".")[0]
        return target

    def functions(self) -> Iterator[tuple[str, Function, int]]:
        """Every function with its module and its length in lines, decorators apart."""
        for module in self.modules.values():
            for node in module.functions:
                yield module.name, node, (node.end_lineno or node.lineno) - node.lineno + 1

    def broad_excepts(self, *, without_reason: bool = False) -> list[str]:
        """Handlers of Exception, BaseException or anything that may keep the error, as ``file:line``; one that ends in
        ``raise`` only cleans up or translates. The reason is a comment on the handler's line.
        """
        found = []
        for module in self.modules.values():
            lines = module.path.read_text("utf-8").splitlines()
            for node in ast.walk(module.tree):
                if not isinstance(node, ast.ExceptHandler) or not _is_broad(node.type):
                    continue
                if not isinstance(node.body[-1], ast.Raise) and not (without_reason and "#" in lines[node.lineno - 1]):
                    found.append(f"{module.path.relative_to(self.root)}:{node.lineno}")
        return found

    def above(self, name: str) -> set[str]:
        """The modules from which imports lead to ``name``."""
        found: set[str] = set()
        todo = [name]
        while todo:
            target = todo.pop()
            for other in self._importers.get(target, ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for module in self.modules.values():
            for target in module.imports:
                if target != "":
                    found.setdefault(target, set()).add(module.name)
        return found


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in kinds)


class Walk:
    """Follows the calls of one method through the classes that annotations name."""

    def __init__(self, code: Code, start: str) -> None:
        self.code = code
        self.climbs: list[str] = []
        self._seen: set[tuple[str, str]] = set()
        module, _, name = start.partition(":")
        self._follow(module, name)

    def _follow(self, module: str, name: str) -> None:
        """Follow a function ("parse") or method ("Poller.poll") of a module."""
        if (module, name) in self._seen:
            return
        self._seen.add((module, name))
        function, owner = self._find(module, name)
        if function is None:
            return
        types = {a.arg: a.annotation for a in [*function.args.args, *function.args.kwonlyargs]}
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            target = self._target(module, owner, types, call.func)
            if target == "callable":
                climbed = f"{module}:{name} calls {ast.unparse(call.func)}"
                self.climbs += [climbed] if climbed not in self.climbs else []
            elif target:
                home, callee = target
                if home != module and home in self.code.above(module):
                    self.climbs.append(f"{module}:{name} calls {home}:{callee}")
                self._follow(home, callee)

    def _find(self, module: str, name: str) -> tuple[Function | None, ast.ClassDef | None]:
        owner, _, method = name.rpartition(".")
        body: list[ast.stmt] = self.code.modules[module].tree.body
        cls = None
        if owner:
            cls = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == owner), None)
            body = cls.body if cls else []
        found = next((n for n in body if isinstance(n, Function) and n.name == method), None)
        return found, cls

    def _target(
        self, module: str, owner: ast.ClassDef | None, types: dict[str, ast.expr | None], func: ast.expr
    ) -> tuple[str, str] | str | None:
        match func:
            case ast.Name(id=name) if name in types:
                return "callable" if _is_callable(types[name]) else None
            case ast.Name(id=name):
                return self._named(module, name)
            case ast.Attribute(value=ast.Name(id="self"), attr=method) if owner is not None:
                if any(isinstance(n, Function) and n.name == method for n in owner.body):
                    return module, f"{owner.name}.{method}"
                return "callable" if _is_callable(_attribute(owner, method)) else None
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=held), attr=method) if owner:
                return self._method(module, _attribute(owner, held), method)
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name in types:
                return self._method(module, types[name], method)
            case ast.Attribute(value=ast.Name(id=name), attr=method):
                target = self.code.modules[module].names.get(name)
                return (target, method) if target in self.code.modules else None
        return None

    def _named(self, module: str, name: str) -> tuple[str, str] | None:
        """A name of this module or one that it imports, through the packages that hand it on."""
        while target := self.code.modules[module].names.get(name):
            home = self.code.home(target)
            rest = target[len(home) :].lstrip(".")
            if not rest or home == module:
                return None
            module, name = home, rest
        return module, name

    def _method(self, module: str, annotation: ast.expr | None, method: str) -> tuple[str, str] | None:
        """The method of the first class that an annotation names ("Hubs | None")."""
        for name in re.findall(r"\w+", ast.unparse(annotation)) if annotation is not None else ():
            found = self._named(module, name)
            if found and name[:1].isupper() and self._find(found[0], f"{found[1]}.{method}")[0]:
                return found[0], f"{found[1]}.{method}"
        return None


def _attribute(owner: ast.ClassDef, name: str) -> ast.expr | None:
    """The annotation of an attribute: its own, its parameter's in ``__init__``, or the class it is made from."""
    for node in ast.walk(owner):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in (name, f"self.{name}"):
            return node.annotation
    init = next((n for n in owner.body if isinstance(n, Function) and n.name == "__init__"), None)
    parameters = {a.arg: a.annotation for a in [*init.args.args, *init.args.kwonlyargs]} if init else {}
    for node in ast.walk(owner):
        if isinstance(node, ast.Assign) and f"self.{name}" in map(ast.unparse, node.targets):
            value = node.value.values[0] if isinstance(node.value, ast.BoolOp) else node.value
            if isinstance(value, ast.Name) and value.id in parameters:
                return parameters[value.id]
            return value.func if isinstance(value, ast.Call) else None
    return None


def _is_callable(annotation: ast.expr | None) -> bool:
    return annotation is not None and "Callable" in ast.unparse(annotation)


def numbers(code: Code) -> dict[str, float]:
    """Return the figures by name."""
    lines = sorted(m.lines for m in code.modules.values() if m.lines > 3)
    lengths = sorted(length for _, _, length in code.functions())
    fan_out = Counter({name: len(m.imports) for name, m in code.modules.items()})
    folders = Counter(m.path.parent for m in code.modules.values() if m.path.name != "__init__.py")
    ingest = [length for name, node, length in code.functions() if (name, node.name) == ("ingest.pipeline", "ingest")]
    return {
        "modules": len(code.modules),
        "lines": sum(m.lines for m in code.modules.values()),
        "median module, lines": statistics.median(lines),
        "largest module, lines": lines[-1],
        "modules at the root": folders.pop(code.root),
        "modules in the fullest folder": max(folders.values()),
        "functions": len(lengths),
        "function median, lines": statistics.median(lengths),
        "function p90, lines": lengths[len(lengths) * 9 // 10],
        "longest function, lines": lengths[-1],
        f"functions over {LONG_LINES} lines": sum(length > LONG_LINES for length in lengths),
        "broad excepts": len(code.broad_excepts()),
        "largest fan-out, app apart": max(n for name, n in fan_out.items() if name != "app"),
        "packages that app builds from": len({name.partition(".")[0] for name in code.modules["app"].imports}),
        "modules with a fan-out over 15": sum(n > 15 for n in fan_out.values()),
        "files on the happy path": sum(name in code.modules for name in HAPPY_PATH),
        "Pipeline.ingest, lines": max(ingest),
        "climbs of a poll": len(Walk(code, "polling.poller:Poller.poll").climbs),
        "climbs of an entry": len(Walk(code, "ingest.pipeline:Pipeline.ingest").climbs),
    }


def worst(code: Code) -> Iterator[str]:
    """Yield the places behind the figures, one a line."""
    for name, module in sorted(code.modules.items(), key=lambda pair: -len(pair[1].imports)):
        if len(module.imports) > 13:
            yield f"fan-out {len(module.imports)}: {name or '__init__'}"
    for name, node, length in sorted(code.functions(), key=lambda found: -found[2]):
        if length > LONG_LINES:
            yield f"{length} lines: {name}:{node.name}"
    yield from (f"broad except: {place}" for place in code.broad_excepts())
    for start in ("polling.poller:Poller.poll", "ingest.pipeline:Pipeline.ingest"):
        yield from (f"climb: {climb}" for climb in Walk(code, start).climbs)


def main() -> None:
    parser = argparse.ArgumentParser(description="The shape of the code in figures.")
    parser.add_argument("--worst", action="store_true", help="the places behind the figures too")
    code = Code()
    for name, value in numbers(code).items():
        print(f"{name:36} {value:g}")
    if parser.parse_args().worst:
        print(*worst(code), sep="\n")


if __name__ == "__main__":
    main()
