"""Every operation is used by what serves: one that nobody calls is removed, not kept."""

from __future__ import annotations

import ast
from pathlib import Path

import livedraft.runtime
from livedraft import kernels
from livedraft.kernels.ops import NAMES

RUNTIME = Path(str(livedraft.runtime.__file__)).parent


def used(source: str) -> set[str]:
    """Return the operations that a module imports from `livedraft.kernels` and then names."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "livedraft.kernels"
        for alias in node.names
    }
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return {imported[name] for name in named & imported.keys()}


def test_every_operation_has_a_caller_in_the_runtime() -> None:
    found = set().union(*(used(path.read_text()) for path in RUNTIME.rglob("*.py")))
    public = {*kernels.__all__} - {"attention_backend"}  # which says of attention what it took
    assert public == {*NAMES, "attention"}
    assert found >= public, f"nobody calls {sorted(public - found)}: give it a caller or remove it"


def test_an_operation_that_is_imported_alone_has_none() -> None:
    line = "from livedraft.kernels import geglu as gate, swiglu\n"
    assert used(line) == set()
    assert used(f"{line}made = gate(x)\n") == {"geglu"}
    assert used("from livedraft.kernels.steps import geglu\ngeglu(x)\n") == set()


def test_the_runtime_imports_nothing_of_the_bench() -> None:
    for path in RUNTIME.rglob("*.py"):
        assert "kernels.bench" not in path.read_text(), path
