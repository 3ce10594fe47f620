"""One session's rules: what is judged, merged, begun and given up."""

import pytest
from tests.doubles import FakeSink

from livedraft.errors import InvalidImage, InvalidParams, SessionClosed
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.echo import Echo, EchoParams
from livedraft.runtime.models.mixins import seed_of
from livedraft.runtime.sessions.session import Session


def session(sink: FakeSink | None = None) -> Session:
    return Session(
        Echo.info, EchoParams, {"prompt": "a fox"}, sink or FakeSink(), notify=lambda session: None
    )


def test_params_merge_key_by_key() -> None:
    live = session()
    live.update(1, {"seed": 7})
    live.update(2, {"delay_ms": 5})
    assert live.params == {
        "prompt": "a fox", "seed": 7, "steps": 4, "delay_ms": 5.0, "fail": False,
    }  # fmt: skip


def test_a_thousand_updates_apply_the_last() -> None:
    live = session()
    for id in range(1, 1001):
        live.update(id, {"seed": id})
    (draft,) = live.begin()
    assert (draft.id, seed_of(draft.params), draft.dropped) == (1000, 1000, 999)


@pytest.mark.parametrize(
    ("params", "message", "fix"),
    [
        ({"promt": "x"}, "no parameter 'promt'", "did you mean 'prompt'?"),
        ({"seed": -1}, "seed: ", "seed takes: integer 0 to 4294967295"),
        ({"seed": float("nan")}, "seed: ", "seed takes: integer 0 to 4294967295"),
        ({"delay_ms": float("inf")}, "delay_ms: ", "delay_ms takes: number 0 to 10000"),
        ({"prompt": "x" * 100_000}, "prompt: ", "prompt takes: string of at most 2000"),
        ({"prompt": 5}, "prompt: ", "prompt takes: string of at most 2000"),
        ({"prompt": "\ud800"}, "prompt: ", "give plain text"),
    ],
)
def test_bad_params_are_refused_and_change_nothing(
    params: dict[str, object], message: str, fix: str
) -> None:
    live = session()
    before = live.params
    with pytest.raises(InvalidParams) as caught:
        live.update(1, params)
    assert caught.value.message.startswith(message)
    assert caught.value.fix.startswith(fix)
    assert live.params == before
    assert live.begin() == []


def test_unknown_input_names_the_closest() -> None:
    with pytest.raises(InvalidImage, match="did you mean 'sketch'"):
        session().input(1, {"sketsh": b"x"}, {})


def test_one_draft_at_a_time_and_the_newest_waits() -> None:
    live = session()
    live.input(1, {"sketch": b"one"}, {})
    (first,) = live.begin()
    live.input(2, {"sketch": b"two"}, {})
    live.input(3, {"sketch": b"three"}, {"seed": 3})
    assert live.begin() == []
    live.finish(first)
    (second,) = live.begin()
    assert (second.id, second.inputs, second.dropped) == (3, {"sketch": b"three"}, 1)


def test_nothing_begins_while_the_reader_is_not_ready() -> None:
    sink = FakeSink(ready=False)
    live = session(sink)
    live.update(1, {"seed": 1})
    assert live.begin() == []
    sink.ready = True
    assert [task.id for task in live.begin()] == [1]


def test_refine_takes_what_waits_and_its_own_params_once() -> None:
    live = session()
    live.input(1, {"sketch": b"one"}, {})
    live.refine(2, {"steps": 9})
    (final,) = live.begin()
    assert (final.stage, final.steps, final.inputs) == (Stage.FINAL, 9, {"sketch": b"one"})
    assert live.params["steps"] == 4
    assert live.begin() == []


def test_anything_newer_gives_a_refine_up() -> None:
    live = session()
    live.refine(1, {})
    (final,) = live.begin()
    live.update(2, {"seed": 2})
    assert final.given_up
    (draft,) = live.begin()
    assert draft.stage is Stage.DRAFT


def test_cancel_keeps_pictures_that_waited() -> None:
    live = session()
    live.input(1, {"sketch": b"one"}, {"seed": 9})
    live.refine(2, {})
    live.cancel()
    assert live.begin() == []
    live.update(3, {"prompt": "b"})
    (draft,) = live.begin()
    assert (draft.inputs, seed_of(draft.params)) == ({"sketch": b"one"}, 9)


def test_detached_begins_nothing_and_goes_on_after_attach() -> None:
    live = session()
    live.update(1, {"seed": 1})
    (draft,) = live.begin()
    live.detach()
    assert draft.given_up
    live.finish(draft)
    live.attach(FakeSink())
    live.update(2, {})
    (again,) = live.begin()
    assert seed_of(again.params) == 1


def test_closed_takes_nothing() -> None:
    live = session()
    live.close()
    live.close()
    with pytest.raises(SessionClosed):
        live.update(1, {})
    with pytest.raises(SessionClosed):
        live.attach(FakeSink())
