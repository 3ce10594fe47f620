"""Parts of a model from a folder to a device; torch begins here."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

import diffusers
import torch

from livedraft.errors import WeightsError
from livedraft.runtime.compute.eight_bits import EIGHT_BITS
from livedraft.runtime.compute.execution import PlanStore

from ...cache_folder import PLANS
from ...plan import Plan
from . import networks
from .family import Family
from .quantising import quantise
from .spreading import spread
from .tiny import vae_tiny
from .weights import SPREADS, Found

_DIFFUSERS: Any = diffusers
_TINY: Any = _DIFFUSERS.AutoencoderTiny
TINY_VAE = "vae_tiny"  # the folder of an AutoencoderTiny, beside the others
_TINY_SEED = 0

# What torch, diffusers and transformers raise for files that are not what they should be.
_UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    pickle.UnpicklingError,
)

_NEEDLESS = (
    "requires torchvision (not installed); falling back to",  # no model here needs it
    "were passed to AutoencoderTiny, but are not expected",  # as its own save_pretrained() has it
    "input was truncated because",  # a user's words, who is told of it and whom no log quotes
    "Token indices sequence length is longer than",
)


def hush() -> None:
    """Let transformers and diffusers log nothing needless and draw no bars; all else they say.

    How far loading is, the plan hears.
    """
    for library in (import_module("transformers.utils.logging"), _DIFFUSERS.utils.logging):
        library.disable_progress_bar()
        name = library.get_logger().name  # has its handler from here on
        for handler in logging.getLogger(name).handlers:
            handler.addFilter(_is_of_use)
    logging.getLogger("transformers.utils.import_utils").addFilter(_is_of_use)


def _is_of_use(record: logging.LogRecord) -> bool:
    said = record.getMessage()
    return not any(each in said for each in _NEEDLESS)


def read(family: type[Family], found: Found, *, guided: bool = False) -> Family:
    """Load weights that were found to be whole; raise WeightsError where that cannot be.

    ``guided``: whether users may set a scale of guidance. Only safetensors is read: a pickle could
    run code.
    """
    name, plan, folder = found.verdict.entry.id, found.verdict.plan, found.folder
    small, unused = family.drafts_small, family.unused
    pipe, tiny = loaded(family.pipeline, found, unused, family.dtype, has_small=small)
    made = family(pipe, tiny)
    quantised = quantise(made, name, plan.quantise, found.verdict.entry.draft_steps)
    if plan.parallel.ranks > 1:
        spread(made, name, folder, found.verdict.variant, plan, guided=guided)
        return made
    made.keep_text_kv()
    if quantised:
        name = f"{name} in {plan.quantise}"  # what is fastest of it is another question
    made.run(plan.mode, name, PlanStore(Path(plan.cache) / PLANS) if plan.cache else None)
    return made


def loaded(
    pipeline: str, found: Found, unused: Collection[str], likes: str, *, has_small: bool
) -> tuple[Any, Any]:
    """Return a folder's pipeline of a class, and its AutoencoderTiny if it has one, on the device.

    ``likes`` is its number format on a GPU. Raises WeightsError.
    """
    name, plan, folder = found.verdict.entry.id, found.verdict.plan, found.folder
    device = _device(name, plan)
    ways: dict[str, Any] = {
        "dtype": _dtype(likes, device, plan),
        "local_files_only": True,
        "use_safetensors": True,
    }
    try:
        kind = getattr(_DIFFUSERS, pipeline)
        parts = networks.load(found, unused, ways)
        if "scheduler" not in unused:
            parts |= networks.scheduler(folder)
        pipe = kind.from_pretrained(folder, **ways, **dict.fromkeys(unused), **parts)
        has_tiny = has_small and (folder / TINY_VAE / "config.json").exists()
        tiny = _TINY.from_pretrained(folder / TINY_VAE, **ways) if has_tiny else None
    except ImportError as error:  # of what one of its classes needs
        said = " ".join(str(error).split())[:300]
        raise WeightsError(
            f"a part of {name} needs a package that is missing: {said}",
            fix="install it, or put another scheduler into scheduler/scheduler_config.json",
        ) from error
    except _UNREADABLE as error:
        raise WeightsError(
            f"the weights of {name} cannot be read: {str(error)[:300]}",
            fix=f"{folder} must hold what diffusers saves as a {pipeline}; fetch it again",
        ) from error
    spreads, eight_bits = plan.parallel.ranks > 1, plan.quantise in EIGHT_BITS
    away = SPREADS if spreads and not eight_bits else ()  # its denoiser may not fit on one device
    return _on(pipe, device, away), None if tiny is None else _held(_still(tiny).to(device))


def tiny(family: type[Family]) -> Family:
    """Return a small one of the very classes with seeded random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_TINY_SEED)
        pipe = family.tiny_pipe()
        vae = _still(vae_tiny()) if family.drafts_small else None
    made = family(_on(pipe, torch.device("cpu")), vae)
    made.keep_text_kv()
    return made


def save(family: Family, folder: Path) -> None:
    """Write a model as it is read."""
    family.pipe.save_pretrained(folder)
    if family.tiny_vae is not None:
        family.tiny_vae.save_pretrained(folder / TINY_VAE)


def _modules(pipe: Any) -> list[Any]:
    return [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]


def _on(pipe: Any, device: torch.device, away: Collection[str] = ()) -> Any:
    pipe.set_progress_bar_config(disable=True)
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            _still(part)
            if name not in away:
                _laid_out(_held(part.to(device)))
    return pipe


def _held(part: torch.nn.Module) -> torch.nn.Module:
    """Hold a CPU's numbers in memory of one's own.

    As they were read they lie in the file, mapped: who writes it anew, in place, would change what
    is served, and who makes it shorter would end the process (SIGBUS).
    """
    for tensor in (*part.parameters(), *part.buffers()):
        if tensor.device.type == "cpu":
            tensor.data = tensor.data.clone()
    return part


def _laid_out(part: torch.nn.Module) -> None:
    """Lay a GPU's convolutions out channels last, as its matrix units read them."""
    for parameter in part.parameters():
        if parameter.is_cuda and parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def _still(part: Any) -> Any:
    return part.requires_grad_(False).eval()


def _device(name: str, plan: Plan) -> torch.device:
    if plan.device.startswith("cuda") and not torch.cuda.is_available():
        raise WeightsError(
            f"{name} cannot run on device {plan.device!r} here", fix="use device cpu"
        )
    return torch.device(plan.device)


def _dtype(likes: str, device: torch.device, plan: Plan) -> torch.dtype:
    # Half precision is what a GPU is quick at, and most CPUs cannot do.
    likes = likes if device.type == "cuda" else "float32"
    dtype: torch.dtype = getattr(torch, plan.dtype or likes)
    return dtype
