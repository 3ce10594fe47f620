"""Renew the avatars' golden frames: `python -m tests.runtime.models.head.avatar.golden`."""

from PIL import Image
from tests.runtime.models.head.avatar.golden.cases import CASES, frame_of, made

from livedraft.runtime.models.head.avatar import load


def main() -> None:
    """Write each anew as it is drawn now."""
    for avatar in CASES:
        file = frame_of(avatar)
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(made(load(avatar), avatar)).save(file, quality=80, method=6)
        print(file.name)


if __name__ == "__main__":
    main()
