"""What runs in a process of Pico's: lines of JSON in, sound out; it ends when nobody asks more.

A file of its own, that imports nothing of ours: so it starts in 50 ms and holds 14 MB.
"""

from __future__ import annotations

import json
import sys

from py_nanotts import NanoTTS

READY = b"\n"  # said once, first


def main() -> None:
    """Answer each line with the bytes of its sound behind their number; 0 where there is none."""
    voice = NanoTTS()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        try:
            sound = voice.speak(**asked)
        except (RuntimeError, ValueError):  # of the engine: this text is beyond it
            sound = b""
        sys.stdout.buffer.write(len(sound).to_bytes(4, "little") + sound)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
