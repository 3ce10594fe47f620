"""What a state holds is counted once, however it is held."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from livedraft.runtime.models.memory import held_bytes


@dataclass(slots=True)
class State:
    """A state with a cache, and a way back to itself."""

    array: Any
    cache: dict[str, Any] = field(default_factory=dict)
    itself: Any = None


class Plain:
    """An object with attributes."""

    def __init__(self, value: Any) -> None:
        self.value = value


def test_arrays_and_tensors_are_counted_at_any_depth() -> None:
    array = np.zeros(1000, np.uint8)
    state = State(array, {"a": [Plain(np.zeros(10, np.float32))], "b": (torch.zeros(5),)})
    assert held_bytes(state) == 1000 + 40 + 20


def test_each_is_counted_once_and_a_view_for_what_it_holds() -> None:
    array = np.zeros((10, 10), np.uint8)
    state = State(array, {"same": array, "view": array[:2]})
    state.itself = state
    assert held_bytes(state) == 100
    assert held_bytes(array[0]) == 100


def test_what_holds_no_array_weighs_nothing() -> None:
    assert held_bytes(None) == held_bytes(State("text", {"a": 7})) == 0
