"""What the publishers of weights allow, as their model cards have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Licence:
    """What the publisher of weights allows."""

    name: str
    commercial: Literal["yes", "capped", "no"]
    says: str  # what it forbids or asks for, in a sentence
    url: str


# Models whose licence stands here as it is known, and was not compared with what their publisher
# says: of AnyFlow only cards of other sizes were seen ("other"). The others were compared with
# - their card on the hub, or its head as the hub shows it: sdxl, sdxl-inpaint, sd-2.1, pixart
#   (openrail++), animatediff-lightning (creativeml-openrail-m), z-image-turbo (apache-2.0),
#   sdxl-turbo, sdxl-lightning, sana-sprint, hidream, lcm, flux2-klein, hunyuan-video;
# - that card where it was published before (runwayml): sd-1.5 and sd-1.5-inpaint (creativeml-
#   openrail-m), beside lllyasviel's of sd-1.5-scribble (openrail);
# - a copy of that card: sd3 (stabilityai-ai-community), stable-audio (stable-audio-community, which
#   was for non-commercial use at first), flux-kontext (flux-1-dev-non-commercial-license);
# - the publisher's repository: flux-schnell, flux-dev, flux-fill (black-forest-labs/flux), wan,
#   wan-i2v, wan-2.1-i2v, wan-5b (Wan-Video), mochi (genmoai/mochi), qwen-image, qwen-image-edit.
UNCHECKED = frozenset({"anyflow"})


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

OPENRAIL = Licence(
    "CreativeML Open RAIL++-M",
    "yes",
    "free to use, also commercially, but for the uses that its list forbids",
    "https://huggingface.co/PixArt-alpha/PixArt-LCM-XL-2-1024-MS",
)
NVIDIA = Licence(
    "NVIDIA NSCL v2-custom, with Gemma's terms",
    "no",
    "for research and evaluation alone, not for commercial use; Gemma 2, which reads its prompts, "
    "is under Google's Gemma Terms of Use and its Prohibited Use Policy as well",
    "https://huggingface.co/Efficient-Large-Model/Sana_Sprint_0.6B_1024px_diffusers",
)

MIT = Licence(
    "MIT",
    "yes",
    "free to use, also commercially; keep its notice",
    "https://opensource.org/license/mit",
)

OPENRAIL_M = Licence(
    "CreativeML Open RAIL-M",
    "yes",
    "free to use, also commercially, but for the harmful uses that it lists",
    "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
)

FLUX_DEV = Licence(
    "FLUX.1 dev Non-Commercial License",
    "no",
    "the model is for non-commercial use, unless Black Forest Labs sells a licence for more",
    "https://huggingface.co/black-forest-labs/FLUX.1-dev/blob/main/LICENSE.md",
)

FLUX_KLEIN = Licence(
    "FLUX Non-Commercial License",
    "no",
    "the model is for non-commercial use, unless Black Forest Labs sells a licence for more",
    "https://huggingface.co/black-forest-labs/FLUX.2-klein-9b-kv/blob/main/LICENSE.md",
)

TENCENT = Licence(
    "Tencent Hunyuan Community License",
    "capped",
    "free of charge up to 100 million monthly users, and not in the European Union, the United "
    "Kingdom and South Korea",
    "https://huggingface.co/tencent/HunyuanVideo/blob/main/LICENSE",
)

UNNAMED = Licence(
    "other",
    "no",
    "its card says no more than that it is a licence of its own: read it before any use",
    "https://huggingface.co/nvidia/AnyFlow-FAR-Wan2.1-1.3B-Diffusers",
)

HIDREAM = Licence(
    "MIT, with Llama 3.1 Community License",
    "capped",
    "its own weights are free to use; Llama 3.1, which reads its prompts, is free of charge up to "
    "700 million monthly users, but for the uses that its policy forbids",
    "https://huggingface.co/HiDream-ai/HiDream-I1-Full",
)
