"""Which environment variables are settings: those named LIVEDRAFT_*, but for some of others."""

from __future__ import annotations

import re
from collections.abc import Mapping

PREFIX = "LIVEDRAFT_"
FILE = "LIVEDRAFT_CONFIG"  # names the file
# The first tells clients where a server is; the others are of livedraft.kernels.
NO_SETTINGS = (FILE, "LIVEDRAFT_URL", "LIVEDRAFT_KERNELS", "LIVEDRAFT_KERNELS_CONFIG")

_ADDRESS = r"(?:tcp|udp|sctp)://\S+:\d+"
_SERVICE_HOST = "_SERVICE_HOST"


def settings(env: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of an environment, by name; whether there are such is not judged."""
    strange = {*NO_SETTINGS, *of_services(env)}
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in env.items()
        if name.startswith(PREFIX) and name not in strange
    }


def of_services(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that Kubernetes made of Services whose names begin with ours.

    A Service `livedraft` (or `livedraft-web`) gives every pod LIVEDRAFT_SERVICE_HOST and _PORT,
    and what Docker's links have: LIVEDRAFT_PORT=tcp://10.0.0.1:7860, LIVEDRAFT_PORT_7860_TCP
    and so on. Source: kubernetes.io/docs/concepts/services-networking/service, Environment
    variables. A Service is known by its host, or by the address that its port has, which no port
    of ours can be; its variables by form and value, so that a setting of the pod's own, such as
    LIVEDRAFT_PORT=8000, stays one.
    """
    hosts = (name for name in env if name.endswith(_SERVICE_HOST))
    services = {name.removesuffix(_SERVICE_HOST) for name in hosts}
    ours = {name for name in services if f"{name}_SERVICE_PORT" in env}
    ports = {name for name, value in env.items() if re.fullmatch(_ADDRESS, value)}
    ours |= {name.removesuffix("_PORT") for name in ports if name.endswith("_PORT")}
    ours = {name for name in ours if f"{name}_".startswith(PREFIX)}
    return tuple(
        name for name, value in env.items() if any(_is_of(service, name, value) for service in ours)
    )


def _is_of(service: str, name: str, value: str) -> bool:
    if not name.startswith(f"{service}_"):
        return False
    rest = name.removeprefix(f"{service}_")
    if re.fullmatch(r"PORT(_\d+_(TCP|UDP|SCTP))?", rest):
        return bool(re.fullmatch(_ADDRESS, value))
    return bool(
        re.fullmatch(r"SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)", rest)
    )
