"""Keys and values that cross-attention makes of a text, computed once for all its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

TEXT = "encoder_hidden_states"  # the argument that has a text, or what was computed of it
_BEFORE = ("caption_projection", "caption_norm")  # what a text passes before all layers
_NORMS_WHOLE = "SanaAttnProcessor2_0"  # keys are normed before they are parted into heads
_PROCESSORS = ("AttnProcessor2_0", _NORMS_WHOLE)
_UNUSUAL = ("group_norm", "spatial_norm", "norm_cross", "residual_connection")


class TextKV(nn.Module):
    """A network of diffusers whose call may have, in a text's place, the keys and values of it.

    These are of four axes, (rows, 1, tokens, width): those of all layers beside each other. They
    depend on the text, the weights and the LoRAs that a row wears, and on nothing that changes
    from step to step. A call with a text, of three axes, is the network's own.
    """

    def __init__(self, network: Any) -> None:
        """Take a network for which ``readers`` finds some layers."""
        super().__init__()
        self.network = network
        self._reading = readers(network)
        for each in self._reading.values():
            each.set_processor(_Processor(each.processor))
        self._widths = [each.inner_kv_dim for each in self._reading.values() for _ in "kv"]
        blocks = getattr(network, "_repeated_blocks", None)
        self._repeated_blocks = blocks  # that are compiled by themselves, as diffusers declares

    def of(self, text: Tensor) -> Tensor:
        """Return keys and values of texts, (rows, tokens, width), as a call takes them."""
        for part in (getattr(self.network, name, None) for name in _BEFORE):
            text = text if part is None else part(text)
        made: list[Tensor] = []
        for layer in self._reading.values():
            key = layer.to_k(text)
            made += [key if layer.norm_k is None else layer.norm_k(key), layer.to_v(text)]
        return torch.cat(made, -1)[:, None]

    def forward(self, encoder_hidden_states: Tensor, **given: Any) -> Any:
        """Return what the network does."""
        if encoder_hidden_states.ndim == 3:
            return self.network(encoder_hidden_states=encoder_hidden_states, **given)
        kept = encoder_hidden_states[:, 0].split(self._widths, -1)
        processors = [layer.processor for layer in self._reading.values()]
        for number, processor in enumerate(processors):
            processor.kept = kept[2 * number], kept[2 * number + 1]
        try:
            return self.network(encoder_hidden_states=self._blank(encoder_hidden_states), **given)
        finally:
            for processor in processors:
                processor.kept = None

    def _blank(self, like: Tensor) -> Tensor:
        """Return a text of one token, which no layer looks at."""
        width = self.network.config.get("caption_channels", 1)
        return like.new_zeros(len(like), 1, width)


def readers(network: Any) -> Mapping[str, Any]:
    """Return the layers of a network that read a text, by path.

    None where one of them, or the network, reads it in another way than by keys and values alone.
    """
    found = {
        path: each
        for path, each in network.named_modules()
        if isinstance(each, Attention) and each.is_cross_attention
    }
    config = network.config
    told = config.get("addition_embed_type") in (None, "text_time") and not config.get(
        "encoder_hid_dim_type"
    )
    return found if told and all(map(_plain, found.values())) else {}


def _plain(layer: Any) -> bool:
    processor = type(layer.processor).__name__
    normed = layer.norm_k is None or processor == _NORMS_WHOLE
    added = layer.added_kv_proj_dim is not None
    unusual = any(getattr(layer, name, None) for name in _UNUSUAL)
    return processor in _PROCESSORS and normed and not added and not unusual


class _Processor:
    """What a layer does in diffusers, with the keys and values that are kept while there are."""

    def __init__(self, own: Any) -> None:
        self.own = own
        self.kept: tuple[Tensor, Tensor] | None = None  # (rows, tokens, width)

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **more: Any,
    ) -> Tensor:
        """Return a layer's output, of (rows, places, width)."""
        if self.kept is None:
            made: Tensor = self.own(
                attn, hidden_states, encoder_hidden_states, attention_mask, **more
            )
            return made
        query = attn.to_q(hidden_states)
        if attn.norm_q is not None:
            query = attn.norm_q(query)
        rows, tokens = self.kept[0].shape[:2]
        if attention_mask is not None:
            mask: Tensor = attn.prepare_attention_mask(attention_mask, tokens, rows)
            attention_mask = mask.view(rows, attn.heads, -1, mask.shape[-1])
        query, key, value = (
            each.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for each in (query, *self.kept)
        )
        read = F.scaled_dot_product_attention(query, key, value, attn_mask=attention_mask)
        out, dropout = attn.to_out
        said: Tensor = dropout(out(read.transpose(1, 2).flatten(2))) / attn.rescale_output_factor
        return said
