"""Renew the golden frames, and look at each.

`python -m tests.runtime.models.head.photograph.golden`
"""

from PIL import Image
from tests.runtime.models.head.photograph.golden.cases import CASES, frame_of, made


def main() -> None:
    """Write each frame anew as it is drawn now."""
    for name, frame in made():
        assert name in CASES
        Image.fromarray(frame).save(frame_of(name), quality=85, method=6)
        print(frame_of(name).name)


if __name__ == "__main__":
    main()
