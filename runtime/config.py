"""The table of the server's settings: what each means, its default, and what it takes.

Not on pydantic-settings: written on its 2.14 for a trial, this and ``loading`` had 385 lines in
place of 342, and ``livedraft --help`` took 2.5 times the processor's time, as it would import
pydantic. What it brings is short here, and what takes the lines it does not have: which source a
value came from, a misspelt variable refused with the closest name (it passes over one, also with
``extra="forbid"``), lists by commas, variables that Kubernetes makes, no bool for a number, and a
``Config`` made in a program that reads no environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, cast

from livedraft.errors import ConfigError, did_you_mean

from .addresses import SPELLINGS
from .budget import budgets
from .entries import entries
from .ice import check_ice_servers, ports

Value = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a setting means and which values it takes."""

    help: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False


def _setting(
    default: Value,
    help: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    rules = Rules(help, unit, least, most, choices, secret)
    return field(default=default, metadata={"rules": rules})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting of a server; a value that its rules refuse raises ConfigError."""

    host: str = _setting("127.0.0.1", "Address to listen at; 0.0.0.0 for every network.")
    port: int = _setting(7860, "Port to listen at; 0 takes a free one.", least=0, most=65535)
    models: tuple[str, ...] = _setting(
        ("ink",),
        "Models to load, as NAME or NAME=SOURCE, a folder or hub id, or your own as "
        "python:my_model.py:MyModel; the first is the default. In the file also tables "
        "[models.NAME].",
    )
    plans: tuple[str, ...] = _setting(
        (),
        "How single models are loaded, as NAME.KEY=VALUE: source, device, threads, quantise, "
        "parallel, the sizes and batches that are made ready (ink.sizes=512+1024), lane. Models "
        "of a lane share a thread, and no lane waits for another; without one, those of a device "
        "do.",
    )
    device: str = _setting("cpu", "Device of the models: cpu, cuda, cuda:1, mps.")
    threads: int = _setting(
        0, "Threads of one model call; 0 takes the physical cores.", least=0, most=1024
    )
    parallel: str = _setting(
        "",
        "Ranks that share each call of the diffusion models, by cfg, ulysses, ring or stages, as "
        "cfg=2,ulysses=2: processes on the devices from theirs on.",
    )
    memory: tuple[str, ...] = _setting(
        (),
        "What models and sessions may take of each device, as 24GiB, or of one, as cuda:1=12GiB; "
        "empty: of a GPU what is free as the server starts. Models that nobody uses leave it when "
        "another needs the room.",
    )
    loras: tuple[str, ...] = _setting(
        (), "LoRAs that clients may name, as NAME=FILE; in the file a table of names and files."
    )
    accept_licences: tuple[str, ...] = _setting(
        (),
        "Models that are served though their licence forbids commercial use, since yours is within "
        "it.",
    )
    cache: str = _setting(
        "",
        "Folder that keeps between runs what was measured once, such as plans; 'none': nothing is "
        "kept. Empty: the platform's, such as ~/.cache/livedraft.",
    )
    max_sessions: int = _setting(
        16, "Places for sessions that are served at once; of most models one takes one.", least=1
    )
    max_queue: int = _setting(64, "Clients that may wait for a place; 0 turns them away.", least=0)
    window: int = _setting(
        2, "Unconfirmed frames after which a session waits for its client.", least=1, most=64
    )
    resume_s: float = _setting(
        60.0, "Time for which a lost session can be resumed.", unit="s", least=0
    )
    max_parked_bytes: int = _setting(
        256 * 2**20,
        "Pictures and states of lost sessions that are kept.",
        unit="bytes",
        least=0,
    )
    open_s: float = _setting(
        10.0,
        "Time in which a new connection must send its headers, and then 'open'.",
        unit="s",
        least=0.1,
    )
    body_s: float = _setting(
        60.0, "Time in which a request's body must arrive.", unit="s", least=0.1
    )
    load_s: float = _setting(
        900.0,
        "Time that clients wait for models that are being loaded and warmed up.",
        unit="s",
        least=0.1,
    )
    idle_s: float = _setting(
        300.0,
        "Time after which an unused place goes to one who waits; it can be resumed. A request of "
        "fal's queue that nobody asks about is forgotten then.",
        unit="s",
        least=0.1,
    )
    send_s: float = _setting(
        60.0, "Time after which a client that reads nothing counts as gone.", unit="s", least=0.1
    )
    token: str = _setting("", "Shared secret that clients must send; empty: none.", secret=True)
    origins: tuple[str, ...] = _setting(
        (), "Other websites that may use this server, such as https://example.org; '*' for all."
    )
    hosts: tuple[str, ...] = _setting((), "Names of this server, or *.example.org; '*' for any.")
    frames: tuple[str, ...] = _setting((), "Websites that may frame its pages; '*' for all.")
    proxies: tuple[str, ...] = _setting(
        ("127.0.0.1", "::1"),
        "Addresses and networks of proxies, whose X-Forwarded-For is believed.",
    )
    ice_servers: tuple[str, ...] = _setting(
        (),
        "STUN and TURN servers of WebRTC, for both ends, as turn:turn.example.org:3478; none: none "
        "is asked.",
    )
    turn_secret: str = _setting(
        "",
        "Secret shared with the TURN servers (coturn's static-auth-secret), of which clients get "
        "passwords that expire.",
        secret=True,
    )
    turn_s: float = _setting(
        86_400.0, "Time after which such a password expires.", unit="s", least=60
    )
    webrtc_ports: str = _setting(
        "", "UDP ports of WebRTC, as 40000-40100; empty: any that are free."
    )
    max_connections: int = _setting(512, "Connections that are open at once.", least=1)
    max_per_address: int = _setting(
        64, "Connections and requests that one address may have at a time.", least=1
    )
    max_hourly_per_address: int = _setting(
        0,
        "Sessions that one address may open within an hour, single pictures counted as well; 0: "
        "any number.",
        least=0,
        most=100_000,
    )
    max_message_bytes: int = _setting(
        8 * 2**20, "Largest message or request body.", unit="bytes", least=1024
    )
    max_pixels: int = _setting(
        4096 * 4096,
        "Largest picture a client may send; it is kept no larger than a model reads it.",
        unit="px",
        least=1,
    )
    picture_threads: int = _setting(
        2, "Threads that encode and decode pictures.", least=1, most=256
    )
    mark: str = _setting(
        "on",
        "Whether files say that a model made them (IPTC's DigitalSourceType).",
        choices=("on", "off"),
    )
    c2pa_certificate: str = _setting(
        "", "PEM file of the certificate, with its chain, that signs pictures (C2PA)."
    )
    c2pa_key: str = _setting("", "PEM file of its private key.")
    c2pa_algorithm: str = _setting(
        "es256",
        "Algorithm of that key.",
        choices=("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"),
    )
    model_s: float = _setting(
        120.0,
        "Time after which a model call that has not returned is given up with its jobs.",
        unit="s",
        least=0.1,
    )
    drain_s: float = _setting(
        10.0, "Time that a stopping server leaves to pictures in the making.", unit="s", least=0
    )
    log_level: str = _setting(
        "info", "Least level that is logged.", choices=("debug", "info", "warning", "error")
    )

    def __post_init__(self) -> None:
        """Refuse what the rules of a field refuse."""
        for name in NAMES:
            _check(name, getattr(self, name))
        ports(self.webrtc_ports)
        check_ice_servers(self.ice_servers, self.turn_secret)
        entries(self.models, self.plans, self.device, self.threads, self.parallel)


NAMES: tuple[str, ...] = tuple(f.name for f in fields(Config))
RULES: dict[str, Rules] = {f.name: f.metadata["rules"] for f in fields(Config)}
DEFAULTS: dict[str, Value] = {f.name: cast(Value, f.default) for f in fields(Config)}


def shown(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def table() -> str:
    """Return the settings as a Markdown table, for ``docs/reference/configuration.md``."""
    rows = ["| key | default | unit | meaning |", "|---|---|---|---|"]
    for name, rules in RULES.items():
        more = f" One of {', '.join(rules.choices)}." if rules.choices else ""
        rows.append(f"| `{name}` | `{shown(DEFAULTS[name])}` | {rules.unit} | {rules.help}{more} |")
    return "\n".join(rows) + "\n"


def _check(name: str, value: Value) -> None:
    rules = RULES[name]
    if rules.choices and value not in rules.choices:
        raise ConfigError(
            f"{name} = {str(value)[:100]!r} is not known",
            fix=did_you_mean(str(value), rules.choices),
        )
    if isinstance(value, (int, float)):
        low = rules.least is not None and not value >= rules.least
        high = rules.most is not None and not value <= rules.most
        if low or high:
            raise ConfigError(f"{name} = {value} is out of range", fix=_range(name, rules))
    if name == "loras" and isinstance(value, tuple):
        _check_pairs(value)
    if name in SPELLINGS and isinstance(value, tuple):
        for item in value:
            SPELLINGS[name](item)
    if name == "memory" and isinstance(value, tuple):
        budgets(value)
    if name == "models" and not value:
        raise ConfigError("models = [] names no model", fix='for example models = ["ink"]')


def _check_pairs(pairs: tuple[str, ...]) -> None:
    names = [pair.partition("=")[0].strip() for pair in pairs]
    for name, pair in zip(names, pairs, strict=True):
        if not name or not pair.partition("=")[2].strip():
            raise ConfigError(
                f"loras: {pair[:100]!r} is no NAME=FILE", fix='loras = {mine = "mine.safetensors"}'
            )
        if names.count(name) > 1:
            raise ConfigError(f"loras: '{name[:40]}' is named twice", fix="give each its own name")


def _range(name: str, rules: Rules) -> str:
    if rules.most is None:
        return f"use at least {rules.least:g} for {name}"
    return f"use {rules.least:g} to {rules.most:g} for {name}"
