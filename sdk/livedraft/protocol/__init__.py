"""The realtime protocol, sans-I/O: messages, codec and the state of each end.

Specified in ``docs/reference/protocol.md``; vectors in ``tests/vectors/`` bind every client to it.
"""
