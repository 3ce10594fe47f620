"""A switch between models whose inputs are called differently, while pictures are on their way."""

from dataclasses import replace

import pytest
from tests.doubles import FakeSink

from livedraft.runtime.models.base import AnyModel, ImageInput, ModelInfo
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.session import Session


class Named(Echo):
    """The null model under another name, and its input under another."""

    def __init__(self, name: str, takes: str) -> None:
        self.info: ModelInfo = replace(Echo.info, id=name, inputs=(ImageInput(takes, 512, 512),))


MODELS: dict[str, AnyModel] = {
    "a": Named("a", "sketch"),
    "b": Named("b", "photo"),
    "c": Named("c", "paper"),
}


@pytest.mark.parametrize("first_over", ["draft", "refine"])
@pytest.mark.parametrize("refines", ["", "b", "c"])
@pytest.mark.parametrize(("to", "takes"), [("b", "photo"), ("c", "paper"), ("a", "sketch")])
def test_what_a_refine_has_not_brought_in_goes_to_the_next_model(
    refines: str, to: str, takes: str, first_over: str
) -> None:
    first = MODELS["a"]
    session = Session(
        first.info,
        first.params,
        {},
        FakeSink(),
        notify=lambda session: None,
        find=MODELS.__getitem__,
        refine_model=refines,
    )
    session.input(1, {"sketch": b"older"}, {})
    [draft] = session.begin()
    session.input(2, {"sketch": b"newer"}, {})
    session.refine(3, {})
    [refine] = session.begin()
    session.switch(4, to, {})
    for task in (draft, refine) if first_over == "draft" else (refine, draft):
        session.finish(task)
    [after] = session.begin()
    assert after.inputs == {takes: b"newer"}


@pytest.mark.parametrize("first_over", ["draft", "refine"])
def test_of_pictures_that_a_broken_line_gave_up_the_newest_stands(first_over: str) -> None:
    model = MODELS["a"]
    session = Session(model.info, model.params, {}, FakeSink(), notify=lambda session: None)
    session.input(1, {"sketch": b"older"}, {})
    [draft] = session.begin()
    session.input(2, {"sketch": b"newer"}, {})
    session.refine(3, {})
    [refine] = session.begin()
    session.detach()
    for task in (draft, refine) if first_over == "draft" else (refine, draft):
        session.finish(task)
    session.attach(FakeSink())
    session.update(4, {})
    [after] = session.begin()
    assert after.inputs == {"sketch": b"newer"}
