"""Figures in pages: tables between marks, written from reports, so that none is typed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Report = dict[str, Any]
Tables = Mapping[str, Callable[[Report], Iterable[str]]]  # lines, by the names that marks have

BEGIN, END = "<!-- figures: {} -->\n", "<!-- end -->"


def filled(page: str, report: Report, tables: Tables) -> str:
    """Return a page with its figures between the marks filled in; other marks stay as they are."""
    for name, table in tables.items():
        head, mark, rest = page.partition(BEGIN.format(name))
        if mark:
            _, end, tail = rest.partition(END)
            page = head + mark + "\n".join(table(report)) + "\n" + end + tail
    return page
