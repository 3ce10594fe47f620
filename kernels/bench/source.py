"""A kernel's file, read once and as text: which function is meant, and for which operation."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_MOST_BYTES = 1 << 20


class Unusable(Exception):
    """What was asked for makes no sense; ``fix`` says what to ask instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True)
class Source:
    """One file and the function in it. It is never imported where it is judged."""

    file: str  # its name, without folders
    text: str
    function: str = ""
    broken: str = ""  # why it cannot even be read
    needs: frozenset[str] = frozenset()  # rules that have to be waived for it


_SHIPPED = """# launches what livedraft decorates with triton.jit
from inspect import signature

from livedraft.kernels.ops.{name} import OP, reference


def {name}(**inputs):
    call = signature(reference).bind(**inputs)
    call.apply_defaults()
    return OP(*call.args)
"""


def shipped(name: str) -> Source:
    """Return the operation of this name that ships, as a file that calls it."""
    needs = frozenset({"reference", "frames"})
    return Source(f"{name}.py", _SHIPPED.format(name=name), name, needs=needs)


def read(target: str, operations: Collection[str], operation: str = "") -> Source:
    """Read ``FILE.py[:name]``; raise Unusable where there is no file, or no one function is meant.

    Without a name it is the function called as the operation, or the only public one. A file that
    is no Python comes back with ``broken`` said.
    """
    name, _, wanted = target.partition(".py:") if ".py:" in target else (target, "", "")
    path = Path(name + ".py" if wanted else name)
    if not path.is_file():
        raise Unusable(f"there is no file {path}", "say FILE.py, FILE.py:function, or an operation")
    try:
        if path.stat().st_size > _MOST_BYTES:
            return Source(path.name, "", wanted, "it is larger than 1 MiB")
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Source(path.name, "", wanted, _one_line(error))
    return Source(path.name, text, wanted or _meant(tree, path.name, operations, operation))


def _meant(tree: ast.Module, file: str, operations: Collection[str], operation: str) -> str:
    public = [
        part.name
        for part in tree.body
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_") and not _is_jit(part)
    ]
    known = [name for name in public if name == operation or (not operation and name in operations)]
    for found in (known, public):
        if len(found) == 1:
            return found[0]
    many = f"{file} has {len(public) or 'no'} public functions"
    raise Unusable(many, f"say which: {file}:{public[0] if public else 'function'}")


def _is_jit(function: ast.FunctionDef) -> bool:
    """Say whether a function is for the GPU: decorated with ``triton.jit`` or the like."""
    return any("jit" in ast.unparse(each) for each in function.decorator_list)


def _one_line(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {error}"
