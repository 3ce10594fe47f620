"""Which candidates of strangers are taken: those that name an address, so that none is looked up.

A browser hides the addresses of whoever shows it no camera behind names for multicast DNS
(draft-ietf-mmusic-mdns-ice-candidates), which mean something within its own network alone. They are
not needed here: its checks come to our addresses, and tell its own.
"""

from __future__ import annotations

from ipaddress import ip_address

_CANDIDATE, _LAST = "a=candidate:", "a=end-of-candidates"


def addressed(sdp: str) -> str:
    """Return an offer without candidates that name no address; then those left are not all."""
    lines = sdp.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(_CANDIDATE) or has_address(line)]
    if len(kept) < len(lines):
        kept = [line for line in kept if line.strip() != _LAST]
    return "".join(kept)


def has_address(candidate: str) -> bool:
    """Return whether a candidate names an address; what is no candidate is for others to refuse."""
    fields = candidate.split()
    try:
        ip_address(fields[4])
    except ValueError:
        return False
    except IndexError:
        pass
    return True
