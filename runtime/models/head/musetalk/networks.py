"""The three networks, by diffusers' and transformers' own classes: torch begins here."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import load_file
from torch import Tensor
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

from livedraft.errors import WeightsError

from ....plan import Plan
from ...base import Pixels
from .hearing import RATE, ROW, Rows, Samples
from .layout import Layout

Latents = Tensor  # (8, h, w): the crop without its lower half, then the whole crop
# What these classes say of their types is not what they do: to a checker they may be anything.
_UNET: Any = UNet2DConditionModel
_VAE: Any = AutoencoderKL

_STEP = 0  # the one timestep that the UNet was taught with
_TINY_SEED = 0
_TINY_S = 2  # s of sound that the tiny Whisper takes at once

# What torch, diffusers and transformers raise for files that are not what they should be.
_UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    pickle.UnpicklingError,
)


@dataclass(frozen=True, slots=True)
class Networks:
    """What paints mouths, loaded to a device."""

    unet: Any  # UNet2DConditionModel
    vae: Any  # AutoencoderKL
    whisper: WhisperModel
    features: WhisperFeatureExtractor  # log-mel, of whole windows

    @classmethod
    def read(cls, layout: Layout, plan: Plan) -> Self:
        """Load all parts; raise WeightsError for one that is damaged or of another kind."""
        device = _device(plan)
        try:
            networks = cls(
                _unet(layout),
                _VAE.from_pretrained(layout.vae, low_cpu_mem_usage=False),
                WhisperModel.from_pretrained(layout.whisper),
                WhisperFeatureExtractor.from_pretrained(layout.whisper),
            )
        except _UNREADABLE as error:
            raise WeightsError(
                f"the weights of musetalk cannot be read: {str(error)[:300]}",
                fix="fetch them again; " + str(layout.unet_weights.parent),
            ) from error
        networks._check()
        return networks._on(device)

    @classmethod
    def tiny(cls) -> Self:
        """Return small ones of the very classes, with seeded random weights."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_TINY_SEED)
            return cls(*_tiny())._on(torch.device("cpu"))

    def save(self, folder: Path) -> None:
        """Write them as MuseTalk is laid out."""
        unet = folder / "musetalkV15"
        unet.mkdir(parents=True)
        (unet / "musetalk.json").write_text(self.unet.to_json_string(), encoding="utf-8")
        torch.save(self.unet.state_dict(), unet / "unet.pth")
        self.vae.save_pretrained(folder / "sd-vae")
        self.whisper.save_pretrained(folder / "whisper")
        self.features.save_pretrained(folder / "whisper")

    @property
    def window(self) -> int:
        """Rows of sound that Whisper takes at once."""
        return int(self.whisper.config.max_source_positions)

    @property
    def nbytes(self) -> int:
        """The bytes that they hold."""
        parts: tuple[Any, ...] = (self.unet, self.vae, self.whisper)
        return sum(each.nbytes for part in parts for each in part.parameters())

    @torch.inference_mode()
    def hear(self, windows: Sequence[Samples]) -> list[Rows]:
        """Return the hidden states of each window, of all layers: (rows, layers, width) each."""
        given = self.features(list(windows), sampling_rate=RATE, return_tensors="pt")
        mel = given["input_features"].to(self.whisper.device, self.whisper.dtype)
        states = self.whisper.encoder(mel, output_hidden_states=True).hidden_states
        return list(torch.stack(states, dim=2).float().cpu().numpy())

    @torch.inference_mode()
    def seen(self, crop: Pixels) -> Latents:
        """Return what the UNet sees of a crop, uint8 (side, side, 3): once a portrait."""
        picture = _tensor(crop).to(self.vae.device, self.vae.dtype)
        masked = picture.clone()
        masked[:, picture.shape[1] // 2 :] = 0
        both = torch.stack([masked, picture]) * 2 - 1
        found = self.vae.encode(both).latent_dist.mode() * self.vae.config["scaling_factor"]
        return torch.cat([found[0], found[1]])

    @torch.inference_mode()
    def paint(self, seen: Sequence[Latents], heard: Sequence[Rows]) -> list[Pixels]:
        """Return a crop of each, uint8 (side, side, 3), as it looks while that is said."""
        latents = torch.stack(list(seen)).to(self.unet.device, self.unet.dtype)
        sound = torch.from_numpy(np.stack(list(heard))).flatten(1, 2)
        sound = (sound + _positions(sound.shape[1], sound.shape[2])).to(latents)
        made = self.unet(latents, _STEP, encoder_hidden_states=sound).sample
        pictures = self.vae.decode(made / self.vae.config["scaling_factor"]).sample
        levels = (pictures.float() / 2 + 0.5).clamp(0, 1).mul(255).round().byte()
        return list(levels.permute(0, 2, 3, 1).cpu().numpy())

    def _on(self, device: torch.device) -> Self:
        # Half precision is what a GPU is quick at, and most CPUs cannot do.
        dtype = torch.float16 if device.type == "cuda" else torch.float32
        parts: tuple[Any, ...] = (self.unet, self.vae, self.whisper)
        for part in parts:
            part.requires_grad_(False).eval().to(device)
            if dtype != torch.float32:
                part.to(dtype)
        return self

    def _check(self) -> None:
        """Raise WeightsError where a part was not made for the others."""
        hears, width = self.unet.config["cross_attention_dim"], self.whisper.config.d_model
        if hears != width or self.unet.config["in_channels"] != 8:
            raise WeightsError(
                f"a UNet of {self.unet.config['in_channels']} channels that hears {hears} numbers "
                f"cannot be used with a Whisper of {width}",
                fix="MuseTalk goes with openai/whisper-tiny, and its own UNet",
            )


def _unet(layout: Layout) -> Any:
    config = json.loads(layout.unet_config.read_text(encoding="utf-8"))
    unet = _UNET.from_config(config)
    if layout.unet_weights.suffix == ".safetensors":
        weights = load_file(layout.unet_weights)
    else:
        weights = torch.load(layout.unet_weights, map_location="cpu", weights_only=True)
    unet.load_state_dict(weights)
    return unet


def _device(plan: Plan) -> torch.device:
    if plan.device.startswith("cuda") and not torch.cuda.is_available():
        raise WeightsError(
            f"musetalk cannot run on device {plan.device!r} here", fix="use device cpu"
        )
    return torch.device(plan.device)


def _tensor(crop: Pixels) -> Tensor:
    return torch.from_numpy(crop.astype(np.float32) / 255).permute(2, 0, 1)


def _positions(count: int, width: int) -> Tensor:
    """Return sines of places, (count, width): Vaswani et al., "Attention Is All You Need", 2017."""
    place = torch.arange(count, dtype=torch.float32)[:, None]
    turn = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
    return torch.stack([torch.sin(place * turn), torch.cos(place * turn)], dim=2).flatten(1)


def _tiny() -> tuple[Any, Any, WhisperModel, WhisperFeatureExtractor]:
    unet = _UNET(
        sample_size=32,
        in_channels=8,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
        norm_num_groups=4,
    )
    vae = _VAE(
        block_out_channels=(4, 4, 8, 8),  # four, as the real one: latents an eighth as wide
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=2,
    )
    whisper = WhisperConfig(
        vocab_size=64,
        d_model=16,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_source_positions=_TINY_S * RATE // ROW,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    features = WhisperFeatureExtractor(feature_size=whisper.num_mel_bins, chunk_length=_TINY_S)
    return unet, vae, WhisperModel(whisper), features
