"""What the words of a prompt say: colours, things, parts, and vectors for the networks."""
