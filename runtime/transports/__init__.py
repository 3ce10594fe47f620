"""How the outside reaches sessions: one file a transport, and what they share."""
