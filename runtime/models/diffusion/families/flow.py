"""What families that were taught by flow matching share: their schedule, and latents as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising
from livedraft.runtime.compute.flow import flow
from livedraft.runtime.compute.sampling import Sampler

from ...caches import cached
from ..asked import Asked
from ..family import Family

_SAMPLERS = 64  # that are kept
_WORDS = "words"  # of a user, in a chat


class FlowFamily(Family):
    """A transformer that was taught straight ways from noise to a picture."""

    most_tokens: ClassVar[int]  # of a prompt, that its encoder reads

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        flow(pipe.scheduler, 1)  # one that cannot step is refused as it is loaded

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return the sampler of what is asked for, shifted by the size of the picture."""
        strength = asked.strength if asked.seen is not None else 1.0
        return cached(
            self._samplers,
            (asked.steps, strength, guidance, asked.width, asked.height),
            lambda: flow(
                self.pipe.scheduler,
                asked.steps,
                strength,
                guidance,
                shift=self.shift(asked),
                least=self.least,
            ).to(self.device),
            _SAMPLERS,
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that its autoencoder was taught, px."""
        side = int(self.pipe.vae.config.sample_size)
        return side, side

    @property
    def least(self) -> float | None:
        """What ``flow`` takes by that name."""
        return None

    def shift(self, asked: Asked) -> float:
        """Return how far the schedule is shifted, by the scheduler's line through two sizes."""
        config = self.pipe.scheduler.config
        few, many = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
        low, high = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
        slope = (high - low) / (many - few)
        return float(self.tokens(asked) * slope + (low - slope * few))

    def tokens(self, asked: Asked) -> int:
        """Return the tokens of a picture: one for two by two latents."""
        factor = 2 * int(self.pipe.vae_scale_factor)
        return (asked.width // factor) * (asked.height // factor)


@dataclass(frozen=True)
class Tokens(Denoiser):
    """A transformer that takes latents as tokens of ``patch`` by ``patch`` each."""

    patch: int = 2
    joins: bool = True

    def ordered(self, latents: Tensor) -> Tensor:
        """Return latents as tokens."""
        return packed(latents, self.patch)

    def decoded(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """Return latents of the tokens."""
        return unpacked(x, shape, self.patch)

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return the latents' tokens, and behind them those of the pictures to refer to.

        A call has these where the network takes all of them.
        """
        tokens = super().enter(way, call)
        others = call.get(self.latents)
        return tokens if others is None else torch.cat([tokens, others], dim=1)

    def straight(self, call: Conditioning) -> bool:
        """Say whether there are no pictures to refer to, whose tokens would come behind."""
        kind = type(self)
        own = kind.enter is Tokens.enter and kind.combined is Tokens.combined
        return own and self.latents not in call

    def told(self, time: Tensor) -> Tensor:
        """Return a time from 1 to 0."""
        return time / 1000

    def combined(self, way: Denoising, outputs: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the latents' tokens alone."""
        output, base = super().combined(way, outputs)
        own = way.x.shape[1]
        if output.shape[1] == own:
            return output, base
        return output[:, :own], None if base is None else base[:, :own]


def packed(latents: Tensor, patch: int) -> Tensor:
    """Return latents (rows, channels, h, w) as tokens (rows, h * w / patch², channels * patch²)."""
    return F.pixel_unshuffle(latents, patch).flatten(2).transpose(1, 2).contiguous()


def unpacked(tokens: Tensor, shape: Sequence[int], patch: int) -> Tensor:
    """Return tokens as latents of a shape (1, channels, h, w); tokens behind them go."""
    high, wide = shape[2] // patch, shape[3] // patch
    grid = tokens[:, : high * wide].transpose(1, 2).unflatten(2, (high, wide))
    return F.pixel_shuffle(grid, patch)


def unread(tokenizer: Any, prompt: str, most: int) -> str:
    """Return the end of a prompt beyond so many tokens, which an encoder does not read."""
    tokens = tokenizer(prompt, add_special_tokens=False, verbose=False)["input_ids"]
    return str(tokenizer.decode(tokens[most:])).strip()


def before(tokenizer: Any) -> int:
    """Return how many tokens of a chat come before what its user says."""
    message = {"role": "user", "content": _WORDS}
    chat = tokenizer.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
    return len(tokenizer(chat.partition(_WORDS)[0], add_special_tokens=False)["input_ids"])
