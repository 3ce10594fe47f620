"""Measure lip-sync: `python -m training.head.evaluate`.

Recorded speech drives a photograph; FaceMesh judges the frames. Writes lips.json and the mouths
of ten recordings, frame by frame, to the output folder. Needs Debian's packages
pocketsphinx-testdata and asterisk-core-sounds-en-g722.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from itertools import islice
from pathlib import Path

from skimage import data

from livedraft.runtime.models.head import weights
from livedraft.runtime.models.head.photograph import prepare

from . import REPORT
from .drives import DRIVES, of_peer
from .peers import PEERS
from .recordings import recordings
from .report import evaluate, table

SHOWN = "ours"
_NET = Path(weights.__file__).parent / "hearing.npz"


def main() -> None:
    """Draw, judge, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/head"))
    parser.add_argument("--count", type=int, default=1000, help="recordings; fewer are quicker")
    parser.add_argument("--drives", default=",".join(DRIVES), help="of these, some")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[], help="others, too")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = {name: DRIVES[name] for name in options.drives.split(",")}
    chosen |= {name: of_peer(name) for name in options.peers}
    spoken = list(islice(recordings(), options.count))
    face = prepare(data.astronaut())
    report = evaluate(face, spoken, chosen, SHOWN, options.out)
    print(table(report.drives))
    found = {"weights": _weights(), **report.as_dict()}
    (options.out / REPORT.name).write_text(json.dumps(found, indent=2) + "\n")


def _weights() -> str:
    """Return which weights were measured: the SHA-256 of their file."""
    return hashlib.sha256(_NET.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
