"""What a server counts, for Prometheus; each server has a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

# Seconds. Drafts are meant to take tens of ms, refines of large models seconds.
_STAGE_BUCKETS = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30,
)  # fmt: skip
_MOMENTS = ("queued", "prepared", "stepped", "decoded", "encoded", "sent")


class Metrics:
    """Counters, gauges and histograms of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        of = self._registry
        self._stages = Histogram(
            "livedraft_stage_seconds",
            "Time of each stage of a frame; 'total' is from received to sent.",
            ["model", "stage"],
            buckets=_STAGE_BUCKETS,
            registry=of,
        )
        self._frames = Counter("livedraft_frames", "Frames sent.", ["model", "stage"], registry=of)
        self._dropped = Counter(
            "livedraft_inputs_dropped", "Inputs that newer ones superseded.", ["model"], registry=of
        )
        self._batches = Histogram(
            "livedraft_batch_jobs",
            "Jobs in the largest model call of a frame.",
            ["model"],
            buckets=(1, 2, 3, 4, 6, 8, 12, 16, 32),
            registry=of,
        )
        self._errors = Counter("livedraft_errors", "Errors by code.", ["code"], registry=of)
        self._late = Counter(
            "livedraft_model_late",
            "Model calls that took longer than model_s.",
            ["model", "phase"],
            registry=of,
        )
        self._sessions = Gauge("livedraft_sessions", "Sessions in place.", registry=of)
        self._queue = Gauge("livedraft_queue", "Clients waiting for a place.", registry=of)
        self._parked = Gauge("livedraft_parked", "Sessions that may be resumed.", registry=of)

    def watch(
        self, sessions: Callable[[], int], queue: Callable[[], int], parked: Callable[[], int]
    ) -> None:
        """Read the gauges from these at each scrape."""
        self._sessions.set_function(sessions)
        self._queue.set_function(queue)
        self._parked.set_function(parked)

    def frame(
        self, model: str, stage: str, timings: Mapping[str, float], dropped: int, batch: int
    ) -> None:
        """Count a frame that was sent; ``timings`` as on the wire, in ms."""
        self._frames.labels(model, stage).inc()
        self._batches.labels(model).observe(batch)
        if dropped:
            self._dropped.labels(model).inc(dropped)
        before = 0.0
        for moment in _MOMENTS:
            if moment in timings:
                self._stages.labels(model, moment).observe((timings[moment] - before) / 1e3)
                before = timings[moment]
        self._stages.labels(model, "total").observe(before / 1e3)
        if "model" in timings:
            self._stages.labels(model, "model").observe(timings["model"] / 1e3)

    def error(self, code: str) -> None:
        """Count an error that a client was told."""
        self._errors.labels(code).inc()

    def late(self, model: str, phase: str) -> None:
        """Count a model call that has not returned in time."""
        self._late.labels(model, phase).inc()

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


__all__ = ["CONTENT_TYPE", "Metrics"]
