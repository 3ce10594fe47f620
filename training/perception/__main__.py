"""Fetch, convert and check the networks of perception: `python -m training.perception`.

Writes runtime/models/perception/weights/, and prints how far each network is from the original on
a photograph; one that is too far is an error, and nothing is written.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.perception.weights import WEIGHTS

from . import environment, halving
from .sources import NETWORKS, Network, fetch

CACHE = Path(".cache/perception")
MOST_ERROR = 5e-3  # of an output, see ``relative_error``


def main() -> None:
    """Parse the command line, and bring the networks up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument(
        "--python", type=Path, help="of an environment with: " + ", ".join(environment.PACKAGES)
    )
    options = parser.parse_args()
    cache: Path = options.cache.resolve()
    found = [(network, fetch(network, cache)) for network in NETWORKS]
    python = options.python or environment.made(cache / "environment")
    with tempfile.TemporaryDirectory() as work:
        made = [convert(python, network, path, Path(work)) for network, path in found]
        for path in made:
            (WEIGHTS / path.name).write_bytes(path.read_bytes())
    sums = [(hashlib.sha256(path.read_bytes()).hexdigest(), path) for path in shipped()]
    (WEIGHTS / "SHA256SUMS").write_text("".join(f"{sum}  {path.name}\n" for sum, path in sums))


def shipped() -> list[Path]:
    """Return the files of networks that are in the package."""
    return sorted(WEIGHTS.glob("*.onnx"))


def convert(python: Path, network: Network, source: Path, work: Path) -> Path:
    """Return a network as it is shipped, compared with the original."""
    given, outputs = work / "given.npy", work / "outputs.npz"
    picture = photograph(network)
    np.save(given, picture)
    whole, target = work / f"{network.name}-whole.onnx", work / f"{network.name}.onnx"
    environment.convert(python, source, whole, given, outputs)
    halving.kept(whole, target, network.outputs)
    run = opened(target.read_bytes(), network.name, threads=1)
    with np.load(outputs) as original:
        for theirs, ours in network.outputs.items():
            (now,) = run.run_all([ours], picture=picture)
            error = relative_error(now, original[theirs])
            size = target.stat().st_size
            print(f"{network.name:16} {size:9,} bytes  {ours:10} relative error {error:.1e}")
            if error > MOST_ERROR:
                raise ValueError(f"{network.name} is not what it was converted from")
    return target


def photograph(network: Network) -> NDArray[np.float32]:
    """Return a picture of what a network looks at, (1, side, side, 3)."""
    person: Pixels = data.astronaut()
    if network.close:
        person = person[:240, 104:344]  # her face
    size = (network.side, network.side)
    pixels = cv2.resize(person, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return (pixels[None] / 255 * (1 - network.least) + network.least).astype(np.float32)


def relative_error(now: NDArray[Any], before: NDArray[Any]) -> float:
    """Return the root mean square of what differs, relative to that of what was."""
    return float(np.linalg.norm(now - before) / np.linalg.norm(before))


if __name__ == "__main__":
    main()
