"""Train the net: `python -m training.restyle.train --minutes 60`.

The same command continues where the last one ended, on a CPU or a GPU. Needs the pack that
`python -m training.restyle.data` writes; leaves a checkpoint and a montage.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from livedraft.runtime.models.restyle.tuning.examples import Crops
from livedraft.runtime.models.restyle.tuning.judge import Judge

from ..data.packed import HELD, JUDGE, LEARNED, TEACHER, arrays, read
from ..teacher.net import StyleNet
from .fitting import Fit, fit
from .montage import montage
from .stepping import recorded, written
from .targets import Targets

CACHE = Path(".cache/restyle")
STEPPING = {"recorded": recorded, "written": written}


def main() -> None:
    """Parse the command line and train."""
    begun = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, default=CACHE / "pack")
    parser.add_argument("--out", type=Path, default=CACHE, help="folder of net.pt and montage.jpg")
    parser.add_argument("--minutes", type=float, default=60.0, help="in all, over all runs")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--side", type=int, default=256, help="pixels of a picture")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--room", type=int, default=1152, help="pairs that are kept")
    parser.add_argument("--renewed", type=int, default=8, help="updates between new pairs")
    parser.add_argument("--start", type=Path, help="checkpoint or graph to take weights from")
    parser.add_argument("--stepping", choices=STEPPING, help="recorded on a GPU by default")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    try:
        _train(options, begun)
    finally:
        torch.set_flush_denormal(False)  # whoever called this may go on


def _train(options: argparse.Namespace, begun: float) -> None:
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    device = torch.device(options.device)
    options.out.mkdir(parents=True, exist_ok=True)
    teacher = StyleNet(arrays(options.pack, TEACHER)).to(device)
    judge = Judge(arrays(options.pack, JUDGE)).to(device)
    crops = Crops(read(options.pack, LEARNED).values(), device)
    targets = Targets(crops, teacher, options.side, options.room)
    one = Fit(targets, judge, device, options.batch)
    if options.start:
        one.begin(options.start)
    print(f"{time.monotonic() - begun:.1f} s to begin; {targets.room} pairs", flush=True)
    stepping = options.stepping or ("recorded" if device.type == "cuda" else "written")
    file, seconds = options.out / "net.pt", 60 * options.minutes
    fit(one, file, seconds, options.renewed, STEPPING[stepping], begun)
    kept = read(options.pack, HELD)
    montage(one.average, teacher, kept, options.out / "montage.jpg", device)


if __name__ == "__main__":
    main()
