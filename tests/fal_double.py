"""A double of fal's queue on the loopback, as its documentation has it; faults by the prompt."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "key-id:a-secret-that-nobody-tells"


class FalDouble(ThreadingHTTPServer):
    """Takes requests, says where they stand, and answers; ``go`` lets those go on that wait."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: list[dict[str, Any]] = []  # arguments of each request
        self.models: list[str] = []
        self.keys: set[str] = set()  # that came with requests to the queue
        self.file_headers: list[dict[str, str]] = []
        self.cancelled: list[str] = []
        self.tokens: list[dict[str, Any]] = []  # what each was asked for
        self.files: dict[str, tuple[str, bytes]] = {}  # by name: type and bytes
        self.answer: dict[str, Any] = {}  # of a request that is done
        self.statuses: list[dict[str, Any]] = []  # before it is done
        self.faults: dict[tuple[str, str], list[tuple[int, Any, dict[str, str]]]] = {}
        self.streams = True
        self.held = threading.Event()  # not set: requests wait before they are done
        self.held.set()
        self.told = threading.Semaphore(0)  # one for each status that went out
        self.lock = threading.Lock()

    def offer(self, name: str, mime: str, data: bytes, key: str = "images") -> None:
        """Have requests answered with one file."""
        self.files[name] = (mime, data)
        file = {"url": f"{self.url}/files/{name}", "content_type": mime}
        self.answer = {key: [file] if key.endswith("s") else file, "seed": 42}

    def fail(self, verb: str, what: str, status: int, body: Any, **headers: str) -> None:
        """Answer the next request of a kind with an error: what is submit, status, answer, …."""
        self.faults.setdefault((verb, what), []).append((status, body, headers))


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def double(self) -> FalDouble:
        """The double that it came to."""
        assert isinstance(self.server, FalDouble)
        return self.server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Take a request."""
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/tokens/":
            if not self._fails("token"):
                self.double.tokens.append(json.loads(body))
                self._json(201, f"token-{len(self.double.tokens)}")
        elif not self._fails("submit"):
            with self.double.lock:
                self.double.asked.append(json.loads(body))
                self.double.models.append(self.path[1:])
                id = f"request-{len(self.double.asked)}"
            at = f"{self.double.url}/{'/'.join(self.path[1:].split('/')[:2])}/requests/{id}"
            self._json(
                200,
                {
                    "status": "IN_QUEUE",
                    "request_id": id,
                    "response_url": at,
                    "status_url": f"{at}/status",
                    "cancel_url": f"{at}/cancel",
                    "queue_position": 1,
                },
            )

    def do_PUT(self) -> None:
        """Take a request back."""
        if not self._fails("cancel"):
            self.double.cancelled.append(self.path.split("/")[-2])
            self._json(202, {"status": "CANCELLATION_REQUESTED"})

    def do_GET(self) -> None:
        """Give a file, a status, a stream of them, or the answer."""
        path = self.path.partition("?")[0]
        if path.startswith("/files/"):
            self._file(path.removeprefix("/files/"))
        elif path.endswith("/status/stream"):
            self._stream()
        elif path.endswith("/status"):
            if not self._fails("status"):
                self.double.told.release()
                done = self.double.held.is_set()
                self._json(
                    200, {"status": "COMPLETED" if done else "IN_QUEUE", "queue_position": 3}
                )
        elif not self._fails("answer"):
            self._json(200, self.double.answer)

    def _file(self, name: str) -> None:
        self.double.file_headers.append(dict(self.headers.items()))
        if not self._fails("file"):
            mime, data = self.double.files[name]
            self._send(200, mime, data)

    def _stream(self) -> None:
        if not self.double.streams:
            self._json(404, {"detail": "Not Found"})
            return
        if self._fails("stream"):
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b": ping\n\n")
        for status in self.double.statuses:
            self._event(status)
        if self.double.held.wait(20):
            self._event({"status": "COMPLETED", "logs": []})

    def _event(self, status: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(status).encode() + b"\n\n")
        self.double.told.release()

    def _fails(self, what: str) -> bool:
        if what != "file":
            key = self.headers.get("authorization", "")
            self.double.keys.add(key)
            if key != f"Key {KEY}":
                self._json(401, {"detail": "Authentication is required to access this app"})
                return True
        waiting = self.double.faults.get((self.command, what))
        if not waiting:
            return False
        status, body, headers = waiting.pop(0)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._send(status, "application/json", data, headers)
        return True

    def _json(self, status: int, body: Any) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(
        self, status: int, mime: str, data: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-type", mime)
        if "content_length" not in (headers or {}):
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def fal_double() -> Iterator[FalDouble]:
    """Give a double that runs."""
    double = FalDouble()
    thread = threading.Thread(target=double.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.held.set()
        double.shutdown()
        double.server_close()
        thread.join()
