"""Training of `ink`: data, networks, evaluation; see README.md."""
