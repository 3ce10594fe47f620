"""STUN and TURN servers as settings, as clients get them, and as headers; a range of ports."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from livedraft.errors import ConfigError
from livedraft.runtime.config import Config
from livedraft.runtime.ice import ice_servers, links, ports
from livedraft.runtime.loading import listing, load

STUN, TURN = "stun:stun.example.org", "turn:turn.example.org:3478?transport=tcp"


def test_nobody_is_asked_unless_it_is_said() -> None:
    assert ice_servers(Config().ice_servers, "", 60, 0) == []


def test_a_password_is_of_its_name_and_the_name_says_when_it_expires() -> None:
    stun, turn = ice_servers((STUN, TURN), "north", 3600, 1_000_000.5)
    assert stun == {"urls": [STUN]}
    assert "username" in turn
    assert "credential" in turn
    expires, _, rest = turn["username"].partition(":")
    assert (expires, bool(rest)) == ("1003600", True)
    digest = hmac.new(b"north", turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(digest).decode()
    [_, other] = ice_servers((STUN, TURN), "north", 3600, 1_000_000.5)
    assert other.get("username") != turn["username"], "each client has its own"


def test_links_are_those_of_whip() -> None:
    first, second = links(ice_servers((STUN, TURN), "north", 60, 0))
    assert first == f'<{STUN}>; rel="ice-server"'
    assert second.startswith(f'<{TURN}>; rel="ice-server"; username="60:')
    assert second.endswith('; credential-type="password"')


@pytest.mark.parametrize(
    "address",
    ["turn.example.org", "http://turn.example.org", "turn:", "stun:a?transport=tcp", "turn:a b"],
)
def test_what_is_no_address_is_refused_with_one_that_is(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(ice_servers=(address,), turn_secret="north")
    assert "turn:turn.example.org" in caught.value.fix


def test_a_relay_without_its_secret_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Config(ice_servers=(TURN,))
    assert "LIVEDRAFT_TURN_SECRET" in caught.value.fix
    Config(ice_servers=(STUN,))


def test_the_secret_is_not_shown() -> None:
    env = {"LIVEDRAFT_TURN_SECRET": "north", "LIVEDRAFT_ICE_SERVERS": TURN}
    assert "north" not in listing(load(env=env))


@pytest.mark.parametrize("text", ["40000", "5-4", "0-10", "60000-70000", "a-b", "-1-5"])
def test_what_is_no_range_of_ports_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(webrtc_ports=text)
    assert "40000-40100" in caught.value.fix


def test_a_range_has_both_its_ends() -> None:
    assert list(ports("40000 - 40002")) == [40000, 40001, 40002]
    assert len(ports("")) == 0
