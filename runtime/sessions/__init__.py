"""Live sessions: what each user wants now, whose turn it is, who may come in.

Nothing here knows torch or sockets; a fake engine and a fake clock test every rule.
"""
