"""Qwen-Image-Edit: pictures that both the language model and the transformer look at."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus
from PIL import Image
from torch import Tensor

from livedraft.media.images import on_white
from livedraft.runtime.compute.denoise import Conditioning

from ...base import Pixels
from ..asked import Asked, Seen, Text
from .flow import packed
from .qwen import MASK, TEXT, Qwen

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TRANSFORMERS: Any = transformers
_EDIT: Any = pipeline_qwenimage_edit_plus
_SEEN, _READ = _EDIT.VAE_IMAGE_SIZE, _EDIT.CONDITION_IMAGE_SIZE  # px of a picture, at most
_PAD = "<|image_pad|>"
_GRID = 32  # px of a side, of which diffusers takes a multiple


class QwenEdit(Qwen):
    """Wu et al., "Qwen-Image Technical Report" (arXiv 2508.02324), of 2509 and later.

    Pictures are looked at as large as the result, up to the 1024 by 1024 px that it was taught and
    diffusers always takes: a small draft costs less. They are laid out for the language model by
    hand, since the library's own processor of pictures and films needs torchvision.
    """

    pipeline = "QwenImageEditPlusPipeline"
    unused = ("processor",)
    refers = True
    reads_pictures = True

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        if pipe.processor is None:
            folder = Path(pipe.config._name_or_path) / "processor"
            found = _TRANSFORMERS.Qwen2VLImageProcessorPil.from_pretrained(folder)
            pipe.register_modules(processor=found)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `qwen-image-edit` is, small."""
        parts = super().tiny_pipe()
        own = _TRANSFORMERS.Qwen2VLImageProcessorPil()
        pipe = _DIFFUSERS.QwenImageEditPlusPipeline(**parts.components, processor=own)
        pipe.default_sample_size = parts.default_sample_size
        for block in pipe.transformer.transformer_blocks:  # or references would hardly matter
            block.attn.to_v.weight.data *= 8
        return pipe

    def seen_size(self, picture: Pixels, width: int, height: int) -> tuple[int, int]:
        """Return a size of a picture's own form, as large as the result."""
        return _sized(picture, min(_SEEN, width * height))

    @torch.inference_mode()
    def see(
        self, pictures: Sequence[Pixels], width: int, height: int, small: bool, frames: int = 1
    ) -> list[Seen]:
        """Encode pictures, made smaller or larger by the library's filter, without chance."""
        resize = self.pipe.image_processor.preprocess
        shown = torch.cat([resize(_opaque(each), height, width) for each in pictures])
        vae = self._vae(small)
        return self.encoded(vae, shown.to(self.device, vae.dtype))

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the latents of pictures, without chance."""
        return [Seen(seen.mean, None) for seen in super().encoded(vae, frames)]

    @torch.inference_mode()
    def read_beside(self, prompt: str, pictures: Sequence[Pixels], width: int, height: int) -> Text:
        """Encode a prompt with the pictures that it speaks of."""
        shown = "".join(
            f"Picture {number + 1}: <|vision_start|>{_PAD}<|vision_end|>"
            for number in range(len(pictures))
        )
        chat = self.pipe.prompt_template_encode.format(shown + prompt)
        given: dict[str, Tensor] = {}
        if pictures:
            processor, area = self.pipe.processor, min(_READ, _READ * width * height // _SEEN)
            smaller = [self._smaller(each, area) for each in pictures]
            laid_out = processor(images=smaller, return_tensors="pt")
            given = {name: each.to(self.device) for name, each in laid_out.items()}
            tokens = laid_out["image_grid_thw"].prod(-1) // processor.merge_size**2
            head, *tails = chat.split(_PAD)
            chat = head + "".join(
                _PAD * count + tail for count, tail in zip(tokens.tolist(), tails, strict=True)
            )
        words = self.pipe.tokenizer(chat, return_tensors="pt").to(self.device)
        made = self.pipe.text_encoder(
            input_ids=words["input_ids"],
            attention_mask=words["attention_mask"],
            output_hidden_states=True,
            **given,
        )
        text = made.hidden_states[-1][:, self.pipe.prompt_template_encode_start_idx :]
        return Text({TEXT: text.to(self.pipe.text_encoder.dtype), MASK: None})

    def read(self, prompt: str) -> Text:
        """Encode a prompt that speaks of no picture."""
        return self.read_beside(prompt, (), 0, 0)

    def key(self, asked: Asked) -> tuple[Hashable, ...]:
        """Return whether a step takes a second call, and the sizes of the pictures."""
        return (*super().key(asked), *(tuple(seen.mean.shape) for seen in asked.others))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text as for pictures of words, and the tokens of the other pictures."""
        calls = super().conditioned(asked)
        if not asked.others:
            return calls
        latents = [seen.mean for seen in asked.others]
        others = torch.cat([packed(each, 2) for each in latents], dim=1)
        sizes = [(1, each.shape[2] // 2, each.shape[3] // 2) for each in latents]
        return [
            {**call, "img_shapes": [[*call["img_shapes"][0], *sizes]], "hidden_states": others}
            for call in calls
        ]

    def _smaller(self, picture: Pixels, area: int) -> Image.Image:
        """Return a picture as large as the language model looks at it."""
        width, height = _sized(picture, area)
        made: Image.Image = self.pipe.image_processor.resize(_opaque(picture), height, width)
        return made


def _sized(picture: Pixels, area: int) -> tuple[int, int]:
    """Return width and height of so many px in a picture's form, each of 32 px or more."""
    high, wide = picture.shape[:2]
    width, height = _EDIT.calculate_dimensions(area, wide / high)
    return max(width, _GRID), max(height, _GRID)


def _opaque(picture: Pixels) -> Image.Image:
    """Return a picture for Pillow, on white paper."""
    return on_white(Image.fromarray(np.ascontiguousarray(picture)))
