"""Public classes and functions as Markdown: signature, docstring, members."""

from __future__ import annotations

import inspect
import re
from typing import Any

WIDTH = 88  # of a signature's line


def documented(title: str, cls: type, *, made: bool = True, members: bool = True) -> list[str]:
    """Return a class and its public members; how it is called only if users make it."""
    parts = [f"## `{title}`\n", *(called(cls.__name__, cls) if made else [said_of(cls)])]
    ours = [base for base in cls.__mro__ if base.__module__.startswith("livedraft")]
    for name, member in ((n, m) for base in ours for n, m in vars(base).items() if members):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            parts.append(f"**`.{name}`** {said_of(member)}")
        elif inspect.isfunction(member):
            parts += called(name, member)
    return parts


def called(name: str, what: Any) -> list[str]:
    """Return how a function, or a class, is called, and what it says of itself."""
    prefix = "await " if inspect.iscoroutinefunction(what) else ""
    line = prefix + name + _signature(what)
    if len(line) > WIDTH:
        line = _wrapped(line)
    return ["```text", line, "```\n", said_of(what)]


def said_of(what: Any) -> str:
    """Return a docstring as Markdown: code in single backticks, arguments as a list."""
    text = (inspect.getdoc(what) or "").replace("``", "`")
    text, _, arguments = text.partition("\nArgs:\n")
    listed = re.sub(r"^    (\w+): ", r"- `\1`: ", arguments, flags=re.M)
    return f"{text.strip()}\n\n{inspect.cleandoc(listed)}".strip() + "\n"


class _Written:
    """An annotation that prints as it was written, without quotes."""

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation

    def __repr__(self) -> str:
        it = self._annotation
        if isinstance(it, type):
            return it.__name__
        return it if isinstance(it, str) else re.sub(r"\b(?:\w+\.)+", "", str(it))


def _signature(what: Any) -> str:
    signature = inspect.signature(what)
    empty = inspect.Parameter.empty
    parameters = [
        p if p.annotation is empty else p.replace(annotation=_Written(p.annotation))
        for p in signature.parameters.values()
        if p.name != "self"
    ]
    returns: Any = signature.return_annotation
    if isinstance(what, type) or returns is empty:
        returns = empty
    else:
        returns = _Written(returns)
    return str(signature.replace(parameters=parameters, return_annotation=returns))


def _wrapped(line: str) -> str:
    """Return a call with each argument on a line of its own."""
    start = line.index("(") + 1
    lines, depth, begin = [line[:start]], 0, start
    for at in range(start, len(line)):
        if depth == 0 and line[at] in ",)":
            if argument := line[begin:at].strip():
                lines.append(f"    {argument},")
            begin = at + 1
        if depth == 0 and line[at] == ")":
            return "\n".join([*lines, line[at:]])
        depth += (line[at] in "([{") - (line[at] in ")]}")
    raise ValueError(f"no end of {line!r}")
