"""The table of models: what an entry says, who shares a lane, and what one that fails leaves."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.memory import MemoryClient
from tests.tables import load_models

from livedraft.cli import main
from livedraft.errors import ConfigError, ModelNotFound, WeightsError
from livedraft.protocol.messages import Ack, Error, Frame, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.entries import Entry, entries
from livedraft.runtime.loading import listing, load
from livedraft.runtime.models.base import DEFAULT_PLAN, Plan
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.plan import Size
from livedraft.runtime.readiness import Readiness
from livedraft.runtime.server import Server
from livedraft.runtime.table import Table


def test_an_entry_is_what_its_model_plans_and_defaults_say() -> None:
    plans = ["ink.device=cuda:1", "echo.threads=2", "echo.lane=fast"]
    ink, echo, more = entries(["ink = some/folder", "echo", "loopback"], plans, "cpu", 4)
    assert ink == Entry("ink", "some/folder", "", Plan("cuda:1", 4), frozenset({"device"}))
    assert (echo.source, echo.plan, echo.on) == ("", Plan("cpu", 2), "fast")
    assert more.on == "cpu"


@pytest.mark.parametrize(
    ("models", "plans", "says", "fix"),
    [
        (["=folder"], [], "has no name", "ink=folder"),
        (["ink", "ink=x"], [], "named twice", "once"),
        (["ink"], ["ikn.device=cuda"], "no model that is served", "did you mean 'ink'"),
        (["ink"], ["ink.devise=cuda"], "no key 'devise'", "did you mean 'device'"),
        (["ink"], ["ink.threads=two"], "ink.threads = 'two' makes no sense", "threads=2"),
        (["ink"], ["ink.threads=1025"], "makes no sense", "threads=2"),
        (["ink"], ["ink.threads=" + "9" * 5000], "makes no sense", "threads=2"),
        (["ink"], ["ink.threads=²"], "makes no sense", "threads=2"),
        (["ink"], ["ink.device="], "makes no sense", "cuda:1"),
        (["ink"], ["ink.sizes=512+big"], "ink.sizes = '512.big' makes no sense", "512+1280x720"),
        (["ink"], ["ink.sizes=512x"], "makes no sense", "512+1280x720"),
        (["ink"], ["ink.sizes=99999"], "makes no sense", "512+1280x720"),
        (["ink"], ["ink.batches=0"], "makes no sense", "2+4"),
        (["ink"], ["ink"], "names no key", "ink.device=cpu"),
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
    assert list(Table(config, Readiness()).lanes) == ["cpu", "io"]
    file.write_text("[models.ink]\nsizes = [512, '1024']\nbatches = 4\nquantise = 'none'\n")
    (ink,) = entries((loaded := load(file=file).config).models, loaded.plans, "cpu", 0)
    assert ink.plan == Plan(quantise="none", sizes=(Size(512, 512), Size(1024, 1024)), batches=(4,))
    for value in ("true", "1.5", "[]", "[[1]]", "{a = 1}"):
        file.write_text(f"[models.ink]\nthreads = {value}\n")
        with pytest.raises(ConfigError, match=r"models\.ink: threads is neither") as caught:
            load(file=file)
        assert "livedraft models ink" in caught.value.fix
    file.write_text("plans = ['echo.lane=a']\n[models.echo]\n")
    with pytest.raises(ConfigError, match="beside them"):
        load(file=file)
    file.write_text("[models]\necho = 'cpu'\n")
    with pytest.raises(ConfigError, match="is no table"):
        load(file=file)


TABLES = "[models.ink]\nsizes = [512]\nthreads = 2\n[models.loopback]\nlane = 'io'\n"


def test_plans_are_merged_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "livedraft.toml"
    file.write_text(TABLES)
    env = {"LIVEDRAFT_PLANS": "ink.threads=3,ink.batches=2"}
    loaded = load({"plans": "ink.batches=4"}, env, file)
    ink, loopback = entries(loaded.config.models, loaded.config.plans, "cpu", 0)
    assert ink.plan == Plan(threads=3, sizes=(Size(512, 512),), batches=(4,))
    assert loopback.on == "io"
    assert loaded.sources["plans"] == f"file {file}, environment, flag"
    again = tmp_path / "again.toml"
    again.write_text(listing(loaded))
    assert load(file=again).config == loaded.config


def test_plans_of_models_that_are_served_no_longer_go(tmp_path: Path) -> None:
    file = tmp_path / "livedraft.toml"
    file.write_text(TABLES)
    config = load({"models": "echo"}, file=file).config
    assert (config.models, config.plans) == (("echo",), ())
    config = load({"models": "echo,loopback=x", "plans": "echo.lane=e"}, file=file).config
    assert config.plans == ("loopback.lane=io", "echo.lane=e")
    with pytest.raises(ConfigError, match="no model that is served"):
        load({"models": "echo", "plans": "ink.lane=e"}, file=file)


def test_a_plan_that_leaves_no_model_ends_the_command_with_what_to_do() -> None:
    flags = ["--models", "echo", "--plans", "echo.quantise=int8", "--port", "0"]
    said = CliRunner().invoke(main, ["serve", *flags])
    assert said.exit_code == 1
    assert "'echo' heeds no quantise" in said.stderr
    assert "Fix: leave echo.quantise out" in said.stderr


def test_source_and_plan_reach_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Plan]] = []

    def loaded(source: str = "", plan: Plan = DEFAULT_PLAN) -> Echo:
        seen.append((source, plan))
        return Echo()

    monkeypatch.setattr(Echo, "load", loaded)
    plans = ("echo.quantise=fp8", "echo.sizes=64+96x32")
    monkeypatch.setattr(Echo, "honours", {"quantise": ("fp8",)})
    load_models(Config(models=("echo=here",), plans=plans, threads=3))
    assert seen == [("here", Plan("cpu", 3, "fp8", (Size(64, 64), Size(96, 32))))]


@pytest.mark.parametrize(
    ("plan", "says", "fix"),
    [
        ("echo.device=cuda:1", "cannot be loaded with device = 'cuda:1'", "echo.device takes cpu"),
        ("echo.threads=2", "'echo' heeds no threads", "leave echo.threads out"),
        ("echo.quantise=int8", "'echo' heeds no quantise", "leave echo.quantise out"),
    ],
)
@pytest.mark.anyio
async def test_a_plan_that_a_model_does_not_honour_costs_that_model_alone(
    plan: str, says: str, fix: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load_models(Config(models=("echo",), plans=(plan,)))
    assert caught.value.fix == fix
    async with Server(Config(models=("echo", "loopback"), plans=(plan,))) as service:
        assert list(service.models) == ["loopback"]
        async with MemoryClient(service) as client:
            await client.say(Open(model="echo"))
            error = await client.hear(Error)
            assert "is not served" in error.message
            assert says[-8:] in error.message


def test_what_is_said_for_all_models_is_no_plan_of_one() -> None:
    assert load_models(Config(models=("echo",), device="cuda", threads=2)), "it has no use for it"


@pytest.mark.parametrize("honours", [None, {"device": 3}, {"device": "cpu", 7: ()}])
def test_a_model_that_says_nonsense_of_what_it_honours_is_left_out(
    honours: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loopback, "honours", honours)
    config = Config(models=("loopback", "echo"), plans=("loopback.device=tpu",))
    assert list(load_models(config)) == ["echo"]


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
