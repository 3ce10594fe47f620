"""The hub's cache, and the hub, which is asked for nothing that the operator did not name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from livedraft.errors import MissingExtraError, WeightsError

from .layout import INDEX

# Pickles, other frameworks' weights and whole checkpoints beside the components stay there.
_TEXTS = ("*.json", "*.txt", "*.model", "*.jinja")
_ASKED_S = 20.0


def cached(repository: str) -> Path | None:
    """Return the newest snapshot in the cache, whole or not; the network is not used."""
    hub = _hub()
    try:
        return Path(hub.snapshot_download(repository, local_files_only=True))
    except (hub.errors.LocalEntryNotFoundError, hub.errors.HFValidationError, OSError):
        return None


def offline() -> bool:
    """Tell whether HF_HUB_OFFLINE forbids to ask the hub."""
    return bool(_hub().is_offline_mode())


def listed(repository: str) -> dict[str, int]:
    """Return the bytes of a repository's files; raise WeightsError where it cannot be asked."""
    hub = _hub()
    try:
        info = hub.HfApi().model_info(repository, files_metadata=True, timeout=_ASKED_S)
    except _errors() as error:
        raise _unreachable(repository, error) from error
    return {file.rfilename: file.size or 0 for file in info.siblings or ()}


def index_of(repository: str) -> Path:
    """Fetch the small file that names a pipeline's class and components; raise WeightsError."""
    try:
        return Path(_hub().hf_hub_download(repository, INDEX))
    except _errors() as error:
        raise _unreachable(repository, error) from error


def fetch(repository: str, files: Collection[str], came: Callable[[int], None]) -> Path:
    """Fetch files into the cache, going on where it was broken off; raise WeightsError.

    ``came`` hears, on any thread, how many bytes are there.
    """
    try:
        bar = _telling(came)
        return Path(
            _hub().snapshot_download(repository, allow_patterns=sorted(files), tqdm_class=bar)
        )
    except _errors() as error:
        raise _unreachable(repository, error) from error


def cache_folder() -> Path:
    """Return where what is fetched lies; it may not be there yet."""
    return Path(_hub().constants.HF_HUB_CACHE)


def texts_of(names: Collection[str]) -> set[str]:
    """Return which of a component's files are configs and vocabularies."""
    return {name for name in names if any(Path(name).match(text) for text in _TEXTS)}


def _telling(came: Callable[[int], None]) -> type:
    """Return the class of bars by which the hub's client says how many bytes came.

    It has one of what came over the network and one of what was written: the larger counts.
    """
    from tqdm.auto import tqdm  # the client needs it

    if TYPE_CHECKING:
        Bar = tqdm[Any]
    else:
        Bar = tqdm
    lock, counts = Lock(), dict[int, float]()

    class Telling(Bar):
        def __init__(self, *given: Any, unit: str = "it", **how: Any) -> None:
            self._of_bytes = unit == "B"
            bar: Any = super()
            bar.__init__(*given, unit=unit, **{**how, "disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            if self._of_bytes:
                with lock:
                    counts[id(self)] = counts.get(id(self), 0) + (n or 0)
                    most = int(max(counts.values()))
                came(most)
            return super().update(n)

    return Telling


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError:
        raise MissingExtraError("diffusion", "a model from the hub") from None
    return huggingface_hub


def _errors() -> tuple[type[Exception], ...]:
    """Return what the hub's client raises, and the connection below it.

    That is httpx or httpx2, by the client's version, and is asked of the connection itself.
    """
    hub = _hub()
    http = import_module(type(hub.get_session()).__module__.partition(".")[0])
    return (
        *(hub.errors.HfHubHTTPError, hub.errors.HFValidationError, http.HTTPError),
        *(OSError, ValueError),
    )


def _unreachable(repository: str, error: Exception) -> WeightsError:
    gated = type(error).__name__ == "GatedRepoError"
    fix = (
        f"accept its licence at https://huggingface.co/{repository}, then run 'hf auth login'"
        if gated
        else "check the name and the connection, or name a folder"
    )
    return WeightsError(f"{repository} cannot be fetched: {str(error)[:200]}", fix=fix)
