"""Pictures to learn from, and the weights of others that teach and judge."""
