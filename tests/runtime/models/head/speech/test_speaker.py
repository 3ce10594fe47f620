"""Speech of text, on a worker that nobody waits for: in order, bounded, given up at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest

from livedraft.errors import MissingExtraError, ModelNotFound
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.head.line import RATE
from livedraft.runtime.models.head.speech import speaker as speaking
from livedraft.runtime.models.head.speech.speaker import Said, Speaker
from livedraft.runtime.models.head.speech.voices import VOICES, Manner, Speech, Voice

FAKE = Manner("fake")


def fake_voice(text: str, manner: Manner) -> Iterator[Speech]:
    """A fake: a tone of 50 ms a word, in two pieces; it fails at "fail"."""
    if "fail" in text:
        raise RuntimeError("lost its voice")
    for half in (0.02, 0.03):
        count = round(half * 16_000 * len(text.split()) / manner.speed)
        yield Speech((8000 * np.sin(np.arange(count) / 5)).astype(np.int16), 16_000)


@pytest.fixture(autouse=True)
def entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that adds the fake voice by entry point."""
    point = EntryPoint("fake", f"{__name__}:fake_voice", "livedraft.voices")
    monkeypatch.setattr(
        "livedraft.registry.entry_points",
        lambda group: [point] if group == "livedraft.voices" else [],
    )
    monkeypatch.setattr("livedraft.registry.import_module", _import)


def _import(name: str) -> Any:
    import importlib
    import sys

    return sys.modules[__name__] if name == __name__ else importlib.import_module(name)


class Held(Executor):
    """A fake worker, that does what waits when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, tuple[Any, ...], Future[Any]]] = []
        self.over = False

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((fn, args, future))
        return future

    def work(self) -> None:
        for fn, args, future in self.waiting:
            if future.set_running_or_notify_cancel():
                future.set_result(fn(*args))
        self.waiting.clear()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        assert not wait
        self.over = True


def all_of(speaker: Speaker, waiting: int = 0) -> list[Said]:
    made: list[Said] = []
    while (more := speaker.take(waiting)) or speaker.busy:
        made += more
    return made


def test_sentences_are_made_in_order_at_the_line_s_rate() -> None:
    speaker = Speaker(AtOnce)
    speaker.read("One two. Three four five. Six", FAKE)
    speaker.read("", FAKE)
    made = all_of(speaker)
    assert [len(each.samples) for each in made] == [RATE // 10, 3 * RATE // 20, RATE // 20]
    assert [each.ended for each in made] == [False, False, True]
    assert [word.text for each in made for word in each.words] == (
        "One two. Three four five. Six".split()
    )


def test_nobody_waits_for_the_worker() -> None:
    held = Held()
    speaker = Speaker(lambda: held)
    speaker.read("One. Two. ", FAKE)
    assert speaker.take(0) == []
    assert speaker.busy
    assert len(held.waiting) == 1, "one sentence at a time"
    held.work()
    assert len(speaker.take(0)) == 1
    assert len(held.waiting) == 1, "the next one"


def test_little_is_made_ahead_of_what_is_heard() -> None:
    speaker = Speaker(AtOnce)
    speaker.read("One. Two. ", FAKE)
    assert all_of(speaker, waiting=60 * RATE) == []
    assert len(all_of(speaker, waiting=RATE)) == 2


def test_what_is_being_made_is_not_heard_after_a_stop() -> None:
    held = Held()
    speaker = Speaker(lambda: held)
    speaker.read("One. Two. ", FAKE)
    speaker.take(0)
    speaker.stop()
    held.work()
    assert (speaker.take(0), speaker.busy) == ([], False)
    speaker.read("Three. ", FAKE)
    speaker.take(0)
    held.work()
    assert [word.text for word in speaker.take(0)[0].words] == ["Three."]


def test_a_sentence_that_fails_costs_no_other() -> None:
    speaker = Speaker(AtOnce)
    speaker.read("One. This must fail. Two. ", FAKE)
    made = all_of(speaker)
    assert [bool(each.failed) for each in made] == [False, True, False]
    assert "lost its voice" in made[1].failed


def test_its_thread_is_there_while_it_is_needed() -> None:
    held = [Held(), Held()]
    speaker = Speaker(held.copy().pop)
    speaker.close()
    speaker.read("One. ", FAKE)
    speaker.take(0)
    speaker.close()
    assert held[1].over
    before = threading.active_count()
    real = Speaker()
    real.read("One. ", FAKE)
    real.take(0)
    assert threading.active_count() == before + 1
    thread = next(each for each in threading.enumerate() if each.name.startswith("speech"))
    real.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_voice_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look through all packages takes longer than a piece of text may."""
    loaded: list[str] = []
    found = VOICES.load

    def counted(name: str) -> Voice:
        loaded.append(name)
        return found(name)

    monkeypatch.setattr(VOICES, "load", counted)
    speaker = Speaker(AtOnce)
    for piece in ["One", " two", ". ", "Three", ". ", ""]:
        speaker.read(piece, FAKE)
    assert len(all_of(speaker)) == 3
    assert loaded == ["fake"]


def test_an_unknown_voice_and_a_missing_one_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelNotFound, match="fake"):
        Speaker(AtOnce).read("One.", Manner("fakee"))
    monkeypatch.setattr(speaking, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"livedraft\[head\]"):
        Speaker(AtOnce).read("One.", Manner("en-US"))


def test_speech_of_nothing_is_nothing() -> None:
    speaker = Speaker(AtOnce)
    speaker.read(" 😀 \n\n ", FAKE)
    speaker.read("", FAKE)
    made = all_of(speaker)
    assert not any(len(each.samples) for each in made)
    assert made[0].left_out == "😀"
    assert made[-1].ended


def hung(held: Held) -> None:
    """Have a fake worker be in what it was given, and never return."""
    for *_, future in held.waiting:
        future.set_running_or_notify_cancel()


@pytest.mark.parametrize("word", ["stop", "close"])
def test_nobody_waits_for_a_voice_that_never_returns(word: str) -> None:
    workers = [Held(), Held()]
    speaker = Speaker(iter(workers).__next__)
    speaker.read("One. ", FAKE)
    speaker.take(0)
    hung(workers[0])
    getattr(speaker, word)()
    assert workers[0].over, "it ends once the voice returns"
    speaker.read("Two. ", FAKE)
    speaker.take(0)
    workers[1].work()
    assert [len(each.samples) for each in speaker.take(0)] == [RATE // 20]


def test_a_sentence_that_takes_too_long_is_left_out() -> None:
    workers, now = [Held(), Held()], [0.0]
    speaker = Speaker(iter(workers).__next__, lambda: now[0])
    speaker.read("One. Two. ", FAKE)
    speaker.take(0)
    hung(workers[0])
    now[0] = 29.0
    assert speaker.take(0) == []
    now[0] = 31.0
    assert [each.failed for each in speaker.take(0)] == [
        "the voice took longer than 30 s for a sentence"
    ]
    workers[1].work()
    assert [len(each.samples) for each in speaker.take(0)] == [RATE // 20]


def test_a_voice_that_never_returns_is_not_given_more_and_more_threads() -> None:
    workers = [Held() for _ in range(9)]
    speaker = Speaker(iter(workers).__next__)
    failed = []
    for _ in range(9):
        speaker.read("One. ", FAKE)
        failed += [each.failed for each in speaker.take(0)]
        for each in workers:
            hung(each)
            each.waiting = []
        speaker.stop()
    assert sum(worker.over for worker in workers) == 4
    assert len(failed) == 5
    assert "has not returned" in failed[0]


def test_a_process_ends_while_a_voice_does_not_return() -> None:
    worker, begun, release = speaking.thread(), threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return release.wait(10)

    waiting = worker.submit(wait)
    queued = worker.submit(lambda: None)
    assert begun.wait(10)
    (thread,) = [each for each in threading.enumerate() if each.name == "speech"]
    assert thread.daemon
    worker.shutdown(wait=False, cancel_futures=True)
    assert queued.cancelled()
    release.set()
    thread.join(10)
    assert waiting.result(10)
    assert not thread.is_alive()
