"""Renew the golden frames, and look at each: `python -m tests.runtime.models.tryon.golden`."""

from PIL import Image
from tests.runtime.models.tryon.golden.cases import CASES, frame_of, made

from livedraft.runtime.models.tryon.model import TryOn


def main() -> None:
    """Write each frame anew as the model makes it now."""
    model = TryOn.tiny()
    for case in CASES:
        Image.fromarray(made(model, *case)).save(frame_of(*case), quality=85, method=6)
        print(frame_of(*case).name)


if __name__ == "__main__":
    main()
