"""The parts of the bench: frames, values, layouts, comparisons."""

import json
import socket
import tempfile
import time
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from livedraft.kernels.bench.cases import GUARD_BYTES, LAYOUTS, Case, Layout, Seeds, lay_out
from livedraft.kernels.bench.channel import Channel, Closed, Garbled, Late, TooLarge
from livedraft.kernels.bench.compare import differ, misshapen
from livedraft.kernels.bench.forks import ForkServer
from livedraft.kernels.bench.values import decode, encode, storage
from livedraft.kernels.spec import Workload

CPU = torch.device("cpu")
NONCE = bytes(16)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield Channel(one), other


def test_a_frame_arrives_as_it_was(ends: tuple[Channel, socket.socket]) -> None:
    here, there = ends
    Channel(there).send(NONCE, {"a": 1}, [b"xy", b"", b"z"])
    frame = here.receive(100)
    assert (frame.nonce, frame.header) == (NONCE, {"a": 1})
    assert [bytes(blob) for blob in frame.blobs] == [b"xy", b"", b"z"]


def test_a_frame_that_is_larger_than_asked_for_is_none(
    ends: tuple[Channel, socket.socket],
) -> None:
    here, there = ends
    Channel(there).send(NONCE, {}, [bytes(100)])
    with pytest.raises(TooLarge):
        here.receive(99)


@settings(max_examples=50)
@given(st.binary(min_size=32, max_size=200))
def test_noise_is_no_frame(noise: bytes) -> None:
    one, other = socket.socketpair()
    with one, other:
        other.sendall(noise)
        other.close()
        with pytest.raises((Garbled, TooLarge, Closed)):
            Channel(one).receive(1000)


def test_silence_and_an_end_are_told_apart(ends: tuple[Channel, socket.socket]) -> None:
    here, there = ends
    with pytest.raises(Late):
        here.receive(10, time.monotonic() - 1)
    there.close()
    with pytest.raises(Closed):
        here.receive(10)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.randn(3, 4).t(),
        torch.randn(5, 6)[1:, ::2],
        torch.zeros(0, 3),
        torch.tensor(3.5),
        torch.ones(1, 4).expand(3, 4),
        torch.arange(6, dtype=torch.uint8).view(2, 3),
        torch.tensor([True, False]),
        torch.randn(4).to(torch.float8_e4m3fn),
        torch.randn(4).bfloat16(),
    ],
    ids=range(9),  # the same in all processes that the tests run in
)
def test_a_tensor_arrives_with_its_strides(tensor: torch.Tensor) -> None:
    blobs: list[memoryview] = []
    entry = encode(tensor, blobs)
    made = decode(entry, [memoryview(bytearray(blob)) for blob in blobs], CPU)
    assert (made.shape, made.stride(), made.dtype) == (tensor.shape, tensor.stride(), tensor.dtype)
    assert torch.equal(made.float(), tensor.float())


def test_other_values_arrive_too() -> None:
    blobs: list[memoryview] = []
    value = (None, True, 3, 2.5, "x", torch.float16, [torch.ones(2)])
    made = decode(encode(value, blobs), blobs, CPU)
    assert made[:-1] == value[:-1]
    assert torch.equal(made[-1][0], torch.ones(2))
    with pytest.raises(TypeError, match="a set cannot be handed over"):
        encode({1}, blobs)


@pytest.mark.parametrize(
    "change",
    [{"offset": 9}, {"shape": [99]}, {"dtype": "object"}, {"blob": 3}, {"stride": [1, 2]}],
)
def test_a_tensor_that_reaches_past_its_bytes_is_none(change: dict[str, object]) -> None:
    blobs: list[memoryview] = []
    entry = encode(torch.ones(4), blobs) | change
    with pytest.raises(Garbled):
        decode(entry, blobs, CPU)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_the_same_values_between_guards(layout: Layout) -> None:
    tensor = torch.randn(2, 3, 4).transpose(0, 2)
    laid = lay_out(tensor, layout)
    assert torch.equal(laid, tensor)
    around = storage(laid).clone()
    around.as_strided(laid.shape, laid.stride(), laid.storage_offset()).fill_(0)
    guard = GUARD_BYTES // 4
    assert around[:guard].isnan().all()
    assert around[-guard:].isnan().all()
    assert (laid.data_ptr() % 16 == 0) is (layout != "misaligned")
    assert (laid.stride() == tensor.stride()) is (layout != "padded rows")
    if layout == "padded rows":  # what lies between rows is poisoned, too
        assert around[guard:-guard].isnan().any()


def test_an_expanded_tensor_stays_one() -> None:
    laid = lay_out(torch.arange(3.0).expand(2, 3), "as given")
    assert laid.stride() == (0, 1)
    assert laid.tolist() == [[0, 1, 2], [0, 1, 2]]


def test_seeds_are_mixed_and_secret() -> None:
    assert Seeds().secret != Seeds().secret
    assert Seeds(1, "a").number("x") == Seeds(1, "a").number("x")
    numbers = {Seeds(p, s).number(x) for p in (0, 1) for s in "ab" for x in "xy"}
    assert len(numbers) == 8


def test_a_case_names_its_shape() -> None:
    case = Case(Workload("odd", {"rows": 3}), torch.float16, "misaligned")
    assert str(case) == "odd (rows=3), float16, misaligned"


def test_a_difference_says_where() -> None:
    true = torch.zeros(2, 3, dtype=torch.float64)
    true[0, 0] = 2.0
    made = true.float()
    assert differ(made, true, 1e-6).why == ""
    made[1, 2] = 0.5
    found = differ(made, true, 1e-6)
    assert (found.error, found.largest) == (0.25, 0.5)
    assert found.why.startswith("max error 0.5 (0.5 for 0 at (1, 2))")
    made[0, 1] = float("nan")
    assert differ(made, true, 1e-6).why == "NaN for 0 at (0, 1)"
    true[0, 1] = float("inf")
    assert differ(true.float(), true, 1e-6).why == ""


def test_outputs_are_told_apart_by_shape_and_dtype() -> None:
    assert misshapen([torch.ones(2)], [torch.ones(2)]) == ""
    assert misshapen([], [torch.ones(2)]) == "returned 0 outputs for 1"
    assert misshapen(["a list"], [torch.ones(2)]) == "the output is a list, no tensor"


def test_a_judge_that_is_interrupted_ends_its_forks_quietly(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Ctrl+C ends the judge wherever it stands: here after it asked for a runner."""
    with ForkServer() as server, tempfile.TemporaryFile() as log:
        ours, theirs = socket.socketpair()
        asked = json.dumps({"mode": "interpret", "folder": "/"}).encode()
        socket.send_fds(server._control, [asked], [theirs.fileno(), log.fileno()])
        ours.close()
        theirs.close()
    assert server._process.returncode == 0
    assert capfd.readouterr().err == ""
