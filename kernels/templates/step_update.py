"""A batch of states, each row one step further by its own coefficients, in one launch.

A launcher in kernels/launch gives it a body, a ``@triton.jit`` function of one element.
"""

import triton
import triton.language as tl

from .views import nothing


@triton.jit
def step_update(
    states,  # a tuple: what the body reads, each of (batch, size) in some dense order
    results,  # a tuple: what it makes, in the order of the first state
    coefficients,  # (batch, COLUMNS) float32, dense
    size,  # elements in a row
    minor,  # length of the first state's fastest axis, for the states that are turned
    BODY: tl.constexpr,  # (states, coefficients of the row, OPTIONS) -> results, all float32
    OPTIONS: tl.constexpr,  # a tuple for the body
    TURNED: tl.constexpr,  # for each state: channels last where the first has them first, or back
    COLUMNS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """One program makes BLOCK elements of one row."""
    batch = tl.program_id(1).to(tl.int64)
    element = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = element < size
    turned = element % minor * (size // minor) + element // minor
    read = nothing()
    for index in tl.static_range(len(states)):
        at = batch * size + (turned if TURNED[index] else element)
        state = tl.load(states[index] + at, mask=inside, other=0.0).to(tl.float32)
        read += (state,)
    made = BODY(read, coefficients + batch * COLUMNS, OPTIONS)
    for index in tl.static_range(len(results)):
        at = results[index] + batch * size + element
        tl.store(at, made[index].to(results[index].dtype.element_ty), mask=inside)
