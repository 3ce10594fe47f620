"""Damaged pictures: whatever decoders make of them, the answer is pixels or InvalidImage, soon."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from tests.costs import cpu_seconds

from livedraft.errors import InvalidImage
from livedraft.media import images, sources

CASES = sorted((Path(__file__).parent / "cases").iterdir())
PROFILE = (
    ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"mine")
)
SEED = 20_262
MUTANTS = 150  # of each kind
MOST_S = 0.5  # of CPU, for a picture of at most so many px; a millisecond for most
MOST_PIXELS = 512 * 512


def saved(mode: str, kind: str, **how: object) -> bytes:
    """Return a small picture that holds all that a file may hold."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9286] = b'ASCII\x00\x00\x00{"livedraft": 1}'
    gradient = Image.linear_gradient("L").resize((40, 30))
    made = gradient.convert("RGB").quantize(16) if mode == "P" else gradient.convert(mode)
    out = io.BytesIO()
    made.save(out, kind, exif=exif, icc_profile=PROFILE, **how)
    return out.getvalue()


FRAMES = {
    "save_all": True,
    "append_images": [Image.new("RGB", (40, 30), c) for c in ("red", "blue")],
}
KINDS: dict[str, bytes] = {
    **{f"png-{mode}": saved(mode, "PNG") for mode in ("1", "L", "LA", "I;16", "P", "RGB", "RGBA")},
    "png-clear": saved("P", "PNG", transparency=3),
    "png-moving": saved("RGB", "PNG", **FRAMES),
    **{f"jpeg-{mode}": saved(mode, "JPEG") for mode in ("L", "RGB", "CMYK")},
    "jpeg-progressive": saved("RGB", "JPEG", progressive=True),
    "webp": saved("RGB", "WEBP"),
    "webp-alpha": saved("RGBA", "WEBP"),
    "webp-lossless": saved("RGBA", "WEBP", lossless=True),
    "webp-moving": saved("RGB", "WEBP", **FRAMES),
    **{path.name: path.read_bytes() for path in CASES},
}


def mutant(rng: random.Random, data: bytes) -> bytes:
    """Return a file with flipped, lost, repeated, foreign or odd bytes."""
    made = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(made) + 1) if rng.random() < 0.5 else rng.randrange(64)
        how = rng.randrange(5)
        if how == 0 and at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            made[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"])
        elif how == 2:
            del made[at : at + rng.randrange(1, 30)]
        elif how == 3:
            made[at:at] = made[at : at + rng.randrange(1, 200)]
        else:
            made[at:] = rng.choice(list(KINDS.values()))[at:]
    return bytes(made[: rng.randrange(len(made) + 1)] if rng.random() < 0.1 else made)


def answer(data: bytes, within: tuple[int, int] | None = None) -> Image.Image | InvalidImage:
    """Return what comes of a picture, which must be one of these; anything else is raised."""
    answers: list[Image.Image | InvalidImage] = []

    def ask() -> None:
        try:
            answers.append(images.decode(data, MOST_PIXELS, within=within))
        except InvalidImage as refusal:
            answers.append(refusal)

    assert cpu_seconds(ask, enough=MOST_S) < MOST_S
    image = answers[-1]
    if isinstance(image, InvalidImage):
        return image
    assert image.mode in ("RGB", "RGBA")
    assert image.width * image.height <= MOST_PIXELS
    assert len(image.tobytes()) == image.width * image.height * len(image.mode)
    return image


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_pixels_or_a_refusal(kind: str) -> None:
    rng = random.Random(f"{SEED} {kind}")
    answers = []
    for _ in range(MUTANTS):
        data = mutant(rng, KINDS[kind])
        answers.append(answer(data))
        answer(data, within=(16, 16))
        try:
            sources.load(data)
            sources.pack(data, 64, 64, alpha=True)
        except InvalidImage:
            continue
    refused = [each for each in answers if isinstance(each, InvalidImage)]
    assert all(each.fix for each in refused)
    assert len(refused) < MUTANTS


@pytest.mark.parametrize("name", ["gama-after-idat.png", "iccp-cut.png", "damaged_exif.jpg"])
def test_a_good_picture_survives_damage_beside_its_pixels(name: str) -> None:
    assert isinstance(answer(KINDS[name]), Image.Image)


@pytest.mark.parametrize("raised", [KeyError, IndexError, OverflowError, RecursionError, EOFError])
def test_whatever_a_decoder_raises_is_a_refusal(
    raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise raised("odd")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(InvalidImage, match="odd"):
        images.decode(KINDS["png-RGB"])
    with pytest.raises(InvalidImage, match="odd"):
        sources.load(Image.open(io.BytesIO(KINDS["png-RGB"])))


def test_the_mutants_are_not_all_refused_nor_all_harmless() -> None:
    rng = random.Random(SEED)
    some = [answer(mutant(rng, data)) for data in KINDS.values() for _ in range(5)]
    share = sum(isinstance(each, InvalidImage) for each in some) / len(some)
    assert 0.2 < share < 0.9
