"""Where the weights lie, in a folder or on the hub, as MuseTalk publishes them.

One folder holds four things: the UNet with its config (``musetalkV15/``, or ``musetalk/`` of the
first version), the latents' autoencoder (``sd-vae/``) and Whisper (``whisper/``). Only the first
is in MuseTalk's own hub repository; the others are fetched from where they are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livedraft.errors import MissingExtraError, WeightsError

PUBLISHED = "TMElyralab/MuseTalk"
# The parts that its authors name beside their own, by our names for them.
COMPANIONS = {"vae": "stabilityai/sd-vae-ft-mse", "whisper": "openai/whisper-tiny"}
_PATTERNS = ["config.json", "preprocessor_config.json", "*model.safetensors"]

_UNETS = ("musetalkV15", "musetalk", "unet")  # the newest first
_CONFIGS = ("musetalk.json", "config.json")
_WEIGHTS = ("unet.pth", "pytorch_model.bin", "diffusion_pytorch_model.safetensors")
_FOLDERS = {"vae": ("sd-vae", "sd-vae-ft-mse", "vae"), "whisper": ("whisper",)}
_NEWEST_MARGIN = 10 / 256  # of a crop's side: version 1.5 sees as much more below the chin


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part is."""

    unet_config: Path
    unet_weights: Path
    vae: Path  # a folder of ``save_pretrained``, as the next
    whisper: Path
    margin: float  # of a crop's side, that is seen below the chin


def find(source: str) -> Layout:
    """Return where the parts of a folder or of a hub repository are.

    Raises WeightsError where one is missing, or the hub cannot be reached.
    """
    folder = Path(source or PUBLISHED)
    if folder.is_dir():
        parts = {name: _first(folder, among, "config.json") for name, among in _FOLDERS.items()}
        return _layout(folder, parts["vae"], parts["whisper"])
    if source and (source.startswith((".", "/", "~")) or source.count("/") != 1):
        raise WeightsError(f"there is no folder {source!r}", fix=_fix(source))
    published = _fetched(source or PUBLISHED, [f"{_UNETS[0]}/*"])
    companions = {name: _fetched(hub, _PATTERNS) for name, hub in COMPANIONS.items()}
    return _layout(published, companions["vae"], companions["whisper"])


def _layout(folder: Path, vae: Path, whisper: Path) -> Layout:
    unet = next((folder / name for name in _UNETS if (folder / name).is_dir()), folder / _UNETS[0])
    margin = _NEWEST_MARGIN if unet.name == _UNETS[0] else 0.0
    return Layout(_first(unet, _CONFIGS), _first(unet, _WEIGHTS), vae, whisper, margin)


def _first(folder: Path, among: tuple[str, ...], inside: str = "") -> Path:
    """Return the first that is there; raise WeightsError for none."""
    for name in among:
        if (folder / name / inside).exists():
            return folder / name
    wanted = " or ".join(str(Path(name, inside)) for name in among)
    raise WeightsError(f"{folder} has no {wanted}", fix=_fix(str(folder)))


def _fetched(repository: str, patterns: list[str]) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError:
        raise MissingExtraError("musetalk", "the model 'musetalk'") from None
    try:
        return Path(snapshot_download(repository, allow_patterns=patterns))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise WeightsError(
            f"{repository} cannot be fetched: {str(error)[:200]}", fix=_fix(repository)
        ) from error


def _fix(source: str) -> str:
    return (
        f"name a folder, as in musetalk={source or 'models'}, that has musetalkV15/musetalk.json, "
        "musetalkV15/unet.pth, sd-vae/ and whisper/; or go online once and name none"
    )
