"""The page of the kernels: what each is, what it takes, what it compiles to, what was measured."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from signatures import called

import livedraft.kernels
from livedraft.kernels.capability import CONFIGS
from livedraft.kernels.ops import every
from livedraft.kernels.ops.attention import BACKENDS
from livedraft.kernels.spec import OpSpec

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
RESOURCES = ROOT / "kernels" / "resources.json"
BATCHES = (1, 4)  # of the measured ones, these are shown

Report = dict[str, Any]  # as benchmarks/kernels_gpu writes it

_HEAD = """# Kernels

Fused operations for few-step diffusion and real-time media, imported from `livedraft.kernels` and
installed by `pip install "livedraft[kernels]"`. Each is a plain function with a reference in plain
torch. A Triton kernel computes it on an NVIDIA GPU from Ampere on; torch does elsewhere, where a
gradient is needed, and where a kernel failed its check.

- **Where it may be called**: eagerly, under `torch.compile` (as `torch.ops.livedraft.NAME`; where
  torch is to compute it, as its reference, which the compiler fuses with what is around it), and
  while a CUDA graph is captured, if it ran once before.
- **The check**: a kernel that a process has not run before is compared with the reference. If they
  differ by more than both roundings explain, or it cannot be launched, torch takes over for good,
  and the logger `livedraft.kernels` says why, once.
- **`LIVEDRAFT_KERNELS`**: `torch` or `triton` forces one way. It is read when a type is first met
  on a device. Forced, Triton is neither checked nor given up.
- **Settings**: how a kernel is cut into programs, and which operations torch is faster at, eager
  or compiled, stand in `kernels/configs/`, a file for each GPU that was measured. For others there
  are heuristics. `python -m livedraft.kernels.tuning` finds them on your GPU, in some minutes, and
  `LIVEDRAFT_KERNELS_CONFIG` names the file that it wrote. Nothing is tuned while calls are served.
- **Tolerance**: of the relative error against the reference in float64, the larger of that in the
  2-norm and that in the maximum norm.
- **Compiled to**: registers of a thread and bytes of shared memory of a program, by Triton
  {triton}, for the first of the real models' shapes in bfloat16, and for those that are compiled
  otherwise. None spills. A test compares this with what is compiled afresh, for sm_80, sm_89,
  sm_90 and sm_100; here is sm_90.

[What is worth fusing](../explanation/what-is-worth-fusing.md) says why these, and why no others;
[Add a kernel](../guides/add-a-kernel.md) how to make one more. `livedraft kernels bench` judges
any kernel that claims to be one of them.
"""

_ATTENTION = """## `attention`

{called}
There is no kernel of ours in it: matrix products, convolutions and dense attention are left to
cuBLAS, cuDNN and FlashAttention, which use the tensor cores better than we could. `attention` hands
a call to the first of these that takes it, and `attention_backend` says which that is, and why:
from sm_90 on in this order; before that, and where
`torch.nn.attention.activate_flash_attention_impl` has made FA3 or FA4 torch's flash attention,
with flash first.

| | types | heads | mask | needs |
|---|---|---|---|---|
{rows}

{measured}"""


def page() -> str:
    """Return the page."""
    resources = json.loads(RESOURCES.read_text(encoding="utf-8"))
    found = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*/kernels/*"))]
    parts = [_HEAD.format(triton=resources["triton"])]
    parts += ["| | |", "|---|---|"]
    parts += [f"| [`{op.spec.name}`](#{op.spec.name}) | {op.spec.summary} |" for op in every()]
    parts += ["| [`attention`](#attention) | the fastest of torch's that takes the call |", ""]
    for op in every():
        reports = [report for report in found if report["op"] == op.spec.name]
        parts += _operation(op.spec, resources["launches"], reports)
    parts.append(_attention([report for report in found if report["op"] == "attention"]))
    return "\n".join(parts)


def _operation(
    spec: OpSpec, launches: Mapping[str, Mapping[str, Any]], reports: Sequence[Report]
) -> Iterator[str]:
    yield f"## `{spec.name}`\n"
    yield from called(spec.name, getattr(livedraft.kernels, spec.name))
    yield f"- **Fuses**: {spec.fuses}."
    yield f"- **Used**: {spec.used}."
    for gpu, ways in sorted(_behind(spec.name)):
        yield f"- **Left to torch** on {gpu}, where torch is faster: {ways}."
    yield f"- **Types**: {_tolerances(spec)}."
    if spec.mutates:
        yield f"- **Writes in place**: {', '.join(f'`{name}`' for name in spec.mutates)}."
    models = "; ".join(workload.name for workload in spec.workloads if workload.real)
    yield f"- **Shapes of models that it is checked at**: {models}."
    taken = [launches[key] for key in sorted(launches) if key.startswith(f"{spec.name} sm_90 ")]
    yield f"- **Compiled to**: {'; '.join(dict.fromkeys(map(_taken, taken)))}.\n"
    yield _measured(reports, {workload.name for workload in spec.workloads})


def _behind(name: str) -> Iterator[tuple[str, str]]:
    """Yield each GPU on which torch is ahead of a kernel, and in which way, by how much."""
    for path in CONFIGS.glob("*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        ways = told["behind"].get(name, {}).items()
        if ways:
            said = ", ".join(f"{way} by {ratio:.2f}" for way, ratio in ways)
            yield told["measured"]["gpu"], said


def _tolerances(spec: OpSpec) -> str:
    by_value: dict[float, list[str]] = {}
    for dtype in spec.dtypes:
        by_value.setdefault(spec.tolerance[dtype], []).append(_name(dtype))
    return "; ".join(f"{', '.join(names)} within {value:g}" for value, names in by_value.items())


def _taken(launch: Mapping[str, Any]) -> str:
    shared = f", {launch['shared']} bytes" if launch["shared"] else ""
    return f"`{launch['kernel']}` {launch['registers']} registers{shared}"


def _measured(reports: Sequence[Report], workloads: Container[str]) -> str:
    """Return what was measured; of shapes that are checked no more, nothing."""
    if not reports:
        return "Not measured yet.\n"
    parts = []
    for report in reports:
        on = report["machine"]
        shown = [
            row
            for row in report["rows"]
            if row["real"] and row["batch"] in BATCHES and row["workload"] in workloads
        ]
        parts += [
            f"{on['gpu']}, torch {on['torch']}, Triton {on['triton']}, "
            f"{_beside(report)}commit {report['commit']}:\n",
            "| | batch | ours, µs | Inductor | library | eager | share of a copy's bandwidth "
            "| host, µs |",
            "|---|--:|--:|--:|--:|--:|--:|--:|",
            *(_row(row) for row in shown if "ours_us" in row),
            "",
            *_unmeasured(shown, "timed"),
            *(_goal(goal) for goal in report["goals"]),
            "",
        ]
    return "\n".join(parts)


def _beside(report: Report) -> str:
    """Name the library, if it has the operation in a way that could be timed."""
    if not any("library_us" in row for row in report["rows"]):
        return ""
    return f"{report['library']['name']} {report['library']['version']}, "


def _unmeasured(rows: Sequence[Report], kind: str) -> Iterator[str]:
    """Yield the cases without a time of ours, with the reason where there is one."""
    for row in rows:
        if "ours_us" not in row:
            why = {**row.get("skipped", {}), **row.get("failed", {})}.get(kind)
            because = f" ({why})" if why else ""
            yield f"- Not measured: {row['workload']}, batch {row['batch']}{because}."


def _row(row: Report) -> str:
    eager = min(row["reference_us"], row.get("torch_us", row["reference_us"]))
    inductor, library = (
        f"{row[key]:.1f}" if key in row else "" for key in ("compiled_us", "library_us")
    )
    by = "" if row["backend"] == "triton" else " (torch)"
    return (
        f"| {row['workload']} | {row['batch']} | {row['ours_us']:.1f}{by} | {inductor} | {library} "
        f"| {eager:.1f} | {row['share']:.0%} | {row['host_us']:.1f} |"
    )


def _goal(goal: Report) -> str:
    bound = f"≤ {goal['most']:g}" if goal.get("most") is not None else f"≥ {goal['least']:g}"
    verdict = "reached" if goal["reached"] else "**missed**"
    known, all_of = goal["of"]
    so_far = "" if known == all_of else f", {known} of {all_of} cases measured"
    return f"- {goal['what']}: {goal['value']:.2f}, goal {bound}, {verdict}{so_far}"


def _attention(reports: Sequence[Report]) -> str:
    rows = []
    for backend in BACKENDS:
        types = ", ".join(map(_name, backend.dtypes))
        heads = "any" if backend.head_dim >= 2**16 else f"≤ {backend.head_dim}"
        heads += f", multiples of {backend.multiple}" if backend.multiple > 1 else ""
        needs = f"sm_{backend.least[0]}{backend.least[1]}" if backend.least[0] else ""
        rows.append(f"| {backend.name} | {types} | {heads} | {_yes(backend.mask)} | {needs} |")
    return _ATTENTION.format(
        called="\n".join(
            line
            for name in ("attention", "attention_backend")
            for line in called(name, getattr(livedraft.kernels, name))
        ),
        rows="\n".join(rows),
        measured="\n".join(_picks(report) for report in reports) or "Not measured yet.\n",
    )


def _picks(report: Report) -> str:
    on = report["machine"]
    shown = [row for row in report["rows"] if row["batch"] in BATCHES]
    rows = [
        f"| {row['workload']} | {row['batch']} | {row['picked']} | {row['ours_us']:.0f} "
        f"| {', '.join(f'{name} {us:.0f}' for name, us in row['backend_us'].items())} |"
        for row in shown
        if "ours_us" in row
    ]
    head = f"{on['gpu']}, torch {on['torch']}, commit {report['commit']}, µs:\n"
    return "\n".join(
        [
            head,
            "| | batch | picked | ours | each alone |",
            "|---|--:|---|--:|---|",
            *rows,
            "",
            *_unmeasured(shown, "picked"),
        ]
    )


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
