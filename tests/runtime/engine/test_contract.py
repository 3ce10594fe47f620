"""What a model gives is what the contract says, or it is refused; nothing in between gets out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still
from livedraft.media.images import MAX_PIXELS, MAX_SIDE
from livedraft.runtime.engine import contract
from livedraft.runtime.engine.contract import Groups, Progress
from livedraft.runtime.engine.faults import Guarded
from livedraft.runtime.engine.outputs import outputs
from livedraft.runtime.models.base import Job, Pixels
from livedraft.runtime.models.echo import Echo

MODEL = Echo()
INFO = Echo.info
ANYTHING = st.one_of(
    st.integers(-5, 200),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.complex_numbers(),
)


def job(step: Any = 0, steps: Any = 4, key: Any = "any", notes: Any = ()) -> Job:
    made = Job(key, steps)
    made.step, made.notes = step, notes
    return made


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_a_job_stands_at_one_of_its_steps_or_is_refused(
    step: Any, steps: Any, key: Any, notes: Any
) -> None:
    groups = Groups()

    def read(made: Job) -> Progress:
        return contract.progress(made, MODEL, groups)

    told = Guarded("a test")(read, job(step, steps, key, notes))
    if isinstance(told, Progress):
        assert 0 <= told.step
        assert told.open_ended or told.step <= told.steps <= INFO.max_steps
        assert {type(told.step), type(told.steps), type(told.group)} == {int}
    else:
        assert isinstance(told, ModelFailed)


@given(st.integers(0, 100), st.integers(-2, 102))
def test_a_step_goes_on_or_is_refused(before: int, after: int) -> None:
    made = job(step=before, steps=100)
    was = contract.progress(made, MODEL, Groups())
    made.step = after
    if before < after <= 100:
        assert contract.stepped(was, MODEL, Groups()).step == after
    else:
        with pytest.raises(ModelFailed, match="step"):
            contract.stepped(was, MODEL, Groups())


def pixels_of(made: Any) -> Pixels:
    """Return a picture as it comes out of the engine; no check of ``Still`` is before it."""
    still = object.__new__(Still)
    object.__setattr__(still, "pixels", made)
    object.__setattr__(still, "file", b"")
    ((ours,),) = outputs([[still]], 1, INFO)
    assert isinstance(ours, Still)
    return ours.pixels


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 9, MAX_SIDE, MAX_SIDE + 1]), max_size=4),
    st.sampled_from(["uint8", "int8", "float32", "bool", "object", "datetime64[s]"]),
)
def test_a_picture_can_be_written_or_is_refused(shape: list[int], dtype: str) -> None:
    made = np.broadcast_to(np.zeros((), dtype), shape)  # of any size, and no memory
    right = (
        dtype == "uint8"
        and len(shape) == 3
        and 1 <= min(shape[:2])
        and max(shape[:2]) <= MAX_SIDE
        and shape[0] * shape[1] <= MAX_PIXELS
        and shape[2] in (3, 4)
    )
    if right:
        picture = pixels_of(made)
        assert picture.shape == tuple(shape)
    else:
        with pytest.raises(ModelFailed):
            pixels_of(made)


def test_a_picture_is_nobodys_but_ours() -> None:
    buffer = np.zeros((2, 2, 3), np.uint8)
    view = buffer[:]
    view.setflags(write=False)
    for kept in (buffer, view):
        picture = pixels_of(kept)
        buffer[:] += 1  # the model goes on with it, while this one is being encoded
        assert picture.max() == buffer.max() - 1
    buffer.setflags(write=False)  # until the model says otherwise
    picture = pixels_of(buffer)
    buffer.setflags(write=True)
    buffer[:] += 1
    assert picture.max() == buffer.max() - 1
    frozen = np.frombuffer(bytes(12), np.uint8).reshape(2, 2, 3)
    assert np.shares_memory(pixels_of(frozen), frozen), "not copied in vain"
    bare = bytearray(12)
    view = np.frombuffer(memoryview(bare).toreadonly(), np.uint8).reshape(2, 2, 3)
    picture = pixels_of(view)
    bare[0] = 9
    assert picture.max() == 0


def test_keys_are_told_apart_and_forgotten_in_the_end() -> None:
    groups = Groups()
    assert groups.of(("ink", 256)) == groups.of(("ink", 256))
    assert groups.of("a") != groups.of("b")
    numbers = [groups.of(n) for n in range(10_000)]
    assert len(set(numbers)) == 10_000
    assert len(groups._numbers) <= 256
