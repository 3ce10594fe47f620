"""Settings: their order of precedence, their refusals, and the page that describes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from livedraft.errors import ConfigError
from livedraft.runtime.config import DEFAULTS, NAMES, RULES, Config, table
from livedraft.runtime.loading import listing, load, parse

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_alone() -> None:
    loaded = load()
    assert loaded.config == Config()
    assert set(loaded.sources.values()) == {"default"}


def test_each_source_overrides_the_one_before() -> None:
    Path("livedraft.toml").write_text('port = 1\nhost = "file"\ndevice = "file"\nwindow = 3\n')
    env = {"LIVEDRAFT_PORT": "2", "LIVEDRAFT_HOST": "env", "PATH": "x"}
    loaded = load({"port": "3"}, env)
    assert (loaded.config.port, loaded.config.host) == (3, "env")
    assert (loaded.config.device, loaded.config.window) == ("file", 3)
    assert loaded.sources["port"] == "flag"
    assert loaded.sources["host"] == "environment"
    assert loaded.sources["window"] == "file livedraft.toml"
    assert loaded.sources["token"] == "default"


def test_a_file_is_named_by_flag_or_environment(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text("port = 1")
    second.write_text("port = 2")
    env = {"LIVEDRAFT_CONFIG": str(second)}
    assert load(env=env).config.port == 2
    assert load(env=env, file=first).config.port == 1


def test_a_variable_for_clients_is_no_setting() -> None:
    assert load(env={"LIVEDRAFT_URL": "http://127.0.0.1:7860"}).config == Config()


def test_a_named_file_must_exist() -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*gone\.toml"):
        load(file=Path("gone.toml"))


@pytest.mark.parametrize(
    "content",
    [b"port = ", b"port = 1\nport = 2", b"\xff\xfe", b"port = " + b"[" * 10_000],
    ids=["cut off", "twice", "no text", "nested"],
)
def test_a_file_must_be_toml(content: bytes) -> None:
    Path("livedraft.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="is not TOML"):
        load()


@pytest.mark.parametrize(
    "content",
    ["port" + ".a" * 10_000 + " = 1", "port = " + "{a = " * 500 + "1" + "}" * 500, "port = [1]"],
    ids=["a dotted key", "tables", "a list"],
)
def test_a_value_of_another_shape_is_refused_however_deep(content: str) -> None:
    Path("livedraft.toml").write_text(content)
    with pytest.raises(ConfigError) as caught:
        load()
    assert len(str(caught.value)) < 400
    assert caught.value.fix


@pytest.mark.parametrize(
    ("flags", "env"), [({"prot": "1"}, {}), ({}, {"LIVEDRAFT_PROT": "1"})], ids=["flag", "env"]
)
def test_an_unknown_key_is_refused_with_the_closest(
    flags: dict[str, str], env: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match="no setting 'prot'") as caught:
        load(flags, env)
    assert caught.value.fix == "did you mean 'port'?"


def test_an_unknown_key_of_the_file_names_the_file() -> None:
    Path("livedraft.toml").write_text("[server]\nport = 1")
    with pytest.raises(ConfigError, match=r"file livedraft\.toml: no setting 'server'"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", 1.5),
        ("port", True),
        ("port", None),
        ("resume_s", "soon"),
        ("resume_s", []),
        ("host", 1),
        ("models", 1),
        ("models", [1]),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} = .* is not a"):
        parse(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 65536),
        ("port", -1),
        ("max_sessions", 0),
        ("window", 65),
        ("resume_s", -0.5),
        ("resume_s", "nan"),
        ("log_level", "loud"),
        ("models", ""),
    ],
)
def test_a_value_out_of_range_is_refused_with_a_fix(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        load({name: value})
    assert caught.value.fix


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "0", 0),
        ("resume_s", "2.5", 2.5),
        ("resume_s", 3, 3.0),
        ("models", "ink, echo", ("ink", "echo")),
        ("models", ["ink"], ("ink",)),
        ("origins", "", ()),
        ("token", "a,b", "a,b"),
    ],
)
def test_text_and_values_are_read(name: str, text: object, value: object) -> None:
    assert parse(name, text) == value


def test_the_listing_is_toml_and_hides_secrets() -> None:
    loaded = load({"token": "hush", "models": "ink,echo"}, {"LIVEDRAFT_PORT": "80"})
    text = listing(loaded)
    assert "hush" not in text
    assert 'models = ["ink", "echo"]' in text
    assert any(line.split() == ["port", "=", "80", "#", "environment"] for line in text.split("\n"))
    Path("livedraft.toml").write_text(text)
    assert load().config.models == ("ink", "echo")


def test_every_setting_is_explained() -> None:
    for name in NAMES:
        assert RULES[name].help.endswith("."), name
        assert parse(name, DEFAULTS[name]) == DEFAULTS[name]


def test_the_page_holds_the_table_of_the_code() -> None:
    assert table() in PAGE.read_text("utf-8")
