"""Stable Audio: sound of words, by a scheduler that remembers, so that each job has its own."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import diffusers
import torch
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from torch import Generator, Tensor

from livedraft.errors import InvalidParams, ModelFailed
from livedraft.runtime.compute.denoise import Conditioning, drawn
from livedraft.runtime.compute.sampling import forked, rewinding

from ..asked import Asked, Text
from ..family import Family
from ..tiny_flow import t5_tokenizer
from ..tiny_sound import autoencoder, edm_scheduler, projection, t5_of, transformer

_DIFFUSERS: Any = diffusers


@dataclass(slots=True, eq=False)
class Sounding:
    """A sound on its way."""

    latents: Tensor  # (1, channels, length)
    scheduler: Any
    further: dict[str, Any]  # arguments of the scheduler's step
    text: Tensor  # a row for each output that is asked for
    durations: Tensor
    guidance: float
    seconds: float
    step: int = 0

    @property
    def time(self) -> Tensor:
        """The timestep that it stands at."""
        found: Tensor = self.scheduler.timesteps[self.step]
        return found

    @property
    def rows(self) -> int:
        """Outputs that a step asks for: two with guidance."""
        return len(self.text)


class StableAudio(Family):
    """Evans et al., "Stable Audio Open", 2024: a transformer over latents of a sound."""

    pipeline: ClassVar[str] = "StableAudioPipeline"
    drafts_small: ClassVar[bool] = False

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return a pipeline of its classes."""
        return _DIFFUSERS.StableAudioPipeline(
            autoencoder(), t5_of(8), projection(8), t5_tokenizer(), transformer(8), edm_scheduler()
        )

    @property
    def native(self) -> tuple[int, int]:
        """Of pictures, which there are none of."""
        return 1, 1

    @property
    def rate(self) -> int:
        """Samples a second."""
        return int(self.pipe.vae.config.sampling_rate)

    @property
    def channels(self) -> int:
        """Of its sound."""
        return int(self.pipe.vae.config.audio_channels)

    @property
    def most_s(self) -> float:
        """How long a sound may be, s."""
        length = int(self.pipe.transformer.config.sample_size) * int(self.pipe.vae.hop_length)
        return min(length / self.rate, float(self.pipe.projection_model.config.max_value))

    def read(self, prompt: str) -> Text:
        """Encode a prompt."""
        return Text({"embeds": self.pipe.encode_prompt(prompt, self.device, False)})

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return what goes into a call, of a sound as long as may be."""
        unlike = None if asked.negative is None else self._zeros(asked.text)
        text, durations = self._joined(asked.text, unlike, self.most_s)
        return [{"encoder_hidden_states": text, "global_hidden_states": durations}]

    @torch.inference_mode()
    def begin_sound(
        self,
        text: Text,
        unlike: Text | None,
        guidance: float,
        seconds: float,
        steps: int,
        seed: int,
    ) -> Sounding:
        """Return noise, as diffusers draws it; raise InvalidParams for too long a sound.

        ``unlike`` is what the sound shall not be; without one, guidance leads away from nothing.
        """
        if seconds > self.most_s:
            raise InvalidParams(
                f"seconds is {seconds:g}", fix=f"these weights make {self.most_s:g} s at the most"
            )
        guided = guidance > 1
        other = (unlike or self._zeros(text)) if guided else None
        rows, durations = self._joined(text, other, seconds, zeros=guided and unlike is None)
        scheduler = copy.deepcopy(self.pipe.scheduler)
        scheduler.set_timesteps(steps, device=self.device)
        config, generator = self.pipe.transformer.config, Generator("cpu").manual_seed(seed)
        shape = (1, int(config.in_channels), int(config.sample_size))
        blank = torch.empty(shape, dtype=rows.dtype, device=self.device)
        latents = drawn(blank, generator) * scheduler.init_noise_sigma
        taken = inspect.signature(scheduler.step).parameters
        further = {"generator": generator} if "generator" in taken else {}
        return Sounding(latents, scheduler, further, rows, durations, guidance, seconds)

    @torch.inference_mode()
    def go_on(self, sounds: Sequence[Sounding]) -> None:
        """Take a step of each in one call of the transformer, whatever step each stands at."""
        entered = [
            each.scheduler.scale_model_input(each.latents, each.time).expand(each.rows, -1, -1)
            for each in sounds
        ]
        times = [each.time.reshape(1).expand(each.rows) for each in sounds]
        length = sounds[0].latents.shape[2] + sounds[0].durations.shape[1]
        made = self.pipe.transformer(
            torch.cat(entered),
            torch.cat(times),
            encoder_hidden_states=torch.cat([each.text for each in sounds]),
            global_hidden_states=torch.cat([each.durations for each in sounds]),
            rotary_embedding=get_1d_rotary_pos_embed(
                self.pipe.rotary_embed_dim, length, use_real=True, repeat_interleave_real=False
            ),
            return_dict=False,
        )[0]
        after: list[tuple[Any, Tensor]] = []  # of all, before one of them is a step further
        with rewinding([each.further["generator"] for each in sounds if each.further]):
            for each, rows in zip(sounds, made.split([each.rows for each in sounds]), strict=True):
                told = rows[:1] + each.guidance * (rows[1:] - rows[:1]) if each.rows == 2 else rows
                own = forked(each.scheduler)
                stepped = own.step(told, each.time, each.latents, **each.further)
                after.append((own, stepped.prev_sample))
        for each, (own, latents) in zip(sounds, after, strict=True):
            each.scheduler, each.latents = own, latents
            each.step += 1

    @torch.inference_mode()
    def heard(self, sound: Sounding) -> Tensor:
        """Return a sound, (channels, samples), -1 to 1 and a little beyond; raise ModelFailed."""
        wave = self.pipe.vae.decode(sound.latents.to(self.pipe.vae.dtype)).sample[0].float()
        if not bool(torch.isfinite(wave).all()):
            raise ModelFailed(
                "the model returned values that are not finite", fix="try another seed or dtype"
            )
        found: Tensor = wave[:, : int(sound.seconds * self.rate)]
        return found

    def form(self, sound: Sounding) -> Hashable:
        """Return what sounds of one call share."""
        return tuple(sound.text.shape[1:])

    def _zeros(self, text: Text) -> Text:
        return Text({"embeds": torch.zeros_like(self._embeds(text))})

    @staticmethod
    def _embeds(text: Text) -> Tensor:
        found = text.rows["embeds"]
        assert isinstance(found, Tensor), "as read"
        return found

    def _joined(
        self, text: Text, other: Text | None, seconds: float, *, zeros: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Return prompts with their durations, a row each; one of nothing has no duration."""
        begin, end = self.pipe.encode_duration(0.0, seconds, self.device, False, 1)
        rows = [torch.cat([self._embeds(text), begin, end], dim=1)]
        if other is not None:
            beside = torch.cat([self._embeds(other), begin, end], dim=1)
            rows.insert(0, torch.zeros_like(beside) if zeros else beside)
        durations = torch.cat([begin, end], dim=2)
        return torch.cat(rows), torch.cat([durations] * len(rows))
