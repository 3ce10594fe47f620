"""Both ends of a connection, wired to each other without a socket, rule by rule."""

import pytest

from livedraft.errors import (
    BadMessage,
    InvalidMedia,
    LivedraftError,
    OutOfOrder,
    SessionClosed,
    VersionMismatch,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import Data, client_codec, server_codec
from livedraft.protocol.connection import ClientConnection, ServerConnection

CODEC = client_codec()
CODEC_OF_SERVERS = server_codec()


def opened(last_id: int = 0) -> wire.Opened:
    return wire.Opened(
        session="s",
        resume="r",
        last_id=last_id,
        model={"id": "fake"},
        params={},
        window=2,
        max_message_bytes=100,
        max_pixels=100,
    )


def frame(seq: int, id: int) -> wire.Frame:
    return wire.Frame(
        seq=seq,
        id=id,
        stage=wire.Stage.DRAFT,
        model="fake",
        seed=1,
        step=1,
        steps=1,
        params={},
        mime="image/png",
        width=1,
        height=1,
        image=b"",
        timings={},
    )


def pair() -> tuple[ClientConnection, ServerConnection]:
    """Return both ends of an open session."""
    client, server = ClientConnection(), ServerConnection()
    server.receive(client.open())
    client.receive(server.send(opened()))
    return client, server


def test_a_session_from_open_to_close() -> None:
    client, server = pair()
    message = server.receive(client.input({"sketch": b"x"}, {"seed": 1}))
    assert message == wire.Input(id=1, inputs={"sketch": b"x"}, params={"seed": 1})
    assert client.in_flight == 1
    shown = client.receive(server.send(frame(server.next_seq(1), 1)))
    assert client.in_flight == 0
    assert isinstance(shown, wire.Frame)
    assert server.unacked == 1
    server.receive(client.ack(shown))
    assert server.unacked == 0
    assert server.receive(client.refine()) == wire.Refine(id=2)
    assert server.receive(client.params({"seed": 2})) == wire.ParamsUpdate(id=3, params={"seed": 2})
    assert server.receive(client.cancel()) == wire.Cancel()
    assert server.receive(client.close()) == wire.Close()
    assert (client.state, server.state) == ("closed", "closed")


def test_the_server_answers_in_the_kind_of_open() -> None:
    for text in (False, True):
        server = ServerConnection()
        server.receive(CODEC.encode(wire.Open(), text=text))
        assert isinstance(server.send(opened()), str if text else bytes)


@pytest.mark.parametrize("message", [wire.Input(id=1, inputs={}), wire.Cancel(), wire.Ack(seq=1)])
def test_before_opened_only_open_and_close_may_come(message: wire.ClientMessage) -> None:
    server = ServerConnection()
    with pytest.raises(OutOfOrder, match="before 'opened'"):
        server.receive(CODEC.encode(message))
    server.receive(CODEC.encode(wire.Open()))
    with pytest.raises(OutOfOrder, match="before 'opened'"):
        server.receive(CODEC.encode(message))
    assert server.receive(CODEC.encode(wire.Close())) == wire.Close()


def test_open_comes_once() -> None:
    _, server = pair()
    with pytest.raises(OutOfOrder, match="came twice"):
        server.receive(CODEC.encode(wire.Open()))


def test_another_version_is_refused() -> None:
    server = ServerConnection()
    with pytest.raises(VersionMismatch, match="install the client"):
        server.receive(CODEC.encode(wire.Open(v=2)))
    server.receive(CODEC.encode(wire.Open()))


@pytest.mark.parametrize(
    "message", [wire.Input(id=5, inputs={}), wire.ParamsUpdate(id=4, params={}), wire.Refine(id=0)]
)
def test_ids_count_upwards(message: wire.ClientMessage) -> None:
    _, server = pair()
    server.receive(CODEC.encode(wire.Refine(id=5)))
    with pytest.raises(OutOfOrder, match="count ids upwards"):
        server.receive(CODEC.encode(message))
    assert server.last_id == 5


def test_nothing_may_come_after_close() -> None:
    client, server = pair()
    server.receive(client.close())
    with pytest.raises(SessionClosed):
        server.receive(CODEC.encode(wire.Cancel()))


def test_the_window_closes_and_opens() -> None:
    _, server = pair()
    assert server.ready
    server.next_seq(1)
    server.next_seq(1)
    assert not server.ready
    server.receive(CODEC.encode(wire.Ack(seq=2)))
    assert server.ready
    server.receive(CODEC.encode(wire.Ack(seq=1)))  # late, and confirms nothing new
    assert server.unacked == 0


def test_an_ack_names_a_frame_that_was_sent() -> None:
    _, server = pair()
    with pytest.raises(OutOfOrder, match="never sent"):
        server.receive(CODEC.encode(wire.Ack(seq=1)))
    with pytest.raises(BadMessage, match=r"ack\.seq"):
        server.receive(CODEC.encode(wire.Ack(id=1)))


def test_a_server_never_shows_an_older_id_after_a_newer_one() -> None:
    _, server = pair()
    server.next_seq(2)
    with pytest.raises(OutOfOrder):
        server.next_seq(1)
    assert server.next_seq(2) == 2


def test_a_client_refuses_a_frame_that_goes_back() -> None:
    client, server = pair()
    client.receive(server.send(frame(1, 2)))
    with pytest.raises(OutOfOrder, match="frame 1 after frame 2"):
        client.receive(server.send(frame(2, 1)))


def test_a_resumed_session_counts_on() -> None:
    client, server = ClientConnection(), ServerConnection()
    server.resume(7)
    server.receive(client.open(resume="r"))
    client.receive(server.send(opened(last_id=7)))
    message = server.receive(client.refine())
    assert isinstance(message, wire.Refine)
    assert message.id == 8


@pytest.mark.parametrize("message", [frame(1, 1), wire.Ack(id=1)])
def test_a_client_wants_opened_first(message: wire.ServerMessage) -> None:
    client, server = ClientConnection(), ServerConnection()
    client.receive(server.send(wire.Queued(position=3)))
    client.receive(server.send(wire.Error(code="server_busy", message="full")))
    with pytest.raises(OutOfOrder, match="before 'opened'"):
        client.receive(server.send(message))


def test_a_client_sends_nothing_before_opened() -> None:
    client = ClientConnection()
    with pytest.raises(OutOfOrder, match="wait for 'opened'"):
        client.input({})


def test_opened_comes_once() -> None:
    client, server = pair()
    with pytest.raises(OutOfOrder, match="came twice"):
        client.receive(server.send(opened()))


def test_the_servers_close_ends_the_client() -> None:
    client, server = pair()
    client.receive(server.send(wire.Close(code="draining")))
    assert client.state == "closed"


@pytest.mark.parametrize("data", [b"\xc1", "{"])
def test_a_refused_message_changes_nothing(data: Data) -> None:
    client, server = pair()
    with pytest.raises(LivedraftError):
        server.receive(data)
    assert server.state == "open"
    assert server.last_id == 0
    server.receive(client.refine())


def media_pair() -> tuple[ClientConnection, ServerConnection]:
    """Return both ends of an open session with a camera and a screen."""
    client, server = ClientConnection(), ServerConnection()
    server.receive(client.open(features=["media"]))
    camera = wire.Track(
        name="camera",
        way="in",
        kind="video",
        policy="latest",
        max_s=0.0,
        codecs=["jpeg"],
        width=0,
        height=0,
        rate=0.0,
        channels=0,
        required=False,
    )
    told = opened().model_copy(update={"features": ["media"], "tracks": [camera]})
    client.receive(server.send(told))
    return client, server


def test_media_count_their_ids_with_all_other_messages() -> None:
    client, server = media_pair()
    first = server.receive(client.media("camera", 10, 33, "jpeg", b"x"))
    assert isinstance(first, wire.Media)
    assert (first.id, first.pts) == (1, 10)
    server.receive(client.params({"seed": 1}))
    again = wire.Media(track="camera", id=2, pts=20, duration=33, codec="jpeg", data=b"x")
    with pytest.raises(OutOfOrder, match="id 2 after id 2"):
        server.receive(CODEC.encode(again))
    server.check(first)
    same = server.receive(client.media("camera", 10, 33, "jpeg", b"x"))
    assert isinstance(same, wire.Media)
    with pytest.raises(InvalidMedia, match="pts 10 after 10"):
        server.check(same)
    assert server.last_id == client.last_id == 3


def test_what_is_unconfirmed_of_a_track_is_counted_in_time() -> None:
    client, server = media_pair()
    pieces = []
    for pts in (0, 40_000):
        seq = server.next_seq(1, "voice", 40_000)
        piece = wire.Media(
            track="voice", id=1, pts=pts, duration=40_000, codec="opus", data=b"", seq=seq
        )
        pieces.append(client.receive(server.send(piece)))
    shown = client.receive(server.send(frame(server.next_seq(1), 1)))
    assert (server.unacked, server.unacked_us("voice"), server.unacked_us("face")) == (1, 80_000, 0)
    assert isinstance(pieces[0], wire.Media)
    server.receive(client.ack(pieces[0]))
    assert (server.unacked, server.unacked_us("voice")) == (1, 40_000)
    assert isinstance(shown, wire.Frame)
    server.receive(client.ack(shown))  # and all before it
    assert (server.unacked, server.unacked_us("voice")) == (0, 0)


def test_what_a_newer_server_says_changes_nothing() -> None:
    client = ClientConnection()
    client.receive(CODEC_OF_SERVERS.encode(wire.Queued(position=1)))
    assert client.receive('{"type": "weather"}') == wire.Unknown(type="weather")
    assert client.state == "opening"
