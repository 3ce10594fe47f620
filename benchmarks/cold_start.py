"""Cold start: the command's help, the import, a server that is ready."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .harness import Goal, Result, command, option, summary
from .server import serving

_TIMED_IMPORT = """
import time
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Options:
    """Measure the time from a process' start to its use, each in fresh processes."""

    runs: int = option(10, "fresh processes for help and imports")
    servers: int = option(5, "fresh servers")
    model: str = option("ink", "the model that the server loads")


def measure(options: Options) -> Result:
    """Return the times in ms; the goals are judged by the slowest run."""
    result = Result("cold_start", asdict(options))
    runs = range(options.runs)
    ready = f"server ready with {options.model}"
    result.ms = {
        "livedraft --help": summary(_help_ms() for _ in runs),
        "import livedraft": summary(import_ms("import livedraft") for _ in runs),
        "from livedraft import Client": summary(
            import_ms("from livedraft import Client") for _ in runs
        ),
        ready: summary(_ready_ms(options.model) for _ in range(options.servers)),
    }
    limits = {"livedraft --help": 300, "import livedraft": 200, ready: 8000}
    result.goals = [
        Goal(what + ", slowest run", result.ms[what]["max"], limit, "ms")
        for what, limit in limits.items()
    ]
    return result


def _help_ms() -> float:
    start = time.perf_counter()
    script = Path(sys.executable).with_name("livedraft")
    subprocess.run([script, "--help"], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1e3


def import_ms(statement: str) -> float:
    """Return how long a fresh process takes for an import."""
    done = subprocess.run(
        [sys.executable, "-c", _TIMED_IMPORT.format(statement)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout) * 1e3


def _ready_ms(model: str) -> float:
    with serving(model) as server:
        return server.ready_s * 1e3


if __name__ == "__main__":
    command(measure, Options)
