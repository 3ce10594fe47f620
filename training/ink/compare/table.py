"""The table of a comparison, as the README has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.pages import Tables

from ..card.tables import COLUMNS

SHOWN = ("alpha_iou", "ciede2000", "edge_precision", "edge_recall", "unevenness")


def table(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines: a row for each variant, number of steps and palette."""
    heads = [COLUMNS[name][0] for name in SHOWN]
    titles = ["", *heads, "Δ CIEDE2000", "M weights", "ms an update", "ms a draft"]
    yield f"| {' | '.join(titles)} |"
    yield "|---|" + "--:|" * (len(titles) - 1)
    decoder = report["decoder"]
    for variant in report["variants"].values():
        for index, (name, row) in enumerate(variant["rows"].items()):
            cells = [f"{row[key]:.{COLUMNS[key][1]}f}" for key in SHOWN]
            apart, error = row["against_first"]["ciede2000"]
            cells.append(f"{apart:+.1f} ± {error:.1f}" if apart or error else "")
            once = [
                f"{variant['parameters'] / 1e6:.2f}",
                f"{variant['ms_an_update']:.0f}",
                f"{variant['ms_a_draft']:.0f}",
            ]
            cells += once if index == 0 else [""] * len(once)
            title = f"**{variant['title']}**, " if index == 0 else ""
            yield f"| {title}{name} | {' | '.join(cells)} |"
    yield ""
    yield (
        f"{report['updates']} updates of {report['batch']} each, from scratch, on the same "
        f"batches; widths {report['widths'][0]}; {report['drawings']} held-out drawings; seed "
        f"{report['seed']}. *Δ*: mean difference from the same row of the first over the drawings, "
        "± its standard error. Times: processor time of one thread in torch "
        f"{report['torch']}, {report['machine']}, bfloat16 for updates, the decoder included in a "
        "draft. Not counted: the decoder that all but the plain net share "
        f"({decoder['parameters'] / 1e6:.2f} M weights, {decoder['ms_an_update']:.0f} ms an "
        "update)."
    )


TABLES: Tables = {"compare": table}
