"""The table of models: what an entry says, who shares a lane, and what one that fails leaves."""

from pathlib import Path

import pytest

from livedraft.errors import ConfigError, ModelNotFound, WeightsError
from livedraft.protocol.messages import Ack, Error, Frame, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.entries import Entry, entries
from livedraft.runtime.loading import load
from livedraft.runtime.models.base import DEFAULT_PLAN, Plan
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.server import Server
from livedraft.runtime.table import Table, load_models
from livedraft.runtime.transports.memory import MemoryClient


def test_an_entry_is_what_its_model_plans_and_defaults_say() -> None:
    plans = ["ink.device=cuda:1", "echo.threads=2", "echo.lane=fast"]
    ink, echo, more = entries(["ink = some/folder", "echo", "loopback"], plans, "cpu", 4)
    assert ink == Entry("ink", "some/folder", "cuda:1", 4)
    assert (echo.source, echo.device, echo.threads, echo.on) == ("", "cpu", 2, "fast")
    assert more.on == "cpu"


@pytest.mark.parametrize(
    ("models", "plans", "says", "fix"),
    [
        (["=folder"], [], "has no name", "ink=folder"),
        (["ink", "ink=x"], [], "named twice", "once"),
        (["ink"], ["ikn.device=cuda"], "no model that is served", "did you mean 'ink'"),
        (["ink"], ["ink.devise=cuda"], "no key 'devise'", "did you mean 'device'"),
        (["ink"], ["ink.threads=two"], "is no number", "ink.threads=2"),
        (["ink"], ["device"], "no model that is served", "ink"),
    ],
)
def test_what_is_no_entry_is_refused(
    models: list[str], plans: list[str], says: str, fix: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        Config(models=tuple(models), plans=tuple(plans))
    assert fix in caught.value.fix


def test_a_file_says_it_in_tables(tmp_path: Path) -> None:
    file = tmp_path / "livedraft.toml"
    file.write_text("[models.echo]\nthreads = 2\n[models.loopback]\nlane = 'io'\n")
    config = load(file=file).config
    assert config.models == ("echo", "loopback")
    assert config.plans == ("echo.threads=2", "loopback.lane=io")
    assert list(Table(config).lanes) == ["cpu", "io"]
    file.write_text("plans = ['echo.lane=a']\n[models.echo]\n")
    with pytest.raises(ConfigError, match="beside them"):
        load(file=file)
    file.write_text("[models]\necho = 'cpu'\n")
    with pytest.raises(ConfigError, match="is no table"):
        load(file=file)


def test_source_and_plan_reach_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Plan]] = []

    def loaded(source: str = "", plan: Plan = DEFAULT_PLAN) -> Echo:
        seen.append((source, plan))
        return Echo()

    monkeypatch.setattr(Echo, "load", loaded)
    load_models(Config(models=("echo=here",), plans=("echo.device=cuda",), threads=3))
    assert seen == [("here", Plan("cuda", 3))]


def torn(cls: type[Loopback], source: str = "", plan: Plan = DEFAULT_PLAN) -> Loopback:
    raise WeightsError("weights are missing", fix="fetch them")


@pytest.mark.anyio
@pytest.mark.parametrize("when", ["load", "warm up"])
async def test_a_model_that_fails_does_not_keep_the_others(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Loopback, *_: object) -> None:
        raise WeightsError("weights are missing", fix="fetch them")

    if when == "load":
        monkeypatch.setattr(Loopback, "load", classmethod(torn))
    else:
        monkeypatch.setattr(Loopback, "prepare", fails)
    config = Config(models=("loopback", "echo"), plans=("loopback.lane=other",))
    async with Server(config) as service:
        assert list(service.models) == ["echo"]
        assert service.models["echo"]["default"]
        async with MemoryClient(service) as client:
            await client.say(Open(model="loopback", features=["media"]))
            error = await client.hear(Error)
            assert error.code == "model_not_found"
            assert "weights are missing" in error.message
        async with MemoryClient(service) as client:
            await client.open()
            await client.say(ParamsUpdate(id=1, params={}))
            await client.hear(Ack)
            assert (await client.hear(Frame)).model == "echo"


def test_where_none_is_left_the_fault_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loopback, "load", classmethod(torn))
    with pytest.raises(WeightsError, match="weights are missing"):
        load_models(Config(models=("loopback",)))
    with pytest.raises(ModelNotFound):
        load_models(Config(models=("loopback", "ecko")))
