"""Which variables are settings: everything named LIVEDRAFT_*, but what others put there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from livedraft.cli import main
from livedraft.errors import ConfigError
from livedraft.runtime.config import NAMES, Config
from livedraft.runtime.environment import NO_SETTINGS
from livedraft.runtime.loading import load

ROOT = Path(__file__).parents[2]
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
PORT = st.tuples(st.integers(1, 65535), st.sampled_from(["tcp", "udp", "sctp"]), LABEL)


def variables_of_a_service(name: str, ip: str, ports: list[tuple[int, str, str]]) -> dict[str, str]:
    """Return what the kubelet makes of a Service (kubernetes/pkg/kubelet/envvars/envvars.go)."""
    prefix = name.upper().replace("-", "_")
    made = {f"{prefix}_SERVICE_HOST": ip, f"{prefix}_SERVICE_PORT": str(ports[0][0])}
    for number, _, label in ports:
        made[f"{prefix}_SERVICE_PORT_{label.upper().replace('-', '_')}"] = str(number)
    host = f"[{ip}]" if ":" in ip else ip
    made[f"{prefix}_PORT"] = f"{ports[0][1]}://{host}:{ports[0][0]}"
    for number, protocol, _ in ports:
        one = f"{prefix}_PORT_{number}_{protocol.upper()}"
        made |= {one: f"{protocol}://{host}:{number}", f"{one}_PROTO": protocol}
        made |= {f"{one}_PORT": str(number), f"{one}_ADDR": ip}
    return made


@given(
    suffix=st.just("") | LABEL.map("-{}".format),
    ip=st.ip_addresses().map(str),
    ports=st.lists(PORT, min_size=1, max_size=3),
)
def test_services_of_our_name_set_nothing(
    suffix: str, ip: str, ports: list[tuple[int, str, str]]
) -> None:
    service = variables_of_a_service(f"livedraft{suffix}", ip, ports)
    loaded = load(env=service | {"LIVEDRAFT_WINDOW": "3"})
    assert loaded.config == Config(window=3)
    assert loaded.notes == (
        f"ignored {len(service)} variables of a Kubernetes Service, such as {next(iter(service))}",
    )


SERVICE = variables_of_a_service("livedraft", "10.0.0.1", [(7860, "tcp", "http")])


@pytest.mark.parametrize("service", ["", "WEB_"])
def test_the_address_of_a_port_is_known_alone(service: str) -> None:
    """As of a link in Docker, which tells no LIVEDRAFT_SERVICE_HOST."""
    port = f"LIVEDRAFT_{service}PORT"
    env = {port: "tcp://10.0.0.1:7860", f"{port}_7860_TCP_ADDR": "10.0.0.1"}
    loaded = load(env=env | {"LIVEDRAFT_WINDOW": "3"})
    assert loaded.config == Config(window=3)
    assert loaded.notes == (f"ignored 2 variables of a Kubernetes Service, such as {port}",)


def test_a_port_of_the_pods_own_counts() -> None:
    assert load(env=SERVICE | {"LIVEDRAFT_PORT": "8000"}).config.port == 8000


@pytest.mark.parametrize(
    "env",
    [
        {"LIVEDRAFT_SERVICE_PORT": "7860"},
        {"LIVEDRAFT_SERVICE_HOST": "10.0.0.1"},
        {**SERVICE, "LIVEDRAFT_PORT": "80a"},
        {**SERVICE, "LIVEDRAFT_PROT": "80"},
        {**SERVICE, "LIVEDRAFT_PORT_7860_TCP": "80"},
        {**SERVICE, "LIVEDRAFT_SERVICE_PROT": "80"},
        {"LIVEDRAFT_PORT": "http://10.0.0.1:7860"},
        {"LIVEDRAFT_PORT_7860_TCP": "tcp://10.0.0.1:7860"},
    ],
    ids=str,
)
def test_a_slip_is_a_slip_beside_a_service_too(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        load(env=env)


def test_the_log_says_in_one_line_what_was_ignored() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livedraft", "serve", "--models", "gone", "--port", "0"],
        env=os.environ | SERVICE,
        capture_output=True,
        text=True,
    )
    [line] = [line for line in done.stderr.splitlines() if "Kubernetes" in line]
    assert re.fullmatch(r"[\d-]+ [\d:,]+ INFO: ignored 8 variables of a Kubernetes .*", line)
    assert "no 'gone' here" in done.stderr


def test_variables_that_the_pages_name_are_known() -> None:
    """For example LIVEDRAFT_KERNELS_CONFIG, which kernels/tuning.py gives to `livedraft serve`."""
    told = set[str]()
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("kernels/**/*.py")]
    for path in pages:
        told |= set(re.findall(r"\bLIVEDRAFT_[A-Z]+(?:_[A-Z]+)*\b", path.read_text("utf-8")))
    settings = {f"LIVEDRAFT_{name.upper()}" for name in NAMES}
    assert told - settings <= set(NO_SETTINGS)
    said = CliRunner().invoke(
        main, ["serve", "--print-config"], env={"LIVEDRAFT_KERNELS_CONFIG": "x.json"}
    )
    assert said.exit_code == 0, said.output
