"""LoRAs of a live session: what a swap costs it, and what it feels of others that come and go."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livedraft import Client, Session
from livedraft.runtime.models.ink import WEIGHTS

from .drawing import jpegs
from .harness import Goal, Result, command, option, stages, summary
from .server import serving

WARM_UP = 5  # swaps


@dataclass(frozen=True, slots=True)
class Options:
    """Change the weights of ink's LoRAs, each time to a mix that was not asked for before."""

    swaps: int = option(40, "how many")
    changes: int = option(20, "LoRAs that are attached and detached while another session draws")
    drafts: int = option(8, "of that session in a turn, with a change and without")


def measure(options: Options) -> Result:
    """Return the time to the next frame: after a swap, and after a change that costs nothing."""
    took: dict[str, list[float]] = {"with another mix": [], "with other lines": []}
    prepared: dict[str, list[float]] = {name: [] for name in took}
    with serving("ink") as server, Client(server.url) as client:
        names = [lora.name for lora in client.models()[0].loras]
        with client.session("ink", prompt="an orange cat") as session:
            session.send(jpegs(256)[-1])
            session.next_frame()
            for n in range(options.swaps + WARM_UP):
                weight = (n + 1) / (options.swaps + WARM_UP)
                changes: dict[str, dict[str, Any]] = {
                    "with another mix": {"loras": dict.fromkeys(names, weight)},
                    "with other lines": {"lines": weight},
                }
                for name, change in changes.items():
                    trip, prepare = _change(session, change)
                    if n >= WARM_UP:
                        took[name].append(trip)
                        prepared[name].append(prepare)
    result = Result("lora_swap", asdict(options) | {"loras": names})
    for name in took:
        result.ms[f"next frame {name}"] = summary(took[name])
        result.ms[f"its preparation {name}"] = summary(prepared[name])
    swap, other = (result.ms[f"next frame {name}"]["p50"] for name in took)
    result.goals.append(Goal("what a LoRA swap adds to a frame, p50", swap - other, 50, "ms"))
    _while_others_come_and_go(options, result)
    return result


def _while_others_come_and_go(options: Options, result: Result) -> None:
    """Time drafts in turns: nothing happens, a LoRA is attached, it is detached."""
    turns: dict[str, str | None] = {
        "nothing happens": None,
        "a LoRA is attached": f'new = "{WEIGHTS / "loras" / "pastel.safetensors"}"',
        "it is detached": "",
    }
    drafts: dict[str, list[float]] = {what: [] for what in turns}
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "livedraft.toml"
        settings.write_text("loras = {}\n")
        with serving("ink", config=settings) as server, Client(server.url) as client:
            with client.session("ink", prompt="an orange cat") as session:
                for n in range(options.changes + WARM_UP):
                    for what, loras in turns.items():
                        if loras is not None:
                            settings.write_text(f"loras = {{{loras}}}\n")
                            os.kill(server.pid, signal.SIGHUP)
                        took = _drawn(session, options.drafts, bool(loras))
                        drafts[what] += took if n >= WARM_UP else []
    for what, took in drafts.items():
        result.ms[f"draft while {what}"] = summary(took)
    quiet, *others = (summary(took)["p95"] for took in drafts.values())
    for what, p95 in zip(list(turns)[1:], others, strict=True):
        goal = Goal(f"p95 of drafts while {what}, by that of no change", p95 / quiet, 2, "times")
        result.goals.append(goal)


def _drawn(session: Session, count: int, attached: bool) -> list[float]:
    """Return the times of so many drafts, ms, and of more until the change has been heard of."""
    sketch = jpegs(256)[-1]
    took: list[float] = []
    while len(took) < count or attached != any(one.name == "new" for one in session.model.loras):
        start = time.perf_counter()
        session.send(sketch)
        session.next_frame()
        took.append((time.perf_counter() - start) * 1e3)
    return took


def _change(session: Session, change: dict[str, Any]) -> tuple[float, float]:
    """Return the time to the next frame and of its preparation, both ms."""
    start = time.perf_counter()
    session.update(**change)
    frame = session.next_frame()
    trip = (time.perf_counter() - start) * 1e3
    assert frame is not None, "the session is open"
    return trip, stages(frame.timings)["prepared"]


if __name__ == "__main__":
    command(measure, Options)
