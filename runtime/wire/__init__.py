"""How bytes come in: ports, HTTP/1.1 and WebSockets, and the limits on who sends them."""
