"""A server behind TLS, as clients need it that know no plain sockets."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "localhost"
_LINE = b" HTTP/1.1\r\n"  # ends the first line of a request
_FORWARDED = b"X-Forwarded-Proto: https\r\n"  # as every proxy says it


@contextmanager
def over_tls(url: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the address of a proxy before a server, and the file of who vouches for it."""
    authority = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, folder / "key.pem")
    beyond = urlsplit(url)
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), list[int]()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours, theirs = await asyncio.open_connection(beyond.hostname, beyond.port)
        await asyncio.gather(_pass(reader, theirs, _FORWARDED), _pass(ours, writer))

    async def serve() -> None:
        server = await asyncio.start_server(carry, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await asyncio.get_running_loop().create_future()

    serving = loop.create_task(serve())
    thread = threading.Thread(target=_until_cancelled, args=(loop, serving))
    thread.start()
    try:
        assert ready.wait(20)
        yield f"{NAME}:{ports[0]}", authority
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()


def _until_cancelled(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:

        async def wait() -> None:
            await asyncio.gather(serving, return_exceptions=True)

        runner.run(wait())


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, more: bytes = b""
) -> None:
    """Carry bytes; ``more`` stands in the head of each request, which comes in one piece."""
    try:
        while data := await reader.read(2**16):
            writer.write(data.replace(_LINE, _LINE + more, 1))
            await writer.drain()
    except ConnectionError:
        pass  # either end may just go
    finally:
        writer.close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "authority.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
