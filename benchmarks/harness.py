"""What all benchmarks share: options, percentiles, the machine's name, result files."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"

# Ends of the server's stages, in order; see "Timings" in docs/reference/protocol.md.
MOMENTS = ("queued", "prepared", "stepped", "decoded", "encoded", "sent")

Summary = dict[str, float]  # count, p50, p95, p99, max
Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that must be reached: ``value`` at most ``limit``."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def reached(self) -> bool:
        """Whether it is."""
        return self.value <= self.limit


@dataclass(slots=True)
class Result:
    """What one benchmark found."""

    benchmark: str
    settings: dict[str, Any]
    variant: str = ""  # where a benchmark is made in several ways
    ms: dict[str, Summary] = field(default_factory=dict)  # by what was timed
    stages_ms: dict[str, Summary] = field(default_factory=dict)  # the parts of one of them
    figures: dict[str, float] = field(default_factory=dict)  # whatever is not a time in ms
    goals: list[Goal] = field(default_factory=list)


def option(default: Any, help: str) -> Any:
    """Return a dataclass field that becomes a command line flag."""
    return field(default=default, metadata={"help": help})


def summary(values: Iterable[float]) -> Summary:
    """Return count, p50, p95, p99 and max; a percentile is a measured value (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    ranks = {f"p{p}": ordered[-(-p * len(ordered) // 100) - 1] for p in (50, 95, 99)}
    return {"count": len(ordered), **ranks, "max": ordered[-1]}


def processor_ms(work: Callable[[], Any]) -> float:
    """Return what some work takes of the processor, all threads together."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


def in_turns(parts: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Summary]:
    """Return what works take of the processor, in turns: other work on the machine is shared."""
    taken = turns(parts, rounds)
    return {f"processor, {name}": summary(times) for name, times in taken.items()}


def turns(parts: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Return what works take of the processor in each of so many turns, ms."""
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, work in parts.items():
            taken[name].append(processor_ms(work))
    return taken


def stages(timings: Mapping[str, float]) -> dict[str, float]:
    """Return how long each stage of a frame took, ms, from the moments at which they ended."""
    ends = [(name, timings[name]) for name in MOMENTS if name in timings]
    starts = [0.0, *(end for _, end in ends)]
    return {name: end - start for (name, end), start in zip(ends, starts, strict=False)}


def summaries(samples: Sequence[Mapping[str, float]]) -> dict[str, Summary]:
    """Return a summary for each key of the first sample; all samples have these keys."""
    return {key: summary(sample[key] for sample in samples) for key in samples[0]}


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, cores, memory, system, Python, runtimes."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "os": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "onnxruntime": _installed("onnxruntime"),
        "torch": _installed("torch"),
    }


def commit() -> str:
    """Return the commit measured; ``+`` behind it where tracked files differ from it."""
    commit = _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    changed = _output("git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no")
    return (commit or "unknown") + ("+" if changed else "")


def report(result: Result) -> dict[str, Any]:
    """Return a result with its machine, date, commit and goals, as the JSON file has it."""
    flags = [f"--{name.replace('_', '-')} {value}" for name, value in result.settings.items()]
    return {
        "benchmark": result.benchmark,
        "variant": result.variant,
        "command": " ".join(["python -m benchmarks." + result.benchmark, *flags]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "load_1m": round(os.getloadavg()[0], 2),  # the benchmark's own load is in it
        "settings": result.settings,
        "ms": result.ms,
        "stages_ms": result.stages_ms,
        "figures": result.figures,
        "goals": [asdict(goal) | {"reached": goal.reached} for goal in result.goals],
    }


def text(found: Mapping[str, Any]) -> str:
    """Return a report as it is printed."""
    on = found["machine"]
    head = f"{on['cpu']}, {on['cores']} cores, {on['memory_gib']} GiB, {on['os']}"
    lines = [
        found["command"],
        f"{head}, Python {on['python']}, ONNX Runtime {on['onnxruntime']}",
        "",
    ]
    lines += _table("ms", found["ms"])
    lines += _table("stage, ms", found["stages_ms"])
    lines += [f"{what:<32}{value:>9.1f}" for what, value in found["figures"].items()]
    for goal in found["goals"]:
        verdict = "reached" if goal["reached"] else "MISSED"
        unit = goal["unit"]
        lines.append(
            f"{verdict}: {goal['what']} is {goal['value']:.2f} {unit}, "
            f"goal at most {goal['limit']:g} {unit}"
        )
    return "\n".join(lines) + "\n"


def write(found: Mapping[str, Any], path: Path | None = None) -> Path:
    """Write a report as JSON, by default under the machine's name; return where."""
    on = found["machine"]
    name = "-".join(f"{on['cpu']} {on['cores']} cores".lower().replace("(r)", "").split())
    file = "-".join(filter(None, [found["benchmark"], found["variant"]]))
    path = path or RESULTS / name / f"{file}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(found), indent=2) + "\n", encoding="utf-8")
    return path


def command(measure: Callable[[Options], Result], options: type[Options]) -> None:
    """Run one benchmark from the command line; its flags are the fields of ``options``."""
    parser = argparse.ArgumentParser(description=options.__doc__)
    for each in fields(options):  # type: ignore[arg-type]  # any dataclass
        flag = "--" + each.name.replace("_", "-")
        parser.add_argument(
            flag, type=type(each.default), default=each.default, help=each.metadata["help"]
        )
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    values = vars(parser.parse_args())
    path = values.pop("json")
    found = report(measure(options(**values)))
    print(text(found), end="")
    if path is not None:
        write(found, path)


def _table(title: str, rows: Mapping[str, Summary]) -> list[str]:
    if not rows:
        return []
    columns = ("count", "p50", "p95", "p99", "max")
    lines = [f"{title:<32}" + "".join(f"{column:>9}" for column in columns)]
    for what, row in rows.items():
        times = "".join(f"{row[column]:>9.1f}" for column in columns[1:])
        lines.append(f"{what:<32}{row['count']:>9.0f}{times}")
    return [*lines, ""]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        return _output("sysctl", "-n", "machdep.cpu.brand_string")
    return platform.processor() or platform.machine()


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()
