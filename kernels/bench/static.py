"""Look for known cheats in a kernel's text, without running it.

A look at names cannot prove innocence. It is strict instead: a kernel is one file that imports
torch and Triton, computes, and touches nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .rules import (
    ATTRIBUTE_ONLY,
    BARE_ONLY,
    HARMLESS_DUNDERS,
    IMPORTS,
    KEPT,
    MODULES,
    NAMES,
    RULES,
)

_MUTATORS = frozenset("append add update setdefault insert extend pop __setitem__ clear".split())
_KEEPERS = frozenset({"cache", "lru_cache", "cached_property"})
_PLAIN = (ast.Import, ast.ImportFrom, ast.Pass)


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule."""

    rule: str
    line: int
    text: str  # of the line

    def __str__(self) -> str:
        return f"{RULES[self.rule]} ({self.rule}, line {self.line}: {self.text})"


def look(text: str) -> list[Finding]:
    """Return what a file does that no kernel needs, by line; raise SyntaxError where it is none."""
    tree = ast.parse(text)
    lines = text.splitlines()
    found = {(rule, line) for rule, line in _all(tree)}
    return [
        Finding(rule, line, lines[line - 1].strip()[:100] if line <= len(lines) else "")
        for rule, line in sorted(found, key=lambda each: (each[1], each[0]))
    ]


def _all(tree: ast.Module) -> Iterator[tuple[str, int]]:
    yield from _kept_state(tree)
    tolerated = {id(node) for node in tree.body if _is_optional_import(node)}
    tolerated |= {id(node) for each in ast.walk(tree) for node in _alignment(each)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            yield from _import_from(node)
        elif isinstance(node, ast.Try | ast.TryStar) and node.handlers:
            if id(node) not in tolerated:
                yield "fallback", node.lineno
        elif isinstance(node, ast.Attribute):
            if id(node) not in tolerated:
                yield from _attribute(node)
        elif isinstance(node, ast.Name) and node.id not in ATTRIBUTE_ONLY:
            if node.id in NAMES:
                yield NAMES[node.id], node.lineno
            elif _is_dunder(node.id):
                yield "frames", node.lineno
        elif isinstance(node, ast.ClassDef):
            yield from _class(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if NAMES.get(node.value) in ("environment", "patch", "frames"):
                yield NAMES[node.value], node.lineno
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield "thread", node.lineno


def _import(module: str, line: int) -> Iterator[tuple[str, int]]:
    parts = module.split(".")
    above = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    if module == "livedraft.kernels.templates" or "livedraft.kernels.templates" in above:
        return
    for name in above:
        if name in MODULES:
            yield MODULES[name], line
            return
    if not IMPORTS & set(above):
        yield "import", line


def _import_from(node: ast.ImportFrom) -> Iterator[tuple[str, int]]:
    if node.level or not node.module:
        yield "import", node.lineno
        return
    found = list(_import(node.module, node.lineno))
    yield from found
    for alias in () if found else node.names:
        whole = f"{node.module}.{alias.name}"
        if whole in MODULES:
            yield MODULES[whole], node.lineno
        elif alias.name in NAMES:
            yield NAMES[alias.name], node.lineno
        elif alias.name == "*":
            yield "dynamic", node.lineno


def _attribute(node: ast.Attribute) -> Iterator[tuple[str, int]]:
    whole = ast.unparse(node)
    if node.attr in NAMES and node.attr not in BARE_ONLY:
        yield NAMES[node.attr], node.lineno
    elif whole in MODULES:
        yield MODULES[whole], node.lineno
    elif _is_dunder(node.attr) and node.attr not in HARMLESS_DUNDERS:
        yield "frames", node.lineno
    if isinstance(node.ctx, ast.Store | ast.Del) and not _is_own(node.value):
        yield "patch", node.lineno


def _alignment(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the address in ``x.data_ptr() % 16``, which tells where a tensor is, not which."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        if isinstance(node.right, ast.Constant) and isinstance(node.left, ast.Call):
            yield node.left.func


def _is_own(value: ast.expr) -> bool:
    """Say whether an attribute is set on ``self``: of an object that the file made."""
    return isinstance(value, ast.Name) and value.id == "self"


def _class(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    if any(ast.unparse(base).endswith(("Tensor", "Mode", "Function")) for base in node.bases):
        yield "lazy", node.lineno
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name in NAMES:
            yield NAMES[part.name], part.lineno


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in HARMLESS_DUNDERS


def _is_optional_import(node: ast.stmt) -> bool:
    """Say whether a statement tries to import and does without: for modules, not for answers."""
    if not isinstance(node, ast.Try):
        return False
    handled = [part for handler in node.handlers for part in handler.body]
    return all(isinstance(part, _PLAIN) for part in node.body) and all(
        isinstance(part, (*_PLAIN, ast.Raise)) or _sets_none(part) for part in handled
    )


def _sets_none(part: ast.stmt) -> bool:
    return (
        isinstance(part, ast.Assign)
        and isinstance(part.value, ast.Constant)
        and part.value.value in (None, True, False)
    )


def _kept_state(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Find what outlives a call: globals, kept containers, kept results."""
    functions = {part.name for part in tree.body if isinstance(part, ast.FunctionDef)}
    outer = functions | {
        name.id
        for part in tree.body
        if isinstance(part, ast.Assign | ast.AnnAssign)
        for name in ast.walk(part)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and _keeps(function):
            if any(_computes(node, function, functions) for node in ast.walk(function)):
                yield "cache", function.lineno
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            kept = outer | _mutable_defaults(function)
            for node in ast.walk(function):
                if _is_kept_by(node, kept):
                    yield "cache", getattr(node, "lineno", function.lineno)


def _is_kept_by(node: ast.AST, kept: set[str]) -> bool:
    """Say whether a node writes into something that outlives the call, or asks who a tensor is."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return True
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store) and _root(node.value) in kept
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _MUTATORS and _root(node.func.value) in kept
    return isinstance(node, ast.Call) and _root(node.func) in ("id", "hash")


def _mutable_defaults(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(named), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        argument.arg
        for argument, default in pairs
        if isinstance(default, ast.Dict | ast.List | ast.Set | ast.Call)
    }


def _keeps(function: ast.FunctionDef) -> bool:
    """Say whether a decorator keeps a function's results."""
    return any(
        isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).split(".")[-1] in _KEEPERS
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
    )


def _computes(node: ast.AST, function: ast.FunctionDef, functions: set[str]) -> bool:
    """Say whether a node launches a kernel, or calls torch, an argument, or the file's own code."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Subscript):
        return True
    if ast.unparse(node.func).split(".")[-1] in KEPT:
        return False
    own = {argument.arg for argument in function.args.args}
    return _root(node.func) in own | functions | {"torch"}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
