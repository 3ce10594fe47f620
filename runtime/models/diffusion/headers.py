"""What a file of weights says of itself, without its weights being read.

Only safetensors is ever opened. A pickle can run code as it is read, so none is.
"""

from __future__ import annotations

import math
from pathlib import Path

from safetensors import SafetensorError, safe_open

_POINTER = b"version https://git-lfs"  # what git leaves in place of a file it has not fetched


def count(path: Path) -> dict[str, int]:
    """Return the tensors of a safetensors file with their numbers of elements.

    The length of the file is checked against what its header promises. Raises ValueError, whose
    text says what is wrong.
    """
    try:
        if not path.is_file():
            raise ValueError("is missing" if not path.exists() else "is no file")
        if _is_pointer(path):
            raise ValueError("is a pointer of Git LFS, not the weights: run 'git lfs pull' there")
        with safe_open(path, "np") as file:
            return {name: math.prod(file.get_slice(name).get_shape()) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(f"is cut off or damaged: {str(error)[:100]}") from error
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from error


def _is_pointer(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER
