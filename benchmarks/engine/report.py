"""The report of the engine: a row a case, with what is aimed at beside what was reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..kernels_gpu.report import Row, Sheet
from ..kernels_gpu.setting import Setting
from .case import CASES, Aim, Work

_KINDS = ("library", "ours", "compiled")


class EngineReport(Sheet[Work]):
    """One file, written as it grows."""

    def __init__(
        self,
        setting: Setting,
        folder: Path,
        command: str,
        rate: float,
        *,
        aims: bool = True,
        again: bool = False,
    ) -> None:
        self._aims = aims  # tiny networks have none
        self._told = {"command": command, "matrix_flops_per_s": rate}
        super().__init__("engine", setting, folder, again=again)

    def restore(self, found: dict[str, Any]) -> None:
        """Take over what an earlier run found."""
        self.rows = {row["case"]: row for row in found["rows"] if row["case"] in CASES}

    def row(self, work: Work) -> Row:
        """Return the row of a case."""
        return {"case": work.case.name, "title": work.case.title, "lacks": list(_KINDS)}

    def key(self, work: Work) -> str:
        """Return the case's name."""
        return work.case.name

    def judged(self) -> dict[str, Any]:
        """Return the goals, each where its figures are there and are of a right picture."""
        found = []
        for row in self.rows.values():
            for aim in CASES[row["case"]].aims if self._aims else ():
                value = _value(aim, row)
                if value is not None:
                    found.append(_goal(row, aim, value))
        return {**self._told, "goals": found}

    def faults(self) -> list[str]:
        """Return what is wrong: pictures that are not the library's, and failures of ours."""
        found = []
        for name, row in self.rows.items():
            if row.get("right") is False:
                found.append(f"{name}: {row['error']:.1e} off, {row['allowed']:.0e} allowed; "
                             f"wrong ones: {row['controls']}")  # fmt: skip
            failed = row.get("failed", {}).items()
            found += [f"{name}: not {kind}: {why}" for kind, why in failed if kind != "compiled"]
        return found


def _value(aim: Aim, row: Row) -> float | None:
    if not row.get("right"):
        return None
    try:
        return float(aim.value(row))
    except KeyError:  # a part that is not measured yet
        return None


def _goal(row: Row, aim: Aim, value: float) -> Row:
    if aim.least is not None:
        reached = value >= aim.least
    else:
        reached = aim.most is not None and value <= aim.most
    what = f"{row['case']}: {aim.what}"
    return {"what": what, "value": value, "least": aim.least, "most": aim.most,
            "reached": reached, "of": [1, 1]}  # fmt: skip
