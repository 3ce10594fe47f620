"""Names of layers in the UNets of Stability, which kohya keeps for SDXL, as those of diffusers."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"(input_blocks|output_blocks)_(\d+)_(\d+)_(.+)")
_MIDDLE = re.compile(r"middle_block_([012])_(.+)")
_MIDDLES = {"0": "resnets_0", "1": "attentions_0", "2": "resnets_1"}
_OUTER = {
    "input_blocks_0_0": "conv_in",
    "out_2": "conv_out",
    "time_embed_0": "time_embedding_linear_1",
    "time_embed_2": "time_embedding_linear_2",
    "label_emb_0_0": "add_embedding_linear_1",
    "label_emb_0_2": "add_embedding_linear_2",
}
_IN_RESNET = {
    "in_layers_2": "conv1",
    "out_layers_3": "conv2",
    "emb_layers_1": "time_emb_proj",
    "skip_connection": "conv_shortcut",
}


def from_sgm(name: str, depth: int) -> str:
    """Return diffusers' flat name for one of Stability's; ``depth`` is the resnets of a down block.

    Blocks are counted through there: each level has ``depth`` of them and its downsampler going
    down, one more going up. A name that is none of these is returned as it is.
    """
    if name in _OUTER:
        return _OUTER[name]
    if middle := _MIDDLE.fullmatch(name):
        return f"mid_block_{_MIDDLES[middle[1]]}_{_IN_RESNET.get(middle[2], middle[2])}"
    block = _BLOCK.fullmatch(name)
    if not block:
        return name
    side, index, inner, rest = block[1], int(block[2]), int(block[3]), block[4]
    down = side == "input_blocks"
    level, at = divmod(index - 1 if down else index, depth + 1)
    where = f"{'down' if down else 'up'}_blocks_{level}"
    if rest == "op":
        return f"{where}_downsamplers_0_conv"
    if rest == "conv":  # after the attention of a block that has one
        return f"{where}_upsamplers_0_conv"
    return f"{where}_{('resnets', 'attentions')[min(inner, 1)]}_{at}_{_IN_RESNET.get(rest, rest)}"
