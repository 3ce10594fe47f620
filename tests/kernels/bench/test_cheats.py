"""Every cheat in the folder is caught: by the look at its text, when it runs, or by both."""

from collections.abc import Callable
from pathlib import Path

import pytest

from livedraft.kernels.bench import Answer, Outcome, Verdict, read
from livedraft.kernels.bench.static import look

HERE = Path(__file__).parent
CHEATS = {path.stem: path for path in sorted((HERE / "cheats").glob("*.py"))}

# Which rules the text of each breaks; those without any look like kernels.
BREAKS = {
    "asks_where_it_is": {"descriptor", "environment"},
    "calls_the_operation": {"reference"},
    "calls_the_registered_operation": {"reference"},
    "cancels": set(),
    "changes_settings": {"patch", "setting"},
    "computes_in_half": set(),
    "computes_when_read": {"lazy", "patch"},
    "falls_back": {"fallback"},
    "hands_out_one_memory": {"cache"},
    "has_it_compiled": {"native"},
    "hides_its_import": {"dynamic"},
    "hides_its_text": {"dynamic"},
    "kernel_for_show": set(),
    "leaves_the_last_column": set(),
    "loads_native_code": {"native"},
    "looks_at_its_caller": {"dynamic", "frames"},
    "reaches_by_name": {"dynamic"},
    "reads_beside_its_input": set(),
    "reads_the_requests": {"descriptor", "fallback"},
    "remembers_addresses": {"cache"},
    "remembers_objects": {"cache"},
    "remembers_shapes": {"cache"},
    "rewrites_the_judge": {"patch"},
    "rewrites_the_runner": {"patch", "reference"},
    "stops_the_clock": {"patch", "timer"},
    "stops_the_stopwatch": {"frames", "patch"},
    "times_nothing": {"patch", "timer"},
    "works_at_first": {"cache"},
    "works_elsewhere": {"stream"},
    "works_in_a_thread": {"thread"},
    "writes_beside_its_input": set(),
    "writes_its_input": set(),
    "writes_noise": {"descriptor", "fallback"},
    "writes_the_verdict": {"descriptor", "fallback"},
}

# What catches those that run, when the rules above are waived for them.
CAUGHT = {
    "cancels": (Outcome.UNSTABLE, "large values"),
    "computes_in_half": (Outcome.WRONG, "float32: max error"),
    "computes_when_read": (Outcome.WRONG, "the output is a Lazy, no tensor"),
    "hands_out_one_memory": (Outcome.UNSTABLE, ""),
    "hides_its_import": (Outcome.REFUSED, "livedraft.kernels.ops.norm_modulate.reference"),
    "hides_its_text": (Outcome.WRONG, "max error"),
    "kernel_for_show": (Outcome.REFUSED, "launched none"),
    "leaves_the_last_column": (Outcome.WRONG, "NaN for"),
    "looks_at_its_caller": (Outcome.WRONG, "max error"),
    "reads_beside_its_input": (Outcome.UNSTABLE, "padded rows"),
    "remembers_objects": (Outcome.UNSTABLE, "it returned an earlier result"),
    "remembers_shapes": (Outcome.UNSTABLE, "it returned an earlier result"),
    "rewrites_the_judge": (Outcome.REFUSED, "replaced torch.allclose"),
    "stops_the_clock": (Outcome.REFUSED, "replaced time.perf_counter_ns"),
    "times_nothing": (Outcome.REFUSED, "replaced Event.elapsed_time"),
    "writes_beside_its_input": (Outcome.WRONG, "it wrote beside its input x"),
    "writes_its_input": (Outcome.WRONG, "it wrote to its input x"),
    "writes_noise": (Outcome.REFUSED, "result descriptor"),
    "writes_the_verdict": (Outcome.REFUSED, "result descriptor"),
}
Judge = Callable[..., Verdict]


def test_all_cheats_are_known() -> None:
    assert CHEATS.keys() == BREAKS.keys()
    caught_by_nothing = {name for name, rules in BREAKS.items() if not rules} - CAUGHT.keys()
    assert caught_by_nothing == set()


@pytest.mark.parametrize("name", CHEATS)
def test_the_text_shows_it(name: str) -> None:
    found = look(CHEATS[name].read_text(encoding="utf-8"))
    assert {finding.rule for finding in found} == BREAKS[name]


@pytest.mark.parametrize("name", [name for name, rules in BREAKS.items() if rules])
def test_what_the_text_shows_is_refused_unrun(name: str, judged: Judge) -> None:
    verdict = judged(CHEATS[name], limit_s=0.0)  # nothing can run in no time
    assert verdict.outcome is Outcome.REFUSED
    assert any(rule in verdict.why for rule in BREAKS[name])
    assert verdict.compiles.answer is Answer.NOT_JUDGED


@pytest.mark.parametrize("name", CAUGHT)
def test_it_is_caught_when_it_runs(name: str, judged: Judge) -> None:
    outcome, why = CAUGHT[name]
    verdict = judged(CHEATS[name], allow=BREAKS[name])
    assert verdict.outcome is outcome, verdict.why
    assert why in verdict.why


def test_a_kernel_that_stops_working_is_caught_while_it_is_timed(judged: Judge) -> None:
    verdict = judged(CHEATS["works_at_first"], allow=["cache"], speed="always")
    assert verdict.stable.answer is Answer.YES
    assert verdict.outcome is Outcome.UNSTABLE
    assert "while it was timed" in verdict.why


def test_the_judge_has_a_clock_of_its_own(judged: Judge) -> None:
    name = "stops_the_stopwatch"
    verdict = judged(CHEATS[name], allow=BREAKS[name], speed="always")
    assert verdict.outcome is Outcome.NOT_BELIEVED
    assert "the judge's clock" in verdict.why


@pytest.mark.parametrize("path", sorted((HERE / "honest").glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_found_in_honest_kernels(path: Path) -> None:
    assert [str(finding) for finding in look(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("import torch.cuda as c; c.current_stream()", "stream"),
        ("from torch.cuda import Stream as S", "stream"),
        ("from torch.cuda import *", "dynamic"),
        ("from . import other", "import"),
        ("import requests", "import"),
        ("import torch; torch.load('x')", "descriptor"),
        ("def f(x): return x.__class__", "frames"),
        ("def f(x): global y", "cache"),
        ("def f(x): f.last = x", "patch"),
        ("known = []\ndef f(x): known.append(x)", "cache"),
        ("def f(x): return id(x)", "cache"),
        ("async def f(x): return x", "thread"),
        ("def f(x):\n  try: return x\n  except* ValueError: return x", "fallback"),
        ("lambda: eval('1')", "dynamic"),
    ],
)
def test_each_way_to_say_it_is_seen(line: str, rule: str) -> None:
    assert rule in {finding.rule for finding in look(line)}


@pytest.mark.parametrize(
    "line",
    [
        "import triton.language as tl\ndef f(x): return tl.load(x)",
        "def f(x): return x.data_ptr() % 16 == 0",
        "import torch\ndef f(x): return torch.stack([x, x])",
        "def f(x):\n  made = {}\n  made['x'] = x\n  return made['x']",
        "def f(x):\n  try: return x\n  finally: pass",
        "class Plan:\n  def __init__(self): self.rows = 3",
    ],
)
def test_what_kernels_do_is_none_of_it(line: str) -> None:
    assert look(line) == []


def test_a_cheats_file_says_what_it_does() -> None:
    for path in CHEATS.values():
        assert read(f"{path}:layer_norm", ()).text.startswith('"""'), path
