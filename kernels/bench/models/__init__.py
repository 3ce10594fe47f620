"""Small models around our operations, to see what a kernel is worth where it is used.

A block of a transformer, of a UNet or autoencoder, or a few calls of a stream, with random
weights: the shapes of SD-Turbo, TAESD, klein-4B and Wan-1.3B on a GPU, tiny ones elsewhere. A
kernel that is three times faster may be one percent of its model.
"""

from __future__ import annotations

from collections.abc import Mapping

from .drawing import Model
from .picture import decoded, encoded, group_normed, residual, upsampled
from .sequence import (
    activated,
    attended,
    gate_added,
    gated,
    gated_and_normed,
    normed,
    quantised,
    swish_gated,
)
from .stream import skipping, streamed

MODELS: Mapping[str, Model] = {
    "bias_residual_nhwc": residual,
    "frame_similarity": skipping,
    "gated_norm_modulate": gated_and_normed,
    "gated_residual": gate_added,
    "geglu": gated,
    "gelu_tanh": activated,
    "group_norm_silu": group_normed,
    "norm_modulate": normed,
    "pixels_in": encoded,
    "pixels_out": decoded,
    "qk_norm_rope": attended,
    "quantize_rowwise": quantised,
    "stream_step": streamed,
    "swiglu": swish_gated,
    "upsample_nearest2x_nhwc": upsampled,
}
