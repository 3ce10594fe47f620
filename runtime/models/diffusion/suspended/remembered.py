"""What a pipeline made of prompts before: its own ``encode_prompt``, asked only for what is new."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any
from weakref import ref

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from ..state import Cache
from .loop import drawn

_ENCODES = "encode_prompt"
_PLAIN = (str, int, float, bool, type(None), torch.device, torch.dtype)


def remember(pipe: Any, texts: Cache, worn: Hashable) -> None:
    """Have a job's copy of a pipeline look into a session's cache before it reads prompts.

    ``worn``: what prompts are encoded with beside the weights. Kept is what depends on nothing
    else: not what was made of pictures, nor of random numbers.
    """
    if callable(getattr(type(pipe), _ENCODES, None)):
        setattr(pipe, _ENCODES, _Remembered(pipe, texts, worn))


class _Remembered:
    """In the place of a method: what it returns is as if it had been called."""

    def __init__(self, pipe: Any, texts: Cache, worn: Hashable) -> None:
        self._pipe = ref(pipe)  # which has this
        self._texts, self._worn = texts, worn

    def __call__(self, *given: Any, **how: Any) -> Any:
        """Encode, or return a copy of what was made of the same."""
        pipe = self._pipe()
        assert pipe is not None, "it is called by the pipeline itself"
        own = {name: value for name, value in vars(pipe).items() if name != _ENCODES}
        said = (type(pipe).__name__, self._worn, _plain((given, how)), _plain(own, strange=True))
        key = None if said[2] is None else said
        if key is not None and key in self._texts:
            return _copied(self._texts.kept(key))
        before = drawn()
        made = getattr(type(pipe), _ENCODES)(pipe, *given, **how)
        same = all(torch.equal(*each) for each in zip(before, drawn(), strict=True))
        if key is not None and same and _is_tensors(made):
            self._texts.put(key, _copied(made))
        return made


def _plain(value: Any, *, strange: bool = False) -> Hashable:
    """Return a key of plain values; of others None, unless ``strange`` ones are left out."""
    if isinstance(value, _PLAIN):
        return type(value).__name__, value
    if isinstance(value, Mapping):
        found = [(name, _plain(each, strange=strange)) for name, each in value.items()]
    elif isinstance(value, (list, tuple)):
        found = [(type(value).__name__, _plain(each, strange=strange)) for each in value]
    else:
        return None
    known = tuple(each for each in found if each[1] is not None)
    return known if strange or len(known) == len(found) else None


def _is_tensors(made: Any) -> bool:
    return all(each is None or isinstance(each, torch.Tensor) for each in tree_leaves(made))


def _copied(made: Any) -> Any:
    """Return a copy of tensors, which a pipeline may write to."""
    return tree_map_only(torch.Tensor, torch.clone, made)
