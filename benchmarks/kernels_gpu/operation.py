"""Check one operation on a GPU, and time it: eager, compiled, ours; and what the host spends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

import torch

from livedraft.kernels.bench.stopwatch import host_time, timed
from livedraft.kernels.dispatch import Op
from livedraft.kernels.verify import error

from .cases import Case, real, small
from .idioms import IDIOMS

Row = dict[str, Any]  # one case, as the report has it
CALLS = 40
L2_BYTES = 50 << 20  # of an H100 and an H200: what moves less need not reach memory


def checked(op: Op[..., Any], batches: Sequence[int], device: torch.device) -> Iterator[Row]:
    """Yield the error of every case against the truth, and whether it is within the tolerance."""
    for case in [*small(op), *real(op, batches)]:
        found: float | None = None
        try:
            found = case.error(case.inputs(device))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
        allowed = op.spec.tolerance[case.dtype]
        yield _row(case) | {
            "error": found,
            "allowed": allowed,
            "right": None if found is None else found <= allowed,
        }


def measured(
    op: Op[..., Any], batches: Sequence[int], device: torch.device, roof: float, compiled: bool
) -> Iterator[Row]:
    """Yield the times of every real case, µs, the caches cold but where they are said to be warm.

    ``share`` is of ``roof``, the bandwidth of a copy, bytes a second.
    """
    for case in real(op, batches):
        try:
            yield _row(case) | _times(case, device, roof, compiled)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            yield _row(case) | {"skipped": "the GPU has not the memory"}


def _times(case: Case, device: torch.device, roof: float, compiled: bool) -> Row:
    spec, inputs = case.op.spec, case.inputs(device)
    ours = case.call(inputs)
    moved = spec.moved(inputs, ours())
    cold, warm = (_time(ours, device, cold=cold) for cold in (True, False))
    row: Row = {
        "backend": case.op.backend(next(iter(inputs.values()))),
        "ours_us": cold,
        "ours_warm_us": warm,
        "host_us": host_time(ours, device),
        "moved_bytes": moved,
        "share": moved / (cold * 1e-6) / roof,
        "reference_us": _time(lambda: spec.reference(**inputs), device),
    }
    idiom = IDIOMS.get(spec.name)
    if idiom is not None:
        row["torch_us"] = _time(lambda: idiom(**inputs), device)
    if compiled:
        torch.compiler.reset()  # one shape a compilation: nothing is made dynamic
        inductor = torch.compile(idiom or spec.reference, dynamic=False)
        try:
            row["compiled_us"] = _time(lambda: inductor(**inputs), device)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:  # Inductor's, of any kind: then there is no such baseline
            row["compiled_failed"] = f"{type(error).__name__}: {error}"[:200]
    return row


def passes(op: Op[..., Any], batches: Sequence[int], device: torch.device) -> Row:
    """Say whether one real case is replayed rightly by a CUDA graph, and compiled whole."""
    case = next(real(op, batches))
    if op.spec.mutates:  # a second call has other inputs: only that it is captured can be said
        return {"graph": _captured(case.call(case.inputs(device))) is not None}
    inputs = case.inputs(device)
    call, allowed = case.call(inputs), op.spec.tolerance[case.dtype]
    expected = call()
    graph, made = _captured(call)
    graph.replay()
    whole = torch.compile(call, fullgraph=True)
    return {
        "graph": error(made, expected) <= allowed,
        "compiles_whole": error(whole(), expected) <= allowed,
    }


def _captured(call: Callable[[], Any]) -> tuple[torch.cuda.CUDAGraph, Any]:
    call()  # verified at first sight, outside of the capture
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        made = call()
    return graph, made


def goals(op: Op[..., Any], rows: Sequence[Row]) -> list[Row]:
    """Return what was aimed at, and whether it was reached, worst case first."""
    timed_rows = [row for row in rows if "ours_us" in row]
    few = [row for row in timed_rows if row["batch"] <= 4 and "compiled_us" in row]
    found = []
    large = [row["share"] for row in timed_rows if row["moved_bytes"] > 2 * L2_BYTES]
    if large:
        found.append(_goal("share of copy bandwidth, large shapes", min(large), least=0.85))
    if few:
        ratio = max(row["ours_us"] / row["compiled_us"] for row in few)
        found.append(_goal("time by Inductor's at batch 1 to 4", ratio, most=1.0))
    if op.spec.name in ("pixels_in", "pixels_out", "stream_step") and timed_rows:
        ratio = min(_eager(row) / row["ours_us"] for row in timed_rows)
        found.append(_goal("eager torch's time by ours", ratio, least=3.0))
    if timed_rows:
        host = max(row["host_us"] for row in timed_rows)
        found.append(_goal("host's time a call, µs", host, most=15.0))
    return found


def _goal(what: str, value: float, *, least: float | None = None, most: float | None = None) -> Row:
    reached = value >= least if least is not None else most is not None and value <= most
    return {"what": what, "value": value, "least": least, "most": most, "reached": reached}


def _eager(row: Row) -> float:
    return float(min(row["reference_us"], row.get("torch_us", row["reference_us"])))


def _row(case: Case) -> Row:
    return {
        "workload": case.workload.name,
        "batch": case.batch,
        "axes": dict(case.workload.axes),
        "dtype": str(case.dtype).removeprefix("torch."),
        "real": case.workload.real,
    }


def _time(call: Callable[[], Any], device: torch.device, *, cold: bool = True) -> float:
    for _ in range(3):
        call()
    return median(timed(call, _nothing, _nothing, range(CALLS), -1, cold, device))


def _nothing(_: object) -> None:
    """Inputs stay the same, outputs are let go."""
