"""A thread of calls keeps their order, tells what it is in, and outlives whatever they raise."""

import threading
from concurrent.futures import CancelledError
from functools import partial

import pytest
from tests.doubles import FakeClock

from livedraft.runtime.engine.thread import CallThread


def test_calls_run_one_after_another_in_their_order() -> None:
    thread, ran = CallThread("calls"), list[int]()
    for future in [thread.submit("m", "step", partial(ran.append, n)) for n in range(50)]:
        future.result(10)
    assert ran == list(range(50))
    assert thread.close(10)


@pytest.mark.parametrize(
    ("fault", "words"),
    [(ValueError("no"), "no"), (SystemExit(3), "SystemExit"), (KeyboardInterrupt(), "Keyboard")],
)
def test_whatever_a_call_raises_is_its_futures_and_the_next_one_runs(
    fault: BaseException, words: str
) -> None:
    thread = CallThread("calls")

    def call() -> None:
        raise fault

    failed, next_one = thread.submit("m", "step", call), thread.submit("m", "step", lambda: 7)
    with pytest.raises(Exception, match=words):  # never what would end who waits for it
        failed.result(10)
    assert next_one.result(10) == 7
    assert thread.close(10)


def test_it_tells_which_call_it_is_in_since_when_and_where() -> None:
    clock = FakeClock()
    thread, begun, end = CallThread("calls", clock=clock), threading.Event(), threading.Event()
    clock.now = 12.0

    def waits_for_us() -> None:
        begun.set()
        end.wait(10)

    assert thread.current is None
    future = thread.submit("ink", "prepare", waits_for_us)
    assert begun.wait(10)
    call = thread.current
    assert call is not None
    assert (call.model, call.phase, call.since) == ("ink", "prepare", 12.0)
    assert "waits_for_us" in thread.stack()
    assert not thread.close(0), "it does not end in a call"
    end.set()
    future.result(10)
    assert thread.current is None
    assert thread.close(10)


def test_a_call_that_was_cancelled_before_its_turn_does_not_run() -> None:
    thread, end, ran = CallThread("calls"), threading.Event(), list[str]()
    first = thread.submit("m", "step", lambda: end.wait(10))
    second = thread.submit("m", "step", lambda: ran.append("second"))
    assert second.cancel()
    end.set()
    assert first.result(10)
    with pytest.raises(CancelledError):
        second.result(10)
    assert thread.close(10)
    assert ran == []


def test_what_was_submitted_before_the_end_still_runs() -> None:
    thread, ran = CallThread("calls"), list[int]()
    for n in range(20):
        thread.submit("m", "close", partial(ran.append, n))
    assert thread.close(10)
    assert ran == list(range(20))
