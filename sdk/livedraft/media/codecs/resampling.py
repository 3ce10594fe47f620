"""Sound of any rate and layout to 16-bit PCM at a wanted one, in a stream, sample for sample."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
from av.filter import Graph

from livedraft.errors import InvalidMedia

from ..chunks import MOST_CHANNELS, RATES, AudioChunk, microseconds
from .ffmpeg import refusals

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAYOUTS = dict(enumerate(["mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1"], start=1))
SLACK_US = 20_000  # that a chunk's pts may differ from the samples before it, and still follow them


class Resampler:
    """Turns chunks into int16 at ``rate`` Hz and of ``channels``, as exactly as samples allow.

    Of n samples in a row come n × rate / their rate, rounded: however long, and however they were
    cut into chunks. A chunk whose pts leaves a gap, or whose rate is another, begins a new row.
    Raises InvalidMedia for a rate or channels that sound does not have.
    """

    def __init__(self, rate: int, channels: int) -> None:
        if rate not in RATES or channels not in LAYOUTS:
            raise InvalidMedia(
                f"sound of {channels} channels at {rate} Hz",
                fix=f"ask for 1 to {MOST_CHANNELS} channels, {RATES[0]} to {RATES[-1]} Hz",
            )
        self._rate = rate
        self._channels = channels
        self._row: _Row | None = None

    def push(self, chunk: AudioChunk) -> list[AudioChunk]:
        """Take a chunk; return what is ready: some ms may wait for the samples that follow."""
        made: list[AudioChunk] = []
        if self._row is not None and not self._row.goes_on(chunk):
            made = self.flush()
        if self._row is None:
            self._row = _Row(chunk, self._rate, self._channels)
        return made + self._row.push(chunk)

    def flush(self) -> list[AudioChunk]:
        """Return the rest of what was pushed; what comes next begins a new row."""
        row, self._row = self._row, None
        return row.end() if row is not None else []


class _Row:
    """Samples without a gap."""

    def __init__(self, first: AudioChunk, rate: int, channels: int) -> None:
        self._pts = first.pts
        self._from = (first.rate, first.channels, first.samples.dtype)
        self._graph = _graph(first, rate, channels)
        self._taken = 0  # samples in
        self._made = 0  # samples out
        self._rate = rate
        self._channels = channels

    def goes_on(self, chunk: AudioChunk) -> bool:
        """Tell whether a chunk follows on the samples so far."""
        due = self._pts + microseconds(self._taken, self._from[0])
        same = self._from == (chunk.rate, chunk.channels, chunk.samples.dtype)
        return same and abs(chunk.pts - due) <= SLACK_US

    def push(self, chunk: AudioChunk) -> list[AudioChunk]:
        if not len(chunk):
            return []
        flat: Any = np.ascontiguousarray(chunk.samples).reshape(1, -1)
        if flat.dtype == np.float32:  # a NaN would be heard long after it, and at full volume
            flat = np.nan_to_num(flat, nan=0.0, posinf=1.0, neginf=-1.0)
        frame = av.AudioFrame.from_ndarray(flat, _format(chunk.samples), LAYOUTS[chunk.channels])
        frame.sample_rate = chunk.rate
        frame.pts, frame.time_base = self._taken, Fraction(1, chunk.rate)
        self._taken += len(chunk)
        with refusals():
            return self._taken_from(self._resampled(frame), self._due)

    def _resampled(self, frame: av.AudioFrame | None) -> list[av.AudioFrame]:
        """Return what is ready after a frame, or with None the rest."""
        self._graph.push(frame)
        made: list[av.AudioFrame] = []
        with suppress(BlockingIOError, EOFError):  # it wants more; it has no more
            while True:
                made.append(cast("av.AudioFrame", self._graph.pull()))
        return made

    def end(self) -> list[AudioChunk]:
        if not self._taken:
            return []
        with refusals():
            made = self._taken_from(self._resampled(None), self._due)
        missing = self._due - self._made
        if missing > 0:  # the filter's tail fell short of it
            made.append(self._chunk(np.zeros((missing, self._channels), np.int16)))
        return made

    @property
    def _due(self) -> int:
        """How many samples there are to be of those taken."""
        return (2 * self._taken * self._rate + self._from[0]) // (2 * self._from[0])

    def _taken_from(self, frames: list[av.AudioFrame], most: int) -> list[AudioChunk]:
        made = []
        for frame in frames:
            samples = cast("NDArray[np.int16]", frame.to_ndarray()).reshape(-1, self._channels)
            samples = samples[: most - self._made]
            if len(samples):
                made.append(self._chunk(samples))
        return made

    def _chunk(self, samples: NDArray[np.int16]) -> AudioChunk:
        pts = self._pts + microseconds(self._made, self._rate)
        self._made += len(samples)
        return AudioChunk(samples, self._rate, pts)


def _graph(first: AudioChunk, rate: int, channels: int) -> Graph:
    """Return what resamples sound like this, on the caller's thread.

    PyAV's AudioResampler is the same with as many threads as the machine has cores, which do
    nothing: each session would have several such sets.
    """
    made = Graph()
    made.threads = 1
    source = made.add_abuffer(
        sample_rate=first.rate,
        format=_format(first.samples),
        layout=LAYOUTS[first.channels],
        time_base=Fraction(1, first.rate),
    )
    wanted = {"sample_rates": str(rate), "sample_fmts": "s16", "channel_layouts": LAYOUTS[channels]}
    made.link_nodes(source, made.add("aformat", **wanted), made.add("abuffersink")).configure()
    return made


def _format(samples: NDArray[Any]) -> str:
    return "s16" if samples.dtype == np.int16 else "flt"
