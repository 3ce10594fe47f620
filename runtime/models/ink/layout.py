"""What the parts of `ink` agree on: sizes, counts and the order of styles."""

from __future__ import annotations

SIZE = 256  # px, what the networks read and a draft has
SIZES = (256, 512, 1024)  # px, of refined pictures: each is painted from the one before
CELLS = 64  # a side of coarse pictures, hints and region maps
STYLES = ("flat", "shaded", "3d", "noto")
COLOURS = 6  # entries of a palette
CHOICES = 5  # palettes that are proposed for a prompt; the first is the likeliest
LOOKS, KEY = 4, 32  # looks at the remembered palettes, and the width of each
PALETTE_NOISE = CHOICES + LOOKS * KEY
TEXT_DIM = 128  # of a word vector
TIGHT, LOOSE = 20, 12  # regions kept: of the lines as drawn, and of the lines with gaps closed
REGIONS = TIGHT + LOOSE
ENOUGH = 0.25  # share of a region with ink from which a stroke counts in full there,
ENOUGH_CELLS = (0.5, 2.5)  # within these bounds
MAX_STEPS = 4  # of the colour net: a draft from nothing, then refinements of the last prediction
