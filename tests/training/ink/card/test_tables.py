"""The model card's figures are those of the report."""

import json

from training.ink.card import CARD
from training.ink.card.tables import goals, with_figures
from training.ink.evaluate import REPORT


def test_the_card_has_the_report_s_figures() -> None:
    page = CARD.read_text("utf-8")
    report = json.loads(REPORT.read_text("utf-8"))
    assert with_figures(page, report) == page, "run python -m training.ink.card"
    assert page.count("<!-- figures: ") == page.count("<!-- end -->") > 0


def test_a_missed_goal_is_called_so() -> None:
    report = json.loads(REPORT.read_text("utf-8"))
    report["table"]["1 step"]["alpha_iou"] = 0.5
    page = with_figures("<!-- figures: goals -->\nold\n<!-- end -->\nrest\n", report)
    assert "| silhouette IoU | 0.5 | ≥ 0.96 | **missed** |" in page
    assert "old" not in page
    assert page.endswith("<!-- end -->\nrest\n")
    assert len(list(goals(report))) == page.count("≥") + page.count("≤")
