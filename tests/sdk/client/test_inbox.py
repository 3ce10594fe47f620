"""What came and nobody took: in order, bounded, and confirmed by its own connection alone."""

import pytest

from livedraft.client.inbox import MOST_BYTES, MOST_PIECES, MOST_US, Inbox
from livedraft.media.chunks import SECOND
from livedraft.protocol import messages as wire


def piece(seq: int, duration: int = 20_000, data: bytes = b"") -> wire.Media:
    return wire.Media(
        track="line", id=1, pts=seq, duration=duration, codec="pcm-s16", data=data, seq=seq
    )


def picture(seq: int) -> wire.Frame:
    return wire.Frame(
        seq=seq,
        id=1,
        stage=wire.Stage.DRAFT,
        model="m",
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


def drained(inbox: Inbox) -> list[int | None]:
    found = []
    while (message := inbox.next()) is not None:
        found.append(message.seq)
    return found


def test_pictures_and_media_come_in_the_order_in_which_they_came() -> None:
    inbox = Inbox()
    for message in (piece(1), picture(2), piece(3), piece(4)):
        inbox.put(message)
    assert drained(inbox) == [1, 2, 3, 4]
    assert inbox.next() is None


def test_of_pictures_the_newest_is_kept_and_media_stay() -> None:
    inbox = Inbox()
    for message in (picture(1), piece(2), picture(3), piece(4)):
        inbox.put(message)
    newest = inbox.frame()
    assert newest is not None
    assert (newest.seq, inbox.frame()) == (3, None)
    assert drained(inbox) == [2, 4]


@pytest.mark.parametrize(
    ("duration", "size", "kept"),
    [
        (SECOND, 0, MOST_US // SECOND),
        (0, 2**20, MOST_BYTES // 2**20),
        (0, 0, MOST_PIECES),
    ],
    ids=["long", "large", "of no length"],
)
def test_what_lies_there_is_bounded(duration: int, size: int, kept: int) -> None:
    inbox, data = Inbox(), bytes(size)
    for seq in range(1, kept + 11):
        inbox.put(piece(seq, duration, data))
    assert drained(inbox) == list(range(11, kept + 11))
    inbox.put(piece(1, 2 * MOST_US))
    assert drained(inbox) == [1], "one piece is kept, however long"


def test_what_another_connection_brought_is_in_order_and_has_no_number() -> None:
    inbox = Inbox()
    for message in (piece(7), picture(8), piece(9)):
        inbox.put(message)
    inbox.reopened()
    inbox.put(piece(1))
    assert drained(inbox) == [0, 0, 0, 1]
