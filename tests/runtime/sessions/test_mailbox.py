"""The slot of depth one: the newest wins and nothing is lost that was not overwritten."""

from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.models.mixins import SeedParams, seed_of
from livedraft.runtime.sessions.mailbox import Mailbox

changes = st.lists(st.dictionaries(st.sampled_from("abc"), st.binary(max_size=3)), min_size=1)


def test_empty_slot_gives_nothing() -> None:
    assert Mailbox().take() is None


@given(changes)
def test_merges_key_by_key_and_counts_what_it_superseded(inputs: list[dict[str, bytes]]) -> None:
    mailbox = Mailbox()
    merged: dict[str, bytes] = {}
    for id, some in enumerate(inputs, start=1):
        mailbox.put(id, received=float(id), params=SeedParams(seed=id), inputs=some)
        merged |= some
    change = mailbox.take()
    assert change is not None
    assert change.inputs == merged
    assert (change.id, change.received) == (len(inputs), float(len(inputs)))
    assert seed_of(change.params) == len(inputs)
    assert change.dropped == len(inputs) - 1
    assert mailbox.take() is None
