"""What the browser loads: each entry of the npm package, as servers send it, in kB."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping

import brotli

from livedraft.elements.package import contents

_ENTRIES = {
    "livedraft": ("livedraft", "`<livedraft-sketch>`, and the client: `connect`, `LiveSession`"),
    "livedraft/camera": ("livedraft-camera", "`<livedraft-camera>`"),
    "livedraft/tryon": ("livedraft-tryon", "`<livedraft-tryon>`"),
    "livedraft/head": ("livedraft-head", "`<livedraft-head>`"),
}
_REACT = (
    "`LivedraftSketch`, `LivedraftCamera`, `LivedraftTryon`, `LivedraftHead`, `useLivedraft`, "
    "without the elements that a page has"
)
_ROW = re.compile(r"^\| `(?P<entry>[^`]+)` \|.*\| (?P<gzip>\d+) kB \| (?P<brotli>\d+) kB \|$", re.M)
_BEGIN, _END = "<!-- sizes -->\n", "<!-- end -->"
_PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "brotli": lambda data: brotli.compress(data, quality=11),
}


def with_sizes(page: str) -> str:
    """Return a page with the sizes as they are.

    Another machine's library packs a little otherwise: a figure stands while it is within 1 kB.
    """
    before, _, rest = page.partition(_BEGIN)
    old, _, after = rest.partition(_END)
    told = {row["entry"]: row for row in _ROW.finditer(old)}
    lines = ["| import | what it brings | gzip | brotli |", "|---|---|--:|--:|"]
    for entry, (what, files) in _entries().items():
        figures = []
        for way, packed in _PACKED.items():
            exact = sum(len(packed(data)) for data in files) / 1000
            row = told.get(entry)
            stands = row is not None and abs(int(row[way]) - exact) < 1
            figures.append(row[way] if row is not None and stands else f"{exact:.0f}")
        lines.append(f"| `{entry}` | {what} | {figures[0]} kB | {figures[1]} kB |")
    return f"{before}{_BEGIN}{chr(10).join(lines)}\n{_END}{after}"


def _entries() -> dict[str, tuple[str, list[bytes]]]:
    """Return of each entry what it brings, and the files that it is."""
    packed = contents()
    react = [data for name, data in packed.items() if re.match(r"dist/react/\w+\.mjs", name)]
    found = {
        entry: (what, [packed[f"dist/{name}.mjs"]]) for entry, (name, what) in _ENTRIES.items()
    }
    return {**found, "livedraft/react": (_REACT, react)}
