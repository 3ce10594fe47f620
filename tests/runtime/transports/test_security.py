"""Names, websites and tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.errors import BadMessage, LivedraftError, Unauthorized
from livedraft.runtime.addresses import Authority, authority, is_literal, is_loopback, origin
from livedraft.runtime.transports.security import Gate, bearer

HERE = Authority("127.0.0.1", 7860)


@pytest.mark.parametrize(
    ("listens", "host"),
    [
        ("127.0.0.1", "127.0.0.1:7860"),
        ("127.0.0.1", "localhost:7860"),
        ("127.0.0.1", "LOCALHOST."),
        ("127.0.0.1", "app.localhost"),
        ("127.0.0.1", "127.8.8.8"),
        ("::1", "[::1]:7860"),
        ("::1", "[0:0::0:1]"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.0.0.1", "draw.example:8443"),
        ("127.0.0.1", "Draw.Example."),
        ("127.0.0.1", "a.b.wild.example"),
        ("127.0.0.1", "203.0.113.7"),
        ("0.0.0.0", "localhost:7860"),
        ("0.0.0.0", "192.0.2.17:7860"),
        ("::", "[2001:db8::17]:7860"),
        ("0.0.0.0", "studio:7860"),
        ("0.0.0.0", "studio.local"),
        ("render.lan", "render.lan:80"),
    ],
)
def test_a_host_that_is_known(listens: str, host: str) -> None:
    hosts = ["draw.example", "*.wild.example", "203.0.113.7"]
    Gate(listens, hosts=hosts, machine="studio").check_host([host])


@pytest.mark.parametrize(
    ("listens", "host"),
    [
        ("127.0.0.1", "rebound.example:7860"),
        ("127.0.0.1", "localhost.example"),
        ("127.0.0.1", "127.0.0.1.example"),
        ("127.0.0.1", "wild.example"),
        ("127.0.0.1", "evilwild.example"),
        ("127.0.0.1", "xdraw.example"),
        ("127.0.0.1", "0.0.0.0:7860"),
        ("127.0.0.1", "192.0.2.17"),
        ("127.0.0.1", "studio"),
        ("127.0.0.1", "2130706433"),
        ("127.0.0.1", "0x7f.1"),
        ("0.0.0.0", "rebound.example"),
        ("0.0.0.0", "studio.example"),
        ("192.0.2.17", "rebound.example"),
    ],
)
def test_a_host_that_is_not(listens: str, host: str) -> None:
    gate = Gate(listens, hosts=["draw.example", "*.wild.example"], machine="studio")
    with pytest.raises(Unauthorized) as caught:
        gate.check_host([host])
    found = authority(host)
    assert found is not None
    assert f"livedraft serve --hosts {found.host}'" in caught.value.fix


@pytest.mark.parametrize(
    "given",
    [
        [],
        [""],
        ["localhost", "localhost"],
        ["localhost", "evil.example"],
        ["localhost, evil.example"],
        ["evil@localhost"],
        ["localhost@evil.example"],
        ["localhost:evil.example"],
        ["localhost:"],
        ["localhost:99999"],
        ["localhost:-1"],
        ["localhost:１"],
        ["localhost/evil"],
        ["localhost\\evil"],
        ["localhost#evil"],
        ["local host"],
        [" localhost"],
        ["localhost\t"],
        ["localhost.."],
        ["localhost%2eevil.example"],
        ["::1"],
        ["[::1"],
        ["[::1]evil.example"],
        ["[::1%25lo]"],
        ["[127.0.0.1]"],
        ["[localhost]"],
        ["löcalhost"],
        ["loc\u212aalhost"],
        ["*"],
        ["a" * 64],
        [".".join(["a"] * 200)],
    ],
)
def test_what_is_no_host_is_refused_even_where_any_is_fine(given: list[str]) -> None:
    with pytest.raises(BadMessage):
        Gate("127.0.0.1", hosts=["*"]).check_host(given)


@pytest.mark.parametrize(
    ("page", "host", "secure"),
    [
        (None, HERE, False),
        ("http://127.0.0.1:7860", HERE, False),
        ("http://[::1]:7860", Authority("::1", 7860), False),
        ("https://draw.example", Authority("draw.example", None), False),
        ("https://draw.example", Authority("draw.example", 443), True),
        ("http://draw.example", Authority("draw.example", None), False),
        ("https://draw.example:8443", Authority("draw.example", 8443), True),
        ("https://art.example", HERE, False),
        ("HTTPS://Art.Example", HERE, False),
        ("vscode-webview://abc", HERE, False),
    ],
)
def test_a_website_that_may_ask(page: str | None, host: Authority, secure: bool) -> None:
    origins = ["https://art.example/", "vscode-webview://abc"]
    Gate("127.0.0.1", origins=origins).check_website(page, host, secure=secure)


@pytest.mark.parametrize(
    ("page", "host", "secure"),
    [
        ("https://evil.example", HERE, False),
        ("http://127.0.0.1:8000", HERE, False),
        ("http://localhost:7860", HERE, False),
        ("https://draw.example.evil.example", Authority("draw.example", None), False),
        ("https://draw.example:8443", Authority("draw.example", None), False),
        ("https://draw.example", Authority("draw.example", 8443), False),
        ("http://draw.example", Authority("draw.example", None), True),
        ("ftp://127.0.0.1:7860", HERE, False),
        ("http://art.example", HERE, False),
        ("https://art.example:444", HERE, False),
    ],
)
def test_a_website_that_may_not(page: str, host: Authority, secure: bool) -> None:
    with pytest.raises(Unauthorized) as caught:
        Gate("127.0.0.1", origins=["https://art.example"]).check_website(page, host, secure=secure)
    assert f"livedraft serve --origins {page}'" in caught.value.fix


@pytest.mark.parametrize(
    "page", ["null", "", "http://", "http://[bad", "https://art.example, https://art.example",
             "https://art.example/", "https://u@art.example", "file://", "'; rm -rf ~; '"]
)  # fmt: skip
def test_a_page_without_an_address_is_told_how_to_get_one(page: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        Gate("127.0.0.1", origins=["https://art.example"]).check_website(page, HERE)
    assert "python -m http.server" in caught.value.fix
    assert "rm -rf" not in caught.value.fix


def test_a_star_lets_every_website_ask() -> None:
    for page in ("https://any.example", "null"):
        Gate("127.0.0.1", origins=["*"]).check_website(page, HERE)


NAMES = st.sampled_from(["localhost", "127.0.0.1", "::1", "evil.example", "draw.example", "a.b"])
TEXTS = st.one_of(
    st.text(max_size=20),
    st.lists(st.sampled_from([*"@:[]/.,%#?\\\t ", "localhost", "evil.example", "80", "http://"]))
    .map("".join),
)  # fmt: skip


@given(TEXTS)
def test_whatever_is_let_in_is_one_of_the_names(text: str) -> None:
    gate = Gate("127.0.0.1", hosts=["draw.example"])
    try:
        found = gate.check_host([text])
    except LivedraftError:
        return
    assert is_loopback(found.host) or found.host == "draw.example"


@given(TEXTS, NAMES, st.none() | st.integers(0, 65535))
def test_a_page_is_own_only_at_the_very_address(text: str, name: str, port: int | None) -> None:
    at = f"[{name}]" if ":" in name else name
    host = Authority(name, port)
    assert authority(at + (f":{port}" if port is not None else "")) == host
    gate = Gate("127.0.0.1", hosts=["*"])
    gate.check_website(f"http://{at}" + (f":{port}" if port is not None else ""), host)
    try:
        gate.check_website(text, host)
    except LivedraftError:
        return
    page = origin(text)
    assert page is not None
    assert page.host == name


@given(st.ip_addresses())
def test_an_address_is_known_where_others_reach_the_server(address: object) -> None:
    host = f"[{address}]" if ":" in str(address) else str(address)
    found = Gate("0.0.0.0", machine="studio").check_host([host])
    assert is_literal(found.host)


def test_the_token_may_come_in_either_place() -> None:
    gate = Gate("127.0.0.1", token="hüsh")
    gate.check_token("", "hüsh")
    gate.check_token("hüsh", "")
    for wrong in [("",), ("", "hush"), ("hüs",), ("\ud800",)]:
        with pytest.raises(Unauthorized):
            gate.check_token(*wrong)


def test_without_a_token_everyone_passes() -> None:
    Gate("127.0.0.1").check_token("")
    Gate("127.0.0.1").check_token("anything")


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, ""),
        ("", ""),
        ("Bearer", ""),
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", ""),
    ],
)
def test_bearer(header: str | None, token: str) -> None:
    assert bearer(header) == token
