"""The models by name, loaded when first asked for; third parties add theirs by entry point."""

from __future__ import annotations

import inspect
from collections.abc import Collection

from livedraft.errors import ModelFailed, ModelNotFound
from livedraft.registry import Registry

from .base import AnyModel, Plan
from .diffusion.catalogue import what_is_said
from .licences import check_licence

DEFAULT = "ink"

_UNET = "livedraft.runtime.models.diffusion.unet_models"
_STREAMS = "livedraft.runtime.models.diffusion.streams"
_FLOW = "livedraft.runtime.models.diffusion.flow_models"
_VIDEO = "livedraft.runtime.models.diffusion.video_models"

MODELS: Registry[type[AnyModel]] = Registry(
    "livedraft.models",
    {
        "ink": "livedraft.runtime.models.ink:Ink",
        "pose": "livedraft.runtime.models.perception.pose_model:PoseModel",
        "parse": "livedraft.runtime.models.perception.parse_model:ParseModel",
        "face": "livedraft.runtime.models.perception.face_model:FaceModel",
        "echo": "livedraft.runtime.models.echo:Echo",
        "loopback": "livedraft.runtime.models.loopback:Loopback",
        "tryon": "livedraft.runtime.models.tryon.model:TryOn",
        "head": "livedraft.runtime.models.head.model:Head",
        "musetalk": "livedraft.runtime.models.head.musetalk.model:MuseTalk",
        "sd-turbo": f"{_UNET}:SDTurbo",
        "sdxl-turbo": f"{_UNET}:SDXLTurbo",
        "sdxl-lightning": f"{_UNET}:SDXLLightning",
        "lcm": f"{_UNET}:LCMDreamshaper",
        "sd-1.5": f"{_UNET}:SD15",
        "sd-1.5-scribble": f"{_UNET}:Scribble",
        "sd-1.5-inpaint": f"{_UNET}:SD15Inpaint",
        "sdxl-inpaint": f"{_UNET}:SDXLInpaint",
        "sd-2.1": f"{_UNET}:SD21",
        "sdxl": f"{_UNET}:SDXL",
        "flux-schnell": f"{_FLOW}:FluxSchnell",
        "flux-dev": f"{_FLOW}:FluxDev",
        "flux-fill": f"{_FLOW}:FluxFill",
        "flux-kontext": f"{_FLOW}:FluxKontext",
        "flux2-klein": f"{_FLOW}:Flux2Klein",
        "flux2-klein-kv": f"{_FLOW}:Flux2KleinKV",
        "z-image-turbo": f"{_FLOW}:ZImageTurbo",
        "sana-sprint": f"{_FLOW}:SanaSprint",
        "qwen-image-edit": f"{_FLOW}:QwenImageEdit",
        "sd3": f"{_FLOW}:StableDiffusion3",
        "pixart": f"{_FLOW}:PixArtLCM",
        "qwen-image": f"{_FLOW}:QwenImage",
        "hidream": f"{_FLOW}:HiDream",
        "hidream-dev": f"{_FLOW}:HiDreamDev",
        "hidream-fast": f"{_FLOW}:HiDreamFast",
        "wan": f"{_VIDEO}:WanClips",
        "wan-i2v": f"{_VIDEO}:WanFromPicture",
        "wan-2.1-i2v": f"{_VIDEO}:WanFromPictureByClip",
        "wan-5b": f"{_VIDEO}:WanSmall",
        "animatediff-lightning": f"{_VIDEO}:AnimateDiffLightning",
        "hunyuan-video": f"{_VIDEO}:HunyuanVideo",
        "mochi": f"{_VIDEO}:MochiClips",
        "anyflow": f"{_VIDEO}:AnyFlowStream",
        "sd-turbo-stream": f"{_STREAMS}:SDTurboStream",
        "sdxl-turbo-stream": f"{_STREAMS}:SDXLTurboStream",
        "lcm-stream": f"{_STREAMS}:LCMStream",
        "sd-1.5-stream": f"{_STREAMS}:SD15Stream",
        "flux-schnell-stream": f"{_STREAMS}:FluxSchnellStream",
        "stable-audio": "livedraft.runtime.models.diffusion.sound_model:StableAudio",
        "restyle": "livedraft.runtime.models.restyle.model:Restyle",
        "metronome": "livedraft.runtime.models.metronome:Metronome",
    },
    ModelNotFound,
    {
        "diffusers": "livedraft.runtime.models.diffusion.suspended:find",
        "python": "livedraft.runtime.models.own:find",
        "provider": "livedraft.runtime.models.providers:find",
    },
)


def load_model(
    model: type[AnyModel], source: str, plan: Plan, accepted: Collection[str] = ()
) -> AnyModel:
    """Load a model as its class knows to; raise ModelFailed where it does not.

    Raises ConfigError for one whose licence forbids commercial use and that is not ``accepted``.
    """
    info = model.info
    says = model.terms or what_is_said(info.id)
    check_licence(info.id, info.licence, info.commercial, accepted, says)
    try:
        inspect.signature(model.load).bind(source, plan)
    except TypeError as error:
        raise ModelFailed(
            f"{model.info.id} cannot be loaded: {model.__name__}.load() {error}",
            fix='define it as load(cls, source="", plan=Plan())',
        ) from None
    return model.load(source, plan)
