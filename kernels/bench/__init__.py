"""The bench: hand it a kernel, get a verdict on correctness, stability and speed.

static look (text) ── compile (no GPU needed) ── correct ── stable ── fast ── end to end

The kernel's file runs in processes of its own, which know neither reference nor seed. Names are
imported when they are first asked for: those processes must not hold the judge.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .definition import Definition, checked, from_file, ours
    from .forks import ForkServer
    from .judging import Options, judge
    from .rules import RULES
    from .source import Source, Unusable, read, shipped
    from .text import table
    from .verdict import Answer, Outcome, Verdict

_WHERE = {
    "RULES": "rules",
    "Answer": "verdict",
    "Definition": "definition",
    "ForkServer": "forks",
    "Options": "judging",
    "Outcome": "verdict",
    "Source": "source",
    "Unusable": "source",
    "Verdict": "verdict",
    "checked": "definition",
    "from_file": "definition",
    "judge": "judging",
    "ours": "definition",
    "read": "source",
    "shipped": "source",
    "table": "text",
}

__all__ = [
    "RULES",
    "Answer",
    "Definition",
    "ForkServer",
    "Options",
    "Outcome",
    "Source",
    "Unusable",
    "Verdict",
    "checked",
    "from_file",
    "judge",
    "ours",
    "read",
    "shipped",
    "table",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
