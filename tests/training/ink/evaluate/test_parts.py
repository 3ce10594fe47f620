"""Parts: what is fitted of them, and how their colours are judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.ink.evaluate import parts
from training.ink.evaluate.cases import Painter, rgb_of
from training.ink.evaluate.obedience import WORDS
from training.ink.evaluate.parts import APART, PROMPTS, SETS, TUNED, answer, read_prompts, summary
from training.ink.train.parts import SHIPPED, START, Drawn, fit, kept, right, written

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.drawing.parts import FEATURES

TABLE: dict[str, Any] = {
    "tree": {
        "words": ["tree"],
        "anchor": "",
        "always": ["crown", "trunk"],
        "main": ["crown"],
        "parts": {
            "crown": {"words": ["crown"], "count": "many", "priors": [{"Y": [0.4, 0.2]}]},
            "trunk": {
                "words": ["trunk"],
                "count": "one",
                "priors": [{"Y": [0.7, 0.2]}],
                "tell": ["brown"],
            },
        },
    }
}


def drawn(height: float, colour: str, count: int) -> list[Drawn]:
    """Return drawings of a green piece above, and one of a colour at a height."""
    values = np.full((len(FEATURES), 2), np.nan, np.float32)
    values[FEATURES.index("Y")] = 0.3, height
    values[FEATURES.index("A")] = -1.0
    return [Drawn(f"tree {i}", "tree", values, ["green", colour]) for i in range(count)]


def middle(table: dict[str, Any], part: str) -> float:
    return float(table["tree"]["parts"][part]["priors"][0]["Y"][0])


def test_a_part_moves_to_where_its_colours_are() -> None:
    table = fit(TABLE, drawn(0.9, "brown", 400))
    assert 0.8 < middle(table, "trunk") < 0.9
    assert table["tree"]["parts"]["trunk"]["fitted"] == 400
    assert middle(table, "crown") == 0.4, "no colour tells it"


def test_a_few_drawings_move_nothing() -> None:
    assert fit(TABLE, drawn(0.9, "brown", 5)) == TABLE


def test_numbers_are_kept_only_where_they_tell_better() -> None:
    far = drawn(0.9, "brown", 300) + drawn(0.6, "blue", 300)
    assert middle(kept(TABLE, far), "trunk") > 0.8
    as_well = drawn(0.7, "brown", 300)
    assert kept(TABLE, as_well) == TABLE
    yes, no = right(TABLE, as_well)["tree", "trunk"]
    assert yes > 0
    assert no == 0


def test_what_ships_is_the_start_with_fitted_numbers() -> None:
    start, shipped = (json.loads(file.read_text("utf-8")) for file in (START, SHIPPED))
    assert written(shipped) == SHIPPED.read_text("utf-8")
    changed = 0
    for kind in start:
        for name, part in shipped[kind]["parts"].items():
            changed += "fitted" in part
            if "fitted" in part:
                part.pop("fitted")
                part["priors"] = start[kind]["parts"][name]["priors"]
    assert shipped == start
    assert changed > 0


def test_prompts_of_parts_are_of_different_drawings_and_have_places() -> None:
    told = json.loads(PROMPTS.read_text("utf-8"))
    assert [len(told[name]["prompts"]) for name in SETS] == [60, 20]
    assert [len(told[name]["drawings"]) for name in SETS] == [20, 10]
    codes = [[one.get("openmoji") for one in told[name]["drawings"].values()] for name in SETS]
    assert not {code for code in codes[0] if code} & set(codes[1])
    for name in SETS:
        for asked in told[name]["prompts"]:
            places = told[name]["drawings"][asked["drawing"]]["places"]
            for part, word in asked["colours"].items():
                assert word in (*WORDS, "skin")
                assert all(4 < x < 252 and 4 < y < 252 for x, y in places[part])


def test_a_prompt_is_judged_at_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svg = json.loads(PROMPTS.read_text("utf-8"))[TUNED]["drawings"]["apple tree"]["svg"]
    monkeypatch.setattr(parts, "read_lines", lambda cache, codes: dict.fromkeys(codes, svg))
    assert len(read_prompts(tmp_path, APART)) == 20
    asked = read_prompts(tmp_path, TUNED)[0]
    told = answer(Painter(Ink.tiny()), asked)
    assert told.found == {"crown": "green", "apples": "red", "trunk": "brown"}
    assert summary([told])["obeyed"] == 1

    red: Pixels = np.zeros((256, 256, 4), np.uint8)
    red[...] = (*rgb_of("red"), 255)
    monkeypatch.setattr(Painter, "draw", lambda self, case: red)
    told = answer(Painter(Ink.tiny()), asked)
    assert told.obeyed == {"crown": False, "apples": True, "trunk": False}
    assert summary([told])["whole_prompts"] == 0
