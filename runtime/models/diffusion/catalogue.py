"""The table of names: what each model is, what its licence allows, where it is published.

Nothing here imports torch, so a list of the models costs nothing. A name stands here as soon as
its family has a driver, and not before. Licences are told as their publishers' model cards have
them; bytes are the published sizes of the weights at two bytes each, rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Licence:
    """What the publisher of weights allows."""

    name: str
    commercial: Literal["yes", "capped", "no"]
    says: str  # what it forbids or asks for, in a sentence
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that is served by name, from weights in diffusers' layout."""

    id: str
    title: str
    task: str
    licence: Licence
    hub: str  # where it is published: owner/name
    pipelines: tuple[str, ...]  # classes that its model_index.json may name, the published first
    components: Mapping[str, int]  # that hold weights, with their rough bytes at bfloat16
    width: int  # px, native
    height: int  # px
    draft_steps: int
    max_steps: int
    family: str  # that drives it: "module:Class" in ``families``

    @property
    def rough_bytes(self) -> int:
        """What all its weights take at bfloat16, where nobody has counted yet."""
        return sum(self.components.values())


STABILITY = Licence(
    "Stability AI Community License",
    "capped",
    "free of charge below a yearly revenue of 1,000,000 US dollars; above it an enterprise "
    "licence is needed",
    "https://stability.ai/license",
)

APACHE = Licence(
    "Apache-2.0",
    "yes",
    "free to use, also commercially; keep its notices",
    "https://www.apache.org/licenses/LICENSE-2.0",
)

_ENTRIES = (
    Entry(
        id="sd-turbo",
        title="SD-Turbo",
        task="sketch-to-image",
        licence=STABILITY,
        hub="stabilityai/sd-turbo",
        pipelines=("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"),
        components={"unet": 1732 * 10**6, "text_encoder": 681 * 10**6, "vae": 167 * 10**6},
        width=512,
        height=512,
        draft_steps=1,
        max_steps=8,
        family="unet:UNet",
    ),
    Entry(
        id="flux-schnell",
        title="FLUX.1 schnell",
        task="sketch-to-image",
        licence=APACHE,
        hub="black-forest-labs/FLUX.1-schnell",
        pipelines=("FluxPipeline", "FluxImg2ImgPipeline"),
        components={
            "transformer": 23802 * 10**6,
            "text_encoder_2": 9525 * 10**6,
            "text_encoder": 246 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="flux:Flux",
    ),
    Entry(
        id="flux2-klein",
        title="FLUX.2 klein 4B",
        task="image-editing",
        licence=APACHE,
        hub="black-forest-labs/FLUX.2-klein-4B",
        pipelines=("Flux2KleinPipeline",),
        components={
            "transformer": 7751 * 10**6,
            "text_encoder": 8045 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="klein:Klein",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.id: entry for entry in _ENTRIES}


def what_is_said(name: str) -> str:
    """Return what a model's licence forbids or asks for; empty where that is not known here."""
    return CATALOGUE[name].licence.says if name in CATALOGUE else ""
