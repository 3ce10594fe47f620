"""Swapping LoRAs in a live session: what the first frame with another mix costs."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from livedraft import Client, Session

from .drawing import jpegs
from .harness import Goal, Result, command, option, stages, summary
from .server import serving

WARM_UP = 5  # swaps


@dataclass(frozen=True, slots=True)
class Options:
    """Change the weights of ink's LoRAs, each time to a mix that was not asked for before."""

    swaps: int = option(40, "how many")


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
    return result


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
