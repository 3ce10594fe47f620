"""Draw a cat stroke by stroke from Python, keep the frames that come back, write them as a GIF."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

import livedraft

Stroke = list[tuple[int, int]]  # points on a sheet of 256 × 256 px

CAT: list[Stroke] = [
    [(62, 112), (56, 42), (64, 34), (102, 66), (128, 63), (154, 66), (192, 34), (200, 42)],
    [(200, 42), (194, 112), (205, 145), (192, 186), (158, 213), (128, 218)],
    [(128, 218), (98, 213), (64, 186), (51, 145), (62, 112)],
    [(92, 122), (104, 122), (104, 140), (92, 140), (92, 122)],
    [(152, 122), (164, 122), (164, 140), (152, 140), (152, 122)],
    [(118, 160), (138, 160), (128, 172), (118, 160)],
    [(128, 172), (122, 186), (104, 184)],
    [(128, 172), (134, 186), (152, 184)],
    [(78, 164), (24, 152)],
    [(178, 164), (232, 152)],
]


def draw(session: livedraft.Session) -> list[Image.Image]:
    """Send the drawing after each stroke; return what came back, each beside its sketch."""
    sheet = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(sheet)
    shown: list[Image.Image] = []
    frames = session.frames()
    for stroke in CAT:
        pen.line(stroke, fill="black", width=4, joint="curve")
        session.send(sheet)
        frame = next(frames)
        print(f"frame {frame.id}: {frame.stage}, {frame.timings['model']:.0f} ms of the model")
        shown.append(beside(sheet, frame.image))
    return shown


def beside(sketch: Image.Image, picture: Image.Image) -> Image.Image:
    """Return both on white paper, side by side."""
    both = Image.new("RGB", (2 * sketch.width, sketch.height), "white")
    for x, image in ((0, sketch), (sketch.width, picture.resize(sketch.size).convert("RGBA"))):
        both.paste(image, (x, 0), image)
    return both


def main(url: str = "http://127.0.0.1:7860", folder: str = ".") -> None:
    """Draw at the server ``url``; write ``cat.gif`` and ``cat.png`` into a folder."""
    out = Path(folder)
    with livedraft.Client(url) as client, client.session(prompt="orange cat", seed=7) as session:
        first, *rest = draw(session)
        final = session.refine()
    first.save(out / "cat.gif", save_all=True, append_images=rest, duration=300, loop=0)
    final.save(out / "cat.png")
    print(f"wrote {out / 'cat.gif'} and {out / 'cat.png'}, which carries {final.recipe}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except livedraft.LivedraftError as error:  # such as a server that was not started
        sys.exit(f"Error: {error}")
