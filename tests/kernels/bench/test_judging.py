"""Honest kernels pass, broken files get a clear verdict, and a verdict can be repeated."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from livedraft.kernels.bench import (
    Answer,
    Definition,
    ForkServer,
    Options,
    Outcome,
    Unusable,
    Verdict,
    checked,
    from_file,
    judge,
    ours,
    read,
    shipped,
    table,
)

HERE = Path(__file__).parent
QUICK = Options(device="cpu", targets=(90,))
Judge = Callable[..., Verdict]


def test_a_triton_kernel_passes(judged: Judge) -> None:
    verdict = judged("honest/with_triton.py")
    assert verdict.outcome is Outcome.PASSED, verdict.why
    assert [kernel["target"] for kernel in verdict.kernels] == [90]
    assert verdict.kernels[0]["registers"] > 0
    assert "sm_90" in verdict.compiles.why
    answers = [verdict.compiles, verdict.correct, verdict.stable, verdict.fast]
    assert [judged.answer for judged in answers] == [*[Answer.YES] * 3, Answer.NOT_JUDGED]
    assert verdict.fast.why == "speed was not judged: no GPU here"
    assert {check.dtype for check in verdict.checks} == {"float32", "float16", "bfloat16"}
    assert {check.layout for check in verdict.checks} == {
        "as given",
        "misaligned",
        "padded rows",
        "large values",
    }


@pytest.mark.parametrize("file", ["with_autotune", "with_libdevice"])
def test_what_the_interpreter_lacks_is_stood_in_for(judged: Judge, file: str) -> None:
    verdict = judged(f"honest/{file}.py")
    assert verdict.outcome is Outcome.PASSED, verdict.why
    assert ("autotuned" in "".join(verdict.notes)) == (file == "with_autotune")


@pytest.mark.parametrize("file", ["with_assembly", "with_libdevice"])
def test_what_only_a_gpu_can_run_is_not_called_wrong(judged: Judge, file: str) -> None:
    verdict = judged(f"beyond/{file}.py")
    assert verdict.outcome is Outcome.NEEDS_GPU, verdict.why
    assert verdict.compiles.answer is Answer.YES
    assert verdict.correct.answer is Answer.NOT_JUDGED
    assert verdict.correct.why.startswith("Triton's interpreter cannot run it; a GPU can: at ")
    assert not verdict.passed


def test_plain_torch_passes_and_is_timed_if_asked(judged: Judge) -> None:
    verdict = judged("honest/plain.py", speed="always")
    assert verdict.outcome is Outcome.PASSED, verdict.why
    assert verdict.compiles.why == "it is plain torch"
    assert any("aten::layer_norm" in note for note in verdict.notes)
    assert [timing.workload for timing in verdict.timings] == ["one row", "odd"]
    for timing in verdict.timings:
        assert min(timing.cold_us, timing.warm_us, timing.host_us) > 0
        assert timing.speedup == timing.baseline_us["eager"] / timing.cold_us
        assert timing.moved_bytes > 0
    assert verdict.fast.answer is not Answer.NOT_JUDGED
    assert verdict.end_to_end is not None
    assert verdict.end_to_end.delta_percent is not None
    assert verdict.end_to_end.error < 1e-4


def test_a_kernel_may_write_what_its_operation_writes(server: ForkServer) -> None:
    definition = checked(from_file(HERE / "running_mean.py"))
    verdict = judge(read(str(HERE / "honest/in_place.py"), ()), definition, QUICK, server)
    assert verdict.outcome is Outcome.PASSED, verdict.why
    assert {check.what for check in verdict.checks} == {"total, in place"}


def test_an_operation_of_ours_passes(server: ForkServer) -> None:
    source = shipped("upsample_nearest2x_nhwc")
    options = Options(device="cpu", targets=(90,), allow=source.needs)
    verdict = judge(source, ours("upsample_nearest2x_nhwc"), options, server)
    assert verdict.outcome is Outcome.PASSED, verdict.why
    assert verdict.kernels != []
    assert verdict.end_to_end is not None


@pytest.mark.parametrize(
    ("file", "outcome", "why"),
    [
        ("no_such_import", Outcome.NOT_IMPORTED, "No module named 'torch.not_there' (line 3)"),
        ("raises_at_import", Outcome.NOT_IMPORTED, "ZeroDivisionError"),
        ("exits_at_import", Outcome.NOT_IMPORTED, "SystemExit"),
        ("takes_other_arguments", Outcome.SIGNATURE, "f(x=, weight=, eps=)"),
        ("is_a_number", Outcome.SIGNATURE, "it is a int"),
        ("raises", Outcome.RAISED, "at one row (rows=1, columns=33), float32: RuntimeError: shape"),
        ("dies", Outcome.CRASHED, "signal 11"),
        ("leaves", Outcome.CRASHED, "status 0"),
        ("other_shape", Outcome.WRONG, "the output has shape (1,) for (1, 33)"),
        ("too_much", Outcome.WRONG, "its outputs are larger than"),
        ("other_dtype", Outcome.WRONG, "the output is float64 for float32"),
        ("returns_nothing", Outcome.WRONG, "returned 0 outputs for 1"),
        ("does_not_compile", Outcome.NOT_COMPILED, "CompilationError"),
        ("talks", Outcome.WRONG, "at shape one row (rows=1, columns=33), float32: max error"),
    ],
)
def test_a_broken_file_gets_a_clear_verdict(
    judged: Judge, file: str, outcome: Outcome, why: str
) -> None:
    verdict = judged(f"broken/{file}.py", allow=["native", "descriptor"])
    assert verdict.outcome is outcome, verdict.why
    assert why in verdict.why
    assert not verdict.passed


def test_a_runner_is_ended_however_young(server: ForkServer) -> None:
    with server.fork("interpret") as fork:
        assert server.end(fork) == -9
        assert server.end(fork) == -9


@pytest.mark.parametrize("file", ["never_returns", "never_imports"])
def test_who_does_not_come_back_is_ended(judged: Judge, file: str) -> None:
    verdict = judged(f"broken/{file}.py", limit_s=0.5)
    assert verdict.outcome is Outcome.TIMED_OUT
    assert "within 0.5 s" in verdict.why


def test_a_file_that_is_no_python(
    layer_norm: Definition, server: ForkServer, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def layer_norm(x, weight, eps)\n")
    verdict = judge(read(str(path), ()), layer_norm, QUICK, server)
    assert (verdict.outcome, verdict.why) == (
        Outcome.NOT_IMPORTED,
        "SyntaxError: expected ':' (line 1)",
    )


def test_a_kernel_knows_neither_seed_nor_environment(
    layer_norm: Definition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hidden-in-here")
    path = tmp_path / "mine.py"
    path.write_text(
        "import os\n"
        "def layer_norm(x, weight, eps):\n"
        "    raise ValueError(' '.join(os.environ.values()))\n"
    )
    options = Options(
        secret="ab" * 16, device="cpu", allow=frozenset({"descriptor", "environment"})
    )
    verdict = judge(read(str(path), ()), layer_norm, options)
    assert verdict.outcome is Outcome.RAISED
    assert os.environ["PATH"].partition(":")[0] in verdict.why
    assert "hidden-in-here" not in verdict.why
    assert "abab" not in verdict.why


def test_the_same_secret_gives_the_same_verdict(judged: Judge) -> None:
    first = judged("broken/talks.py")
    again = judged("broken/talks.py", secret=first.seed["secret"])
    other = judged("broken/talks.py")
    assert again.why == first.why
    assert other.why != first.why


def test_a_verdict_is_json_and_text(judged: Judge) -> None:
    verdict = judged("broken/talks.py")
    told = json.loads(json.dumps(verdict.to_json()))
    assert (told["format"], told["passed"], told["outcome"]) == (1, False, "wrong")
    assert told["checks"][0]["dtype"] == "float32"
    assert told["environment"]["ran"] == "in Triton's interpreter"
    text = table(verdict)
    assert text.startswith("talks.py:layer_norm as layer_norm: wrong\n  at shape one row")
    assert "WRONG, as given" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "defines no reference"),
        ("def reference(x): return x\ndef inputs(a, d, g): return {}", "defines no WORKLOADS"),
        (
            "def reference(y): return y\ndef inputs(a, d, g): return {'x': 1}\nWORKLOADS = [{}]",
            "fails at 0 ()",
        ),
        ("1 / 0", "did not import: ZeroDivisionError"),
        ("SPEC = 3", "is no OpSpec"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(Unusable, match=message.replace("(", r"\(").replace(")", r"\)")):
        checked(from_file(path))


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("def geglu(x): ...\ndef other(x): ...", "geglu"),
        ("def _hidden(x): ...\ndef mine(x): ...", "mine"),
        ("@triton.jit\ndef rows(x): ...\ndef mine(x): ...", "mine"),
    ],
)
def test_the_function_that_is_meant_is_found(tmp_path: Path, text: str, function: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    assert read(str(path), {"geglu"}).function == function


def test_which_function_is_meant_has_to_be_said(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def one(x): ...\ndef two(x): ...")
    with pytest.raises(Unusable, match="2 public functions"):
        read(str(path), ())
    assert read(f"{path}:two", ()).function == "two"
    with pytest.raises(Unusable, match="there is no file"):
        read(str(tmp_path / "nowhere.py"), ())
