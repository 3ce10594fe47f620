"""Keys of LoRA files: which part, module and matrix each of the field's three namings means.

    kohya       lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight, ….alpha
    diffusers   unet.down_blocks.0.attentions.0.proj_in.lora.down.weight, of old files
                unet.….attn1.processor.to_q_lora.down.weight
    PEFT        unet.down_blocks.0.attentions.0.proj_in.lora_A.weight, base_model.model.…

kohya parts the names of modules by the mark that stands in them, too, so a module is known here by
its *flat* name, with `_` for every dot; what it is in a network is `fit`'s to find.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

DENOISER = "denoiser"  # whatever a file calls it: unet, transformer, diffusion_model or nothing
Piece = Literal["down", "up", "mid", "alpha"]

_PARTS = {  # the beginnings of keys; the longer ones first
    "lora_unet_": DENOISER,
    "lora_transformer_": DENOISER,
    "lora_te1_": "text_encoder",
    "lora_te2_": "text_encoder_2",
    "lora_te3_": "text_encoder_3",
    "lora_te_": "text_encoder",
    "lycoris_": DENOISER,
    "unet.": DENOISER,
    "transformer.": DENOISER,
    "transformer_2.": "denoiser_2",
    "text_encoder_3.": "text_encoder_3",
    "text_encoder_2.": "text_encoder_2",
    "text_encoder.": "text_encoder",
    "diffusion_model.": DENOISER,
    "model.diffusion_model.": DENOISER,
}
_WHOLE = "base_model.model."  # PEFT's own files, of one network each
_PIECE = re.compile(
    r"(?:[._]lora(?:_linear_layer)?\.(?P<old>down|up)"
    r"|\.lora_(?P<kohya>down|up|mid)"
    r"|\.lora_(?P<peft>[AB])(?:\.[^.]+)?)\.weight$"
    r"|\.(?P<alpha>alpha)$"
)
_OTHER = (  # ends of keys of what is no LoRA, or more than one
    (re.compile(r"\.(?:dora_scale|lora_magnitude_vector(?:\.\w+)?)$"), "DoRA"),
    (re.compile(r"\.hada_[wt]\d\w*$"), "LoHa"),
    (re.compile(r"\.lokr_[wt]\d\w*$"), "LoKr"),
    (re.compile(r"\.(?:oft|boft)_\w+$"), "OFT"),
    (re.compile(r"\.lora_embedding_[AB](?:\.\w+)?$"), "a LoRA of an embedding"),
    (re.compile(r"\.lora_(?:[AB](?:\.\w+)?|up|down)\.bias$"), "a LoRA with biases"),
    (re.compile(r"\.(?:diff(?:_b)?|set_weight|w_norm|b_norm)$"), "a set of whole weights"),
    (re.compile(r"\.on_input$|\.ia3_\w+$"), "IA³"),
)


class Key(NamedTuple):
    """What a key means."""

    part: str  # DENOISER, denoiser_2, text_encoder, text_encoder_2, …
    module: str  # its flat name
    piece: Piece
    dotted: str  # the module as the file spells it, without its part


def parsed(key: str) -> Key | None:
    """Return what a key means, None if it is no part of a LoRA."""
    found = _PIECE.search(key)
    if found is None:
        return None
    part, dotted = _parted(key[: found.start()])
    return Key(part, _flat(dotted), _piece(found), dotted)


def kind_of(key: str) -> str:
    """Return what a key that is no part of a LoRA is part of, such as DoRA, or nothing."""
    return next((kind for end, kind in _OTHER if end.search(key)), "")


def flat(path: str) -> str:
    """Return a module's flat name."""
    return path.replace(".", "_")


def _parted(name: str) -> tuple[str, str]:
    name = name.removeprefix(_WHOLE)
    for beginning, part in _PARTS.items():
        if name.startswith(beginning):
            return part, name.removeprefix(beginning).removeprefix(_WHOLE)
    return DENOISER, name


def _piece(found: re.Match[str]) -> Piece:
    word = found["old"] or found["kohya"] or found["peft"] or found["alpha"]
    pieces: dict[str, Piece] = {"A": "down", "B": "up", "mid": "mid", "alpha": "alpha"}
    return pieces.get(word) or ("down" if word == "down" else "up")


def _flat(dotted: str) -> str:
    """Return the flat name, of old files too, which named the processors of attention."""
    name = flat(dotted).replace("_processor_", "_")
    return re.sub(r"_self_attn_to_(q|k|v|out)$", r"_self_attn_\1_proj", name)
