"""``slow-video``: frames as they came, after a time; ``benchmarks.webrtc_server`` serves it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from livedraft.runtime.models.base import ModelInfo, Params, Request
from livedraft.runtime.models.loopback import (
    Loopback,
    LoopbackJob,
    LoopbackParams,
    LoopbackState,
)


@dataclass(slots=True, eq=False)
class _SlowJob(LoopbackJob):
    """What came, and how long to hold it."""

    delay_s: float


class SlowVideo(Loopback):
    """Loopback whose calls take ``delay_ms``."""

    info: ModelInfo = replace(
        Loopback.info,
        id="slow-video",
        title="Slow video",
        inputs=Loopback.info.inputs[:1],
        outputs=Loopback.info.outputs[:1],
    )
    params: ClassVar[type[Params]] = LoopbackParams

    def _job(self, state: LoopbackState, request: Request[LoopbackParams]) -> LoopbackJob:
        made = super()._job(state, request)
        return _SlowJob(made.key, made.steps, made.outputs, request.params.delay_ms / 1e3)

    def step(self, jobs: Sequence[LoopbackJob]) -> None:
        """Take the time of the slowest."""
        time.sleep(max(job.delay_s for job in jobs if isinstance(job, _SlowJob)))
        super().step(jobs)
