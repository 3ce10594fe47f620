"""What was measured so far, and what was not, as a JSON file: the report of one operation."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from .budget import Piece
from .goals import goals, picks
from .measuring import Found
from .setting import Setting
from .work import ATTENTION, PASSES, Key, Work, kinds, name

Row = dict[str, Any]  # one case; ``lacks`` names what was not measured of it
W = TypeVar("W", bound=Piece)


class Sheet(ABC, Generic[W]):
    """One report in one setting; what an earlier run found there is kept."""

    def __init__(self, op: str, setting: Setting, folder: Path, *, again: bool = False) -> None:
        self.op = op
        self.path = folder / f"{op}.json"
        self.setting = setting
        self.rows: dict[Any, Row] = {}
        found = None if again else _read(self.path)
        if found is not None and setting.same(found):
            self.restore(found)

    @abstractmethod
    def restore(self, found: dict[str, Any]) -> None:
        """Take over what an earlier run found."""

    @abstractmethod
    def row(self, work: W) -> Row:
        """Return the row that a work begins, with what it ``lacks``."""

    @abstractmethod
    def key(self, work: W) -> Any:
        """Return the key of a work's row."""

    @abstractmethod
    def judged(self) -> dict[str, Any]:
        """Return what is said of all rows: goals, and what is more."""

    @abstractmethod
    def faults(self) -> list[str]:
        """Return what is wrong."""

    def expect(self, works: Sequence[W]) -> None:
        """Make a place for what is to be measured."""
        for work in works:
            if self.key(work) not in self.rows:
                self.rows[self.key(work)] = self.row(work)

    def has(self, work: W) -> bool:
        """Say whether a thing was measured, or was tried and failed."""
        return self.key(work) in self.rows and work.kind not in self.rows[self.key(work)]["lacks"]

    def add(self, work: W, found: Found) -> None:
        """Put in what was found, and write the file."""
        row = self.rows[self.key(work)]
        for why in ("failed", "skipped"):
            if why in found:
                row[why] = row.get(why, {}) | found.pop(why)
        row |= found
        row["lacks"].remove(work.kind)
        self.write()

    def write(self) -> None:
        """Write the file, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(_short(self.found()), indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)

    def found(self) -> dict[str, Any]:
        """Return all of it."""
        return {
            "op": self.op,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            **asdict(self.setting),
            "rows": list(self.rows.values()),
            **self.judged(),
            "faults": self.faults(),
        }


class Report(Sheet[Work]):
    """The report of one operation."""

    def __init__(self, op: str, setting: Setting, folder: Path, *, again: bool = False) -> None:
        self._passes: dict[str, bool | str | None] = {}  # None: not tried; text: why it failed
        super().__init__(op, setting, folder, again=again)

    def restore(self, found: dict[str, Any]) -> None:
        """Take over what an earlier run found."""
        self._passes = found["passes"]
        self.rows = {(r["workload"], r["batch"], r["dtype"]): r for r in found["rows"]}

    def row(self, work: Work) -> Row:
        """Return the row of a case."""
        return _row(work) | {"lacks": list(kinds(work))}

    def key(self, work: Work) -> Key:
        """Return the key of a case's row."""
        return work.key

    def expect(self, works: Sequence[Work]) -> None:
        """Make a place for what is to be measured."""
        for work in works:
            if work.kind in PASSES:
                self._passes.setdefault(work.kind, None)
        super().expect([work for work in works if work.kind not in PASSES])

    def has(self, work: Work) -> bool:
        """Say whether a thing was measured, or was tried and failed."""
        if work.kind in PASSES:
            return self._passes.get(work.kind) is not None
        return super().has(work)

    def add(self, work: Work, found: Found) -> None:
        """Put in what was found, and write the file."""
        if work.kind not in PASSES:
            super().add(work, found)
            return
        failed = {**found.get("failed", {}), **found.get("skipped", {})}
        self._passes[work.kind] = failed.get(work.kind) or found[work.kind]
        self.write()

    def judged(self) -> dict[str, Any]:
        """Return what is said of the operation, and its goals."""
        rows, l2_bytes = list(self.rows.values()), self.setting.machine["l2_bytes"]
        reached = picks(rows) if self.op == ATTENTION else goals(self.op, rows, l2_bytes)
        return {"passes": self._passes, "goals": reached}

    def faults(self) -> list[str]:
        """Return what is wrong: results, kernels that gave way to torch, failures of ours."""
        found = [fault for row in self.rows.values() for fault in _faults(row)]
        for what, well in self._passes.items():
            if well not in (True, None):
                found.append(f"{what} failed{f': {well}' if well else ''}")
        return found


def _row(work: Work) -> Row:
    case = work.case
    return {
        "workload": case.workload.name,
        "batch": case.batch,
        "axes": dict(getattr(case.workload, "axes", {})),
        "dtype": name(case.dtype),
        "real": case.workload.real,
    }


def _faults(row: Row) -> list[str]:
    where = f"{row['workload']}, batch {row['batch']}, {row['dtype']}"
    found = []
    if row.get("right") is False:
        found.append(f"{where}: error {row['error']:.1e}, {row['allowed']:.0e} allowed")
    if row.get("backend", "").startswith("torch: "):  # given up; "torch" alone is as configured
        found.append(f"{where}: by {row['backend']}")
    # What Inductor or a library cannot do is not our fault.
    ours = {kind: why for kind, why in row.get("failed", {}).items() if kind != "compiled"}
    return found + [f"{where}: not {kind}: {why}" for kind, why in ours.items()]


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _short(value: Any) -> Any:
    """Return a report with its numbers to four digits."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, list) else value
