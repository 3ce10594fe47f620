"""HDR as sRGB: what is within sRGB comes back, what is brighter rolls off."""

import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.media.codecs.pixels import to_rgb
from livedraft.media.codecs.tones import HLG, PQ, to_sdr

BT_709, BT_2020 = 1, 9
FROM_SRGB = np.array(  # BT.2087, table 2
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)
WHITE, PEAK = 203, 1000  # cd/m2


def graded(colour: NDArray[np.float64], transfer: int) -> NDArray[np.uint16]:
    """Return an sRGB colour (3,), 0 to 255, as HDR has it (1, 1, 3): BT.2100's own direction."""
    level = colour / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    shown = FROM_SRGB @ linear * WHITE
    if transfer == PQ:
        power = (shown / 10_000) ** 0.1593017578125
        code = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    else:
        seen = max(float(shown @ [0.2627, 0.678, 0.0593]) / PEAK, 1e-9)
        scene = shown / PEAK * seen ** (1 / 1.2 - 1)
        above = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        code = np.where(scene <= 1 / 12, np.sqrt(3 * scene), above)
    return np.rint(code * 65535).astype(np.uint16)[None, None]


@pytest.mark.parametrize("transfer", [PQ, HLG], ids=["PQ", "HLG"])
@given(colour=st.lists(st.integers(0, 215), min_size=3, max_size=3))
def test_a_colour_that_srgb_has_comes_back(transfer: int, colour: list[int]) -> None:
    given = np.array(colour, float)
    made = to_sdr(graded(given, transfer), transfer, BT_2020)[0, 0]
    assert np.abs(made - given).max() <= 3


@pytest.mark.parametrize("transfer", [PQ, HLG], ids=["PQ", "HLG"])
def test_brighter_is_never_darker_and_the_brightest_is_white(transfer: int) -> None:
    ramp = np.repeat(np.linspace(0, 65535, 4096).astype(np.uint16)[None, :, None], 3, 2)
    made = to_sdr(ramp, transfer, BT_2020).astype(int)
    assert (np.diff(made, axis=1) >= 0).all()
    assert made[0, 0].tolist() == [0, 0, 0]
    assert made[0, -1].tolist() == [255, 255, 255]
    assert np.ptp(made, axis=2).max() <= 1, "grey stays grey"
    white = 0.75 if transfer == HLG else 0.58  # BT.2408, table 1
    assert 225 <= made[0, round(white * 4095), 1] <= 245, "paper is white, with room for more"


@pytest.mark.parametrize("transfer", [PQ, HLG], ids=["PQ", "HLG"])
def test_a_bright_light_keeps_its_hue(transfer: int) -> None:
    bright = np.array([[[65535, 40000, 20000]]], np.uint16)
    red, green, blue = to_sdr(bright, transfer, BT_709)[0, 0].astype(int)
    assert red >= 250
    assert red > green + 20
    assert green > blue + 20


def test_a_deep_colour_that_srgb_has_not_is_the_nearest_it_has() -> None:
    green = np.array([[[0, 30000, 0]]], np.uint16)
    red, most, blue = to_sdr(green, HLG, BT_2020)[0, 0]
    assert (red, blue) == (0, 0)
    assert most > 100


def test_alpha_of_hdr_is_laid_on_the_background() -> None:
    pixels = np.zeros((16, 16, 4), np.uint16)
    pixels[:, 8:] = 65535
    frame = VideoFrame.from_ndarray(pixels, "rgba64le")
    frame.color_trc = HLG
    made = to_rgb(frame, "vp9", (10, 20, 30))
    assert made[8, 2].tolist() == [10, 20, 30]
    assert made[8, 12].tolist() == [255, 255, 255]
