"""A picture that nobody may see, known again in bytes and in pixels."""

import io
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = b"nobody-may-read-this"
COLOUR = (13, 37, 211)


def write_secret(path: Path) -> None:
    """Write the picture."""
    chunks = PngInfo()
    chunks.add_text("secret", SECRET.decode())
    Image.new("RGB", (8, 8), COLOUR).save(path, pnginfo=chunks)


def holds_secret(data: bytes) -> bool:
    """Return whether bytes are or hold the secret, encoded anew or not."""
    if SECRET in data:
        return True
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError, ValueError):
        return False
    pixel = image.getpixel((0, 0))
    return isinstance(pixel, tuple) and all(
        abs(a - b) < 8 for a, b in zip(pixel, COLOUR, strict=True)
    )
