"""Pictures between bytes and pixels, the same for the client and the runtime."""
