"""Layers with slots: rows of one batch have LoRAs of their own, and none is touched by others."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import (
    ATTENTION,
    Pairs,
    call,
    make_unet,
    merged,
    pairs,
)
from torch import Tensor, nn

from livedraft.errors import ModelFailed
from livedraft.runtime.compute.adapters.fit import Fitted
from livedraft.runtime.compute.adapters.slots import Slots

CLOSE = 1e-5  # of outputs of about 1, which LoRAs as strong as these change by .05 and more


def fitted(found: Pairs, columns: int = 0) -> Fitted:
    rank = max(columns, *(len(down) for down, _ in found.values()))
    turned = {path: (down, up.flatten(1).T.contiguous()) for path, (down, up) in found.items()}
    return Fitted(rank, turned)


def held_bytes(module: nn.Module) -> int:
    return sum(one.nbytes for one in (*module.parameters(), *module.buffers()))


def off_by(made: Tensor, wanted: Tensor) -> float:
    return float((made - wanted).abs().max())


EVERY = pairs(make_unet(), 3, seed=1)  # linear layers and convolutions of every kind
SOME = pairs(make_unet(), 8, seed=2, ends=ATTENTION)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def wanted() -> dict[str, Tensor]:
    """What the same UNet gives for three rows with its weights changed, as a whole."""
    return {
        "none": call(make_unet(), 3),
        "every": call(merged(make_unet(), EVERY, 1.0), 3),
        "every .4": call(merged(make_unet(), EVERY, 0.4), 3),
        "some": call(merged(make_unet(), SOME, 1.0), 3),
        "both": call(merged(merged(make_unet(), EVERY, 0.4), SOME, 0.7), 3),
    }


@pytest.fixture
def unet() -> Any:
    return make_unet()


@pytest.fixture
def slots(unet: Any) -> Slots:
    made = Slots(unet)
    made.put("every", fitted(EVERY))
    made.put("some", fitted(SOME))
    return made


def test_rows_of_one_batch_have_loras_of_their_own(
    unet: Any, slots: Slots, wanted: dict[str, Tensor]
) -> None:
    assert off_by(wanted["every"], wanted["none"]) > 0.05, "the check must see a difference"
    with slots.rows([{"every": 0.4, "some": 0.7}, {}, {"some": 1.0}]):
        made = call(unet, 3)
    assert off_by(made[0], wanted["both"][0]) < CLOSE
    assert off_by(made[2], wanted["some"][2]) < CLOSE
    with slots.rows([{"every": 1.0}, {"every": 0.4}, {"every": 0.4, "some": 0.7}]):
        made = call(unet, 3)
    for row, name in enumerate(("every", "every .4", "both")):
        assert off_by(made[row], wanted[name][row]) < CLOSE


def test_a_row_without_is_equal_bit_by_bit(
    unet: Any, slots: Slots, wanted: dict[str, Tensor]
) -> None:
    with slots.rows([{"every": 1.5}, {}, {"some": 0.0}]):
        made = call(unet, 3)
    assert torch.equal(made[1:], wanted["none"][1:])
    assert torch.equal(call(unet, 3), wanted["none"]), "outside of rows"


def test_a_batch_equals_each_alone(unet: Any, slots: Slots) -> None:
    with slots.rows([{"every": 1.0}, {"some": 0.5}]):
        together = call(unet, 2)
    with slots.rows([{"every": 1.0}]):
        assert off_by(call(unet, 1)[0], together[0]) < CLOSE


def test_a_row_takes_several_places_in_their_order(unet: Any, slots: Slots) -> None:
    layer: Any = unet.time_embedding.linear_1
    x = torch.randn(6, 32)
    with torch.no_grad():
        plain = layer(x)
        with slots.rows([{}, {"every": 1.0}, {}]):
            made = layer(x)
    changed = [bool((a != b).any()) for a, b in zip(plain, made, strict=True)]
    assert changed == [False, False, True, True, False, False]
    with slots.rows([{}, {"every": 1.0}, {}, {}]), pytest.raises(ModelFailed, match="6 rows"):
        layer(x)
    with slots.rows([{"every": 1.0}] * 4), torch.no_grad():
        assert torch.allclose(layer(x)[2:4], made[2:4], atol=CLOSE), "alike, they need no places"


def test_what_overflows_in_one_row_does_not_reach_another() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)).half()
    slots = Slots(net)
    big = torch.full((2, 4), 6e4, dtype=torch.float16)
    slots.put("big", Fitted(2, {"0": (big, big)}))
    x = torch.full((2, 4), 3.0, dtype=torch.float16)
    with torch.no_grad():
        plain = net(x)
        with slots.rows([{"big": 1.0}, {}]):
            made = net(x)
    assert not made[0].isfinite().all()
    assert torch.equal(made[1], plain[1])


def test_swaps_leave_what_was_recorded_good(
    unet: Any, slots: Slots, wanted: dict[str, Tensor]
) -> None:
    """Addresses and shapes stay while LoRAs of unlike rank come and go: a CUDA graph goes on."""
    with slots.rows([{"every": 1.0}]):
        key = slots.key
        layer = unet.conv_in
        addresses = [one.data_ptr() for one in (layer.down, layer.up, layer.rows.weights)]
    for rank, weight in ((2, 0.5), (16, 1.0), (1, 1.5), (5, 0.1)):
        other = pairs(make_unet(), rank, seed=rank)
        slots.put("live", fitted(other))
        with slots.rows([{"live": weight}] * 3):
            assert off_by(call(unet, 3), call(merged(make_unet(), other, weight), 3)) < CLOSE
            assert slots.key == key
            now = [one.data_ptr() for one in (layer.down, layer.up, layer.rows.weights)]
            assert now == addresses
    slots.take("live")
    with slots.rows([{"every": 1.0}] * 3):
        assert off_by(call(unet, 3), wanted["every"]) < CLOSE
        assert slots.key == key
    with slots.rows([{}] * 3):
        assert slots.key is None, "without any, nothing of them is recorded"
    with slots.rows([{"some": 1.0}, {}]):
        own = slots.key
    with slots.rows([{"every": 0.3}, {"some": 1.0}]):
        assert slots.key == own != key
    with slots.rows([{"some": 1.0}, {}] * 2):
        assert slots.key not in (own, key), "a call of four rows may be of two with two places each"
    assert not slots.outdated(own)
    slots.put("large", Fitted(80, EVERY))
    assert slots.outdated(own), "there was no room for it"
    assert not slots.outdated(None)


def test_a_compiled_network_is_traced_once() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(2), nn.Linear(64, 8))
    compiled: Any = torch.compile(net, backend="eager")
    slots, x = Slots(net), torch.randn(3, 3, 8, 8)
    first, other = pairs(net, 2, seed=1), pairs(net, 16, seed=9)
    slots.put("first", fitted(first))
    with torch.no_grad(), slots.rows([{"first": 1.0}, {}, {}]):
        plain = compiled(x)[1:]
    with torch._dynamo.config.patch(error_on_recompile=True), torch.no_grad():
        slots.put("live", fitted(other))
        with slots.rows([{"live": 0.3}, {"first": 0.0}, {"first": 1.0}]):
            made = compiled(x)
    assert torch.equal(made[1], plain[0])
    for name in ("first", "live"):
        slots.take(name)
    with torch.no_grad():
        assert off_by(made[0], merged(net, other, 0.3)(x)[0]) < CLOSE


def test_more_than_there_is_room_for_take_turns(unet: Any, wanted: dict[str, Tensor]) -> None:
    slots = Slots(unet, columns=8)
    slots.put("every", fitted(EVERY))
    slots.put("some", fitted(SOME))
    found = {f"n{n}": pairs(make_unet(), 120, seed=20 + n, ends=("to_q",)) for n in range(4)}
    for name, each in found.items():
        slots.put(name, fitted(each))
    for _ in range(2):
        for name, each in found.items():
            with slots.rows([{name: 0.2}] * 3):
                assert off_by(call(unet, 3), call(merged(make_unet(), each, 0.2), 3)) < CLOSE
    assert unet.conv_in.down.shape[0] <= 256, "no more room than one batch has needed"
    with slots.rows([dict.fromkeys(found, 0.1), {"some": 1.0}, {}]):
        made = call(unet, 3)
    assert off_by(made[1], wanted["some"][1]) < CLOSE
    changed = make_unet()
    for each in found.values():
        merged(changed, each, 0.1)
    assert off_by(made[0], call(changed, 3)[0]) < CLOSE
    with slots.rows([{"some": 1.0}] * 40), torch.no_grad():
        assert len(unet.conv_in(torch.zeros(40, 4, 8, 8))) == 40


def test_with_the_last_one_gone_nothing_is_left(unet: Any, wanted: dict[str, Tensor]) -> None:
    slots = Slots(unet)
    before, names = held_bytes(unet), unet.state_dict().keys()
    modules = [(path, id(module)) for path, module in unet.named_modules()]
    for _ in range(3):
        slots.put("every", fitted(EVERY))
        slots.put("some", fitted(SOME))
        assert slots.nbytes > 0
        with slots.rows([{"every": 1.0, "some": 1.0}]):
            call(unet, 1)
        slots.take("every")
        slots.take("some")
        assert (slots.nbytes, held_bytes(unet)) == (0, before)
    assert [(path, id(module)) for path, module in unet.named_modules()] == modules
    assert unet.state_dict().keys() == names
    assert torch.equal(call(unet, 3), wanted["none"])


def test_networks_may_look_at_a_layer_as_before(unet: Any, slots: Slots) -> None:
    before = make_unet()
    for path in ("conv_in", "time_embedding.linear_1"):
        layer, was = unet.get_submodule(path), before.get_submodule(path)
        assert torch.equal(layer.weight, was.weight)
        assert layer.bias.shape == was.bias.shape
        assert not hasattr(layer, "no_such_thing")
    assert unet.conv_in.stride == (1, 1)
    assert unet.time_embedding.linear_1.in_features == 32
    unet.to(torch.float64)
    with slots.rows([{"every": 1.0}]), torch.no_grad():
        assert unet.conv_in(torch.zeros(1, 4, 8, 8).double()).dtype == torch.float64


def test_what_fails_leaves_all_as_it_was(unet: Any, wanted: dict[str, Tensor]) -> None:
    slots = Slots(unet, columns=4)
    few = {path: EVERY[path] for path in ("conv_in", "conv_out")}
    slots.put("few", fitted(few))
    with slots.rows([{"few": 1.0}] * 3):
        before = call(unet, 3)
    nbytes, key = slots.nbytes, slots.key
    with pytest.raises(KeyError), slots.rows([{"gone": 1.0}]):
        pass
    huge = Fitted(2**60, {"conv_in": EVERY["conv_in"]})  # no machine has so much memory
    with pytest.raises(RuntimeError):
        slots.put("huge", huge)
    assert (slots.nbytes, slots.key) == (nbytes, key)
    with pytest.raises(KeyError), slots.rows([{"huge": 1.0}]):
        pass
    with slots.rows([{"few": 1.0}] * 3):
        assert torch.equal(call(unet, 3), before)
    assert torch.equal(call(unet, 3), wanted["none"])


def test_both_modes_without_gradients_may_be_mixed(unet: Any) -> None:
    slots = Slots(unet, columns=2)
    with torch.inference_mode():
        slots.put("every", fitted(EVERY))
        with slots.rows([{"every": 1.0}]):
            unet.conv_in(torch.zeros(1, 4, 8, 8))
    slots.put("some", fitted(SOME))
    with slots.rows([{"some": 0.5, "every": 1.0}]):
        call(unet, 1)
