"""The shared parts of the benchmarks: percentiles, stages, reports."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from benchmarks.harness import (
    Goal,
    Result,
    command,
    option,
    report,
    stages,
    summaries,
    summary,
    text,
    write,
)


def test_percentiles_are_measured_values_by_nearest_rank() -> None:
    found = summary(range(1, 201))
    assert found == {"count": 200, "p50": 100, "p95": 190, "p99": 198, "max": 200}


def test_few_values_give_the_largest_as_high_percentiles() -> None:
    assert summary([3.0, 1.0, 2.0]) == {"count": 3, "p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0}


def test_nothing_measured_is_an_error_not_a_zero() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        summary([])


def test_stages_are_differences_of_moments_in_order() -> None:
    timings = {"sent": 12.0, "queued": 1.0, "prepared": 3.0, "stepped": 8.0, "model": 6.0}
    assert stages(timings) == {"queued": 1.0, "prepared": 2.0, "stepped": 5.0, "sent": 4.0}


def test_summaries_go_key_by_key() -> None:
    found = summaries([{"a": 1.0, "b": 5.0}, {"a": 2.0, "b": 6.0}, {"a": 3.0, "b": 7.0}])
    assert (found["a"]["p50"], found["b"]["max"]) == (2.0, 7.0)


@pytest.mark.parametrize(("value", "reached"), [(15.0, True), (15.1, False)])
def test_a_goal_is_reached_at_its_limit(value: float, reached: bool) -> None:
    assert Goal("round trip", value, 15, "ms").reached is reached


def _result() -> Result:
    result = Result("round_trip", {"seconds": 2.0, "model_ms": 5.0})
    result.ms["round trip"] = summary([9.0, 10.0])
    result.stages_ms["decoded"] = summary([1.0, 1.5])
    result.figures["server MiB, start"] = 61.0
    result.goals = [Goal("round trip, p50", 9.0, 15, "ms"), Goal("age", 500.0, 400, "ms")]
    return result


def test_a_report_names_the_machine_and_how_to_repeat_it() -> None:
    found = report(_result())
    assert found["command"] == "python -m benchmarks.round_trip --seconds 2.0 --model-ms 5.0"
    assert found["machine"]["cores"] >= 1
    named = ("cpu", "memory_gib", "os", "python", "onnxruntime")
    assert all(found["machine"][key] for key in named)
    assert [goal["reached"] for goal in found["goals"]] == [True, False]
    assert found["commit"]
    assert found["date"].endswith("+00:00")


def test_the_printed_report_has_every_figure_and_says_what_was_missed() -> None:
    shown = text(report(_result()))
    assert "reached: round trip, p50 is 9.00 ms, goal at most 15 ms" in shown
    assert "MISSED: age is 500.00 ms, goal at most 400 ms" in shown
    assert all(word in shown for word in ("p50", "p95", "p99", "decoded", "server MiB, start"))


def test_a_report_is_written_as_it_is_read(tmp_path: Path) -> None:
    found = report(_result())
    path = write(found, tmp_path / "new" / "round_trip.json")
    assert json.loads(path.read_text()) == found


@dataclass(frozen=True, slots=True)
class _Options:
    """Measure nothing."""

    seconds: float = option(1.0, "how long")
    runs: int = option(3, "how often")


def test_flags_are_the_fields_of_the_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    monkeypatch.setattr(sys, "argv", ["x", "--seconds", "0.5", "--runs", "7", "--json", str(path)])
    seen: list[_Options] = []

    def measure(options: _Options) -> Result:
        seen.append(options)
        return _result()

    command(measure, _Options)
    assert seen == [_Options(0.5, 7)]
    assert json.loads(path.read_text())["ms"]["round trip"]["p50"] == 9.0
