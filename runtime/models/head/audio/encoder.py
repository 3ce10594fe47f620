"""The net that hears: sound to 15 visemes and 6 mouth controls, a row a 10 ms, 80 ms late."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import count

import numpy as np
from numpy.typing import NDArray

from .. import weights
from ..visemes import CONTROLS, VISEMES
from .features import LEAD, RATE, ROW, Normalisation, Rows, Spectra
from .resampling import Resampler

WIDTH = len(VISEMES) + len(CONTROLS)  # of a row
ROW_US = 10_000
_BLOCK = 16  # rows that the net takes at once: of more BLAS makes work for threads, which wait

_LIMITS = np.array([[0.0, -1.0, 0, 0, 0, 0], [1.0] * 6], np.float32)  # of the controls


class AudioEncoder:
    """Hears a stream. Row ``i`` tells of the sound from ``i`` to ``i + 1`` hundredths of a second.

    The net is a stack of causal convolutions (Bai et al., "An Empirical Evaluation of Generic
    Convolutional and Recurrent Networks for Sequence Modeling", 2018) over log-mel rows; it looks
    ahead by reading rows later than it writes them.
    """

    def __init__(self, rate: int = RATE) -> None:
        """Hear sound of `rate` Hz, 8,000 to 192,000."""
        self._resampling = rate
        self._net = _net()
        self.reset()

    @property
    def lookahead_us(self) -> int:
        """How much later than its own end a row comes."""
        ahead = self._net.ahead * ROW + LEAD
        return round((ahead / RATE + self._resampler.delay) * 1e6)

    def reset(self) -> None:
        """Forget what was heard: the next row is row 0 of another stream."""
        self._resampler = Resampler(self._resampling)
        self._spectra = Spectra()
        self._normalisation = Normalisation()
        self._past = self._net.silence()
        self._early = self._net.ahead  # rows that the net writes before the first's time

    def push(self, samples: NDArray[np.float32]) -> Rows:
        """Return the rows (m, 21) that came with samples (n,) of -1..1: visemes, then controls.

        The 15 visemes are probabilities; the controls are as `visemes.CONTROLS` says. What is no
        number is taken for silence, and what is beyond full scale for full scale.
        """
        clean = np.clip(np.nan_to_num(samples, nan=0, posinf=0, neginf=0), -1, 1)
        spectra = self._spectra.push(self._resampler.push(clean.astype(np.float32, copy=False)))
        if not len(spectra):
            return np.zeros((0, WIDTH), np.float32)
        heard = self._normalisation.push(spectra)
        blocks = [heard[start : start + _BLOCK] for start in range(0, len(heard), _BLOCK)]
        rows = np.concatenate([self._net.run(block, self._past) for block in blocks])
        skipped = min(self._early, len(rows))
        self._early -= skipped
        return _readable(rows[skipped:])


def _readable(rows: Rows) -> Rows:
    """Return what the net wrote as probabilities, and as controls within their limits."""
    scores = rows[:, : len(VISEMES)]
    powers = np.exp(scores - scores.max(1, keepdims=True))
    visemes = powers / powers.sum(1, keepdims=True)
    controls = np.clip(rows[:, len(VISEMES) :], *_LIMITS)
    return np.concatenate([visemes, controls], 1)


class Net:
    """The convolutions, with the past that each needs kept by who runs them."""

    def __init__(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take arrays as the training's export names them; kernels are (taps, in, out)."""
        self.ahead = int(arrays["ahead"])
        self._dilations = [1, *map(int, arrays["dilations"])]
        self._kernels = []
        self._biases = []
        for index in count():
            kernel = arrays.get(f"{index}.kernel")
            if kernel is None:
                break
            self._kernels.append(kernel.astype(np.float32))
            self._biases.append(arrays[f"{index}.bias"].astype(np.float32))
        self._out = arrays["out.kernel"].astype(np.float32)
        self._out_bias = arrays["out.bias"].astype(np.float32)

    def silence(self) -> list[Rows]:
        """Return the past of each layer before anything was heard."""
        return [
            np.zeros(((len(kernel) - 1) * dilation, kernel.shape[1]), np.float32)
            for kernel, dilation in zip(self._kernels, self._dilations, strict=True)
        ]

    def run(self, rows: Rows, past: list[Rows]) -> Rows:
        """Return (m, 21) for features (m, 40); what the next call needs is left in `past`."""
        hidden = rows
        for layer, kernel in enumerate(self._kernels):
            joined = np.concatenate([past[layer], hidden])
            past[layer] = joined[len(hidden) :]
            dilation = self._dilations[layer]
            taps = [
                joined[tap * dilation : tap * dilation + len(hidden)] for tap in range(len(kernel))
            ]
            made = np.concatenate(taps, 1) @ kernel.reshape(-1, kernel.shape[2])
            made = np.maximum(made + self._biases[layer], 0)
            hidden = hidden + made if layer else made
        return np.asarray(hidden @ self._out + self._out_bias, np.float32)


@cache
def _net() -> Net:
    """Return the net that ships; it holds no state, so that all streams share it."""
    data = files(weights).joinpath("hearing.npz").read_bytes()
    with np.load(BytesIO(data)) as file:
        return Net({name: file[name] for name in file.files})
