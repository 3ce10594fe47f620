"""The model card's figures are those of the report, and a missed goal is called so."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from training.pages import filled
from training.tryon.card import CARD, IMAGES, TRAINING
from training.tryon.card.tables import TABLES
from training.tryon.evaluate import REPORT

MOST_BYTES = 150_000  # of all pictures of failures together


@pytest.fixture
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REPORT.read_text("utf-8"))
    return found


@pytest.mark.parametrize("page", [CARD, TRAINING], ids=lambda page: str(page.parent.name))
def test_the_pages_have_the_report_s_figures(page: Path, report: dict[str, Any]) -> None:
    text = page.read_text("utf-8")
    assert filled(text, report, TABLES) == text, "run python -m training.tryon.card"
    assert text.count("<!-- figures: ") == text.count("<!-- end -->") > 0


def test_all_tables_are_on_the_card_with_both_sets_of_people(report: dict[str, Any]) -> None:
    text = CARD.read_text("utf-8")
    for name, table in TABLES.items():
        assert f"<!-- figures: {name} -->" in text
        lines = "\n".join(table(report))
        assert "all poses" in lines
        assert "front" in lines or name == "poses"  # they all stand alike


def test_each_group_of_skin_tones_and_kind_of_garment_has_a_row(report: dict[str, Any]) -> None:
    tones = "\n".join(TABLES["skin tones"](report))
    for tone in ("light", "medium", "deep", "very deep"):
        assert tones.count(f"| {tone} |") == 2
    garments = "\n".join(TABLES["garments"](report))
    for kind in ("tops", "trousers, skirts", "dresses"):
        assert f"| all poses | {kind} |" in garments


def test_a_missed_goal_is_called_so_and_the_worst_group_of_skin_counts(
    report: dict[str, Any],
) -> None:
    made = copy.deepcopy(report)
    made["front"]["all"]["iou"] = 0.95
    for tone, row in made["front"]["by_skin_tone"].items():
        row["arm_lightness"] = 9.0 if tone == "very deep" else 2.0
    page = filled("<!-- figures: goals -->\nold\n<!-- end -->\nrest\n", made, TABLES)
    assert "| front | IoU, mean | 0.95 | ≥ 0.92 | reached |" in page
    assert re.search(r"\| front \| bared arms, .* \| 9 \| ≤ 6 \| \*\*missed\*\* \|", page)
    assert "old" not in page
    assert page.endswith("<!-- end -->\nrest\n")


def test_the_card_shows_its_failures_in_small_pictures() -> None:
    text = CARD.read_text("utf-8")
    shown = [IMAGES / f"try-on-{name}.jpg" for name in ("failures", "photographs")]
    assert all(f"docs/images/{file.name}" in text for file in shown)
    assert sum(file.stat().st_size for file in shown) <= MOST_BYTES
