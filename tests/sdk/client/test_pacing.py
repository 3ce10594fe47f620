"""When the client sends its next picture."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.vectors.pacing import IN_FLIGHT, replay

from livedraft.client.pacing import MARGIN_S, Pacing

TRACES = json.loads((Path(__file__).parents[2] / "vectors" / "pacing.json").read_text("utf-8"))
SERVER = {"queued": 0.0, "prepared": 5.0, "decoded": 195.0, "sent": 200.0}  # ms
LEAD_S = 0.01 + 0.005  # half of the 20 ms on the way, and 5 ms until it is prepared
WORK_S = 0.19


def learned() -> Pacing:
    """Return one that knows: 220 ms there and back, of which the model takes 190."""
    pacing = Pacing(2)
    pacing.sent(1, 0.0)
    pacing.answered(1, 0.22, SERVER)
    return pacing


def test_the_first_goes_at_once() -> None:
    assert Pacing(2).wait_s(5.0) == 0


def test_the_second_arrives_when_the_model_is_about_to_be_done_with_the_first() -> None:
    pacing = learned()
    pacing.sent(2, 1.0)
    done = 1.0 + LEAD_S + WORK_S
    assert pacing.wait_s(1.0) == pytest.approx(done - LEAD_S - MARGIN_S - 1.0)
    assert pacing.wait_s(done) == 0


def test_no_more_than_may_be_in_flight_go() -> None:
    pacing = learned()
    pacing.sent(2, 1.0)
    pacing.sent(3, 1.2)
    assert math.isinf(pacing.wait_s(9.0))
    pacing.answered(2, 1.22, SERVER)
    assert pacing.wait_s(9.0) == 0


def test_a_frame_answers_older_inputs_too() -> None:
    pacing = learned()
    pacing.sent(2, 1.0)
    pacing.sent(3, 1.2)
    pacing.answered(3, 1.42, SERVER)
    assert pacing.wait_s(1.42) == 0


def test_one_that_waits_in_the_slot_is_begun_when_the_one_before_is_done() -> None:
    pacing = learned()
    pacing.sent(2, 1.0)
    pacing.sent(3, 1.01)  # early
    pacing.answered(2, 1.22, SERVER)
    free = 1.22 - 0.01 - 0.005  # the way back, and encoding
    assert pacing.wait_s(1.22) == pytest.approx(free + WORK_S - LEAD_S - MARGIN_S - 1.22)


def test_the_wait_in_the_slot_is_not_taken_for_the_models_time() -> None:
    pacing = Pacing(2)
    pacing.sent(1, 0.0)
    waited = {name: ms + 200 for name, ms in SERVER.items()}
    pacing.answered(1, 0.42, waited)
    pacing.sent(2, 1.0)
    assert pacing.wait_s(1.0) == pytest.approx(WORK_S - MARGIN_S)


def test_a_server_without_timings_is_not_waited_for() -> None:
    pacing = Pacing(2)
    pacing.sent(1, 0.0)
    pacing.answered(1, 0.42, {})
    pacing.sent(2, 1.0)
    assert pacing.wait_s(1.0) == 0


@pytest.mark.parametrize("forget", [lambda p: p.forget(2), lambda p: p.forget_all()])
def test_what_is_forgotten_is_not_waited_for(forget: Callable[[Pacing], None]) -> None:
    pacing = learned()
    pacing.sent(2, 1.0)
    forget(pacing)
    assert pacing.wait_s(1.0) == 0


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace["name"])
def test_it_waits_as_long_as_every_client_does(trace: dict[str, Any]) -> None:
    pacing = Pacing(IN_FLIGHT)
    for event in trace["events"]:
        wait = replay(pacing, event)
        if "wait" in event:
            told = math.inf if event["wait"] is None else event["wait"]
            assert wait == pytest.approx(told, abs=1e-3), event  # a µs


def test_the_traces_of_busy_servers_wait_and_go() -> None:
    for trace in TRACES[-3:]:
        waits = [event["wait"] for event in trace["events"] if "wait" in event]
        assert None in waits
        assert 0 in waits
        assert any(wait for wait in waits)
