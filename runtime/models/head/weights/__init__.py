"""What the head has learned."""
