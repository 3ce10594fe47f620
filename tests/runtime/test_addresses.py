"""Settings that name hosts, websites and networks: what can never match is refused."""

import pytest

from livedraft.errors import ConfigError
from livedraft.runtime.addresses import host_setting, origin, origin_setting
from livedraft.runtime.config import Config


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://Example.ORG", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("vscode-webview://Abc", "vscode-webview://abc"),
        ("*", "*"),
    ],
)
def test_an_origin_is_read_as_browsers_write_it(given: str, read: str) -> None:
    assert origin_setting(given) == read
    assert read == "*" or str(origin(read)) == read


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("example.org", "https://example.org"),
        ("", "https://"),
        ("https://", "https://example.org"),
        ("https://*.example.org", '"*" for all'),
        ("https://example.org/draw", "https://example.org"),
        ("https://example.org?x", "https://example.org"),
        ("https://me@example.org", "https://example.org"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://example.org:port", "http://localhost:8000"),
        ("https://exa mple.org", "http://localhost:8000"),
        ("null", "python -m http.server"),
        ("file:///home/me/page.html", "python -m http.server"),
    ],
)
def test_an_origin_that_can_never_match_is_refused_with_its_fix(given: str, fix: str) -> None:
    for setting in ("origins", "frames"):
        with pytest.raises(ConfigError) as caught:
            Config(**{setting: (given,)})  # type: ignore[arg-type]  # a name of two
        assert caught.value.message.startswith(setting)
        assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Draw.Example.ORG.", "draw.example.org"),
        ("*.Example.org", "*.example.org"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("*", "*"),
    ],
)
def test_a_host_is_read_as_it_is_compared(given: str, read: str) -> None:
    assert host_setting(given) == read


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("https://draw.example.org", "without 'http://'"),
        ("draw.example.org/app", "without a path"),
        ("draw.example.org:8443", "leave the port out: draw.example.org"),
        ("draw.*.org", '"*.example.org"'),
        ("*example.org", '"*.example.org"'),
        ("*.*.org", '"*.example.org"'),
        ("*.192.0.2.1", "leave '*.' out"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", '"*.example.org"'),
    ],
)
def test_a_host_that_can_never_match_is_refused_with_its_fix(given: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(hosts=(given,))
    assert fix in caught.value.fix


def test_a_proxy_is_an_address_or_a_network() -> None:
    Config(proxies=("10.0.0.1", "fd00::/8", "172.18.0.0/16"))
    for given in ("proxy", "10.0.0.1/8", "10.0.0"):
        with pytest.raises(ConfigError):
            Config(proxies=(given,))
