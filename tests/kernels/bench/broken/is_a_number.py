"""Has a number where the function should be."""

layer_norm = 3
