"""Which models a session uses: what a switch keeps, what it frees, what a refusal leaves alone."""

from dataclasses import replace
from typing import ClassVar

import pytest
from pydantic import Field

from livedraft.errors import InvalidParams, ModelNotFound
from livedraft.runtime.models.base import AnyModel, ImageInput, ModelInfo, Params
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.use import Uses, carried, renamed, use_of


class WideParams(Params):
    """A strength of any size, and a prompt."""

    prompt: str = ""
    strength: float = Field(default=0.5, ge=0, le=10)


class NarrowParams(Params):
    """A strength up to 1."""

    strength: float = Field(default=0.5, ge=0, le=1)


class Wide(Echo):
    """The null model with other params."""

    info: ModelInfo = replace(Echo.info, id="wide", places=1)
    params: ClassVar[type[Params]] = WideParams


class Narrow(Echo):
    """The null model with fewer params, at three times the cost."""

    info: ModelInfo = replace(Echo.info, id="narrow", places=3)
    params: ClassVar[type[Params]] = NarrowParams


MODELS: dict[str, AnyModel] = {"wide": Wide(), "narrow": Narrow()}


def find(name: str) -> AnyModel:
    """Return a model of the server's."""
    if name not in MODELS:
        raise ModelNotFound(f"no model '{name}'", fix="known: narrow, wide")
    return MODELS[name]


def drafting(params: Params) -> Uses:
    """Return the models of a session that drafts with ``wide``."""
    return Uses(use_of(MODELS["wide"], params), find)


def test_a_switch_carries_what_was_set_and_suits_and_frees_the_model_before() -> None:
    uses = drafting(WideParams(prompt="a fox", strength=0.75))
    old = uses.switch("narrow", {})
    assert uses.drafting.params == NarrowParams(strength=0.75)
    assert uses.unused([], closed=False) == [old]
    assert uses.unused([], closed=False) == [], "once"


def test_a_param_that_the_next_model_refuses_is_left_behind() -> None:
    uses = drafting(WideParams(strength=7))
    uses.switch("narrow", {})
    assert uses.drafting.params == NarrowParams()


def test_what_is_said_with_a_switch_counts_before_what_was_set() -> None:
    uses = drafting(WideParams(strength=0.75))
    uses.switch("narrow", {"strength": 0.25})
    assert uses.drafting.params == NarrowParams(strength=0.25)


@pytest.mark.parametrize(
    ("name", "params", "error"),
    [
        ("ecko", {}, ModelNotFound),
        ("narrow", {"strength": 2}, InvalidParams),
        ("narrow", {"prompt": "x"}, InvalidParams),
        ("wide", {"strength": 11}, InvalidParams),
    ],
)
def test_a_refused_switch_changes_nothing(
    name: str, params: dict[str, object], error: type[Exception]
) -> None:
    uses = drafting(WideParams(prompt="a fox"))
    before, kept = uses.drafting, uses.drafting.params
    with pytest.raises(error):
        uses.switch(name, params)
    assert (uses.drafting, uses.drafting.params) == (before, kept)
    assert uses.unused([], closed=False) == []


def test_a_model_with_a_job_under_way_is_freed_after_it() -> None:
    uses = drafting(WideParams())
    old = uses.switch("narrow", {})
    assert uses.unused([old], closed=False) == []
    assert uses.unused([], closed=False) == [old]


def test_at_the_end_every_model_is_freed_and_none_twice() -> None:
    uses = drafting(WideParams())
    old = uses.switch("narrow", {})
    uses.refine_with("wide")
    freed = uses.unused([], closed=True)
    assert len(freed) == 3
    assert {id(use) for use in freed} == {id(old), id(uses.drafting), id(uses.final)}
    assert uses.unused([], closed=True) == []


def test_another_model_refines_with_what_it_takes_of_the_drafts_params() -> None:
    uses = drafting(WideParams(prompt="a fox", strength=0.75))
    assert uses.to_refine() == (uses.drafting, uses.drafting.params)
    uses.refine_with("narrow")
    assert uses.to_refine() == (uses.final, NarrowParams(strength=0.75))
    assert uses.places == 3, "the dearer of both"
    uses.refine_with("wide")
    assert uses.to_refine()[0] is uses.drafting


def test_a_model_that_refines_drafts_with_the_state_that_it_has() -> None:
    uses = drafting(WideParams())
    uses.refine_with("narrow")
    refining = uses.final
    uses.switch("narrow", {})
    assert uses.drafting is refining
    uses.switch("wide", {})
    assert uses.final is not None, "it was asked to refine, and goes on doing so"
    assert uses.final.info.id == "narrow"


def test_a_session_without_a_server_has_one_model() -> None:
    uses = Uses(use_of(MODELS["wide"], WideParams()), None)
    with pytest.raises(ModelNotFound):
        uses.switch("narrow", {})


def test_only_what_was_set_is_carried() -> None:
    assert carried(Narrow.info, NarrowParams, WideParams(prompt="a fox")) == {}
    assert carried(Wide.info, WideParams, NarrowParams(strength=1)) == {"strength": 1}


def test_a_drawing_goes_to_the_other_models_first_input() -> None:
    one = replace(Echo.info, inputs=(ImageInput("sketch", 8, 8), ImageInput("mask", 8, 8)))
    other = replace(Echo.info, inputs=(ImageInput("person", 8, 8), ImageInput("mask", 8, 8)))
    assert renamed({"sketch": 1, "mask": 2}, one, other) == {"person": 1, "mask": 2}
    assert renamed({"mask": 2}, one, other) == {"mask": 2}
    assert renamed({"sketch": 1}, one, one) == {"sketch": 1}
    assert renamed({"sketch": 1}, one, replace(Echo.info, inputs=())) == {}
