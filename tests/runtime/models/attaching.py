"""A LoRA's file, read by a model and attached to it."""

from pathlib import Path

from livedraft.runtime.models.adapters import attach, read_adapter
from livedraft.runtime.models.base import AnyModel


def add_lora(model: AnyModel, name: str, path: Path) -> bool:
    """Attach a file under a name; return False if it is for another model."""
    read = read_adapter(model, name, path)
    if read is not None:
        attach(model, read)
    return read is not None
