"""Run a program and see, at the system calls, whom it would reach and which files it makes.

Python's own sockets are not all that a process has: ONNX Runtime looks names up in C++. So the
kernel is asked (seccomp's user notification, Linux 5.9 or newer, no privileges): the program's
`connect`, `sendto` and `sendmsg` with an address, and its `openat` that may create a file, wait for
an answer. Whatever leaves the machine, or asks a resolver, is noted and refused.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import re
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

ROOT = Path(__file__).parents[2]

# By machine: AUDIT_ARCH, then the numbers of the system calls.
_MACHINES = {
    "x86_64": (0xC000003E, {"seccomp": 317, "connect": 42, "sendto": 44, "sendmsg": 46,
                            "sendmmsg": 307, "openat": 257}),
    "aarch64": (0xC00000B7, {"seccomp": 277, "connect": 203, "sendto": 206, "sendmsg": 211,
                             "sendmmsg": 269, "openat": 56}),
}  # fmt: skip
_PIDFD_GETFD = 438
_RECV, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_*
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000  # SECCOMP_RET_*
_CONTINUE = 1
_NAME_SERVERS = 53

SUPPORTED = sys.platform == "linux" and platform.machine() in _MACHINES


@dataclass
class Watched:
    """A running program, and what it did until now."""

    process: subprocess.Popen[str]
    reached: list[str] = field(default_factory=list)  # addresses beyond loopback, and resolvers
    created: set[Path] = field(default_factory=set)  # files that were opened so as to create them


def environment(home: Path, temporary: Path) -> dict[str, str]:
    """Return what a user's shell has, with nothing in it that silences anybody."""
    return {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "sdk", ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def address(seen: Watched) -> str:
    """Wait until a server can be used; return where it says that it is."""
    assert seen.process.stdout is not None
    said = ""
    for line in seen.process.stdout:
        said += line
        if found := re.search(r"livedraft is at (http://\S+)", line):
            return found[1]
    raise AssertionError(f"ended before it was there:\n{said}")


@contextmanager
def watched(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Iterator[Watched]:
    """Run a command in a folder; when the block ends it has ended, or is terminated."""
    mine, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno()), *command],
        cwd=folder,
        env=dict(env),
        pass_fds=[theirs.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    theirs.close()
    seen = Watched(process)
    with process:
        with mine:
            told = mine.recv(16)
            assert told, f"could not be watched: {process.communicate()[0]}"
            notices = _fetched(process.pid, int(told))
        watching = threading.Thread(target=_answer, args=(notices, seen))
        watching.start()
        try:
            yield seen
        finally:
            process.terminate()
            process.wait()
            watching.join()
            os.close(notices)


def _fetched(pid: int, number: int) -> int:
    """Return a descriptor of another process as one of this process."""
    handle = os.pidfd_open(pid)
    try:
        found: int = _libc().syscall(_PIDFD_GETFD, handle, number, 0)
    finally:
        os.close(handle)
    if found < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    return found


def _answer(notices: int, seen: Watched) -> None:
    """Answer each system call that waits, until no process is left that could make one."""
    names = {number: name for name, number in _MACHINES[platform.machine()][1].items()}
    poll = select.poll()
    poll.register(notices, select.POLLIN)
    while not (ready := poll.poll())[0][1] & select.POLLHUP or ready[0][1] & select.POLLIN:
        notice = bytearray(80)
        try:
            fcntl.ioctl(notices, _RECV, notice)
            identity, pid, _, number, _, _, *args = struct.unpack("=QIIiIQ6Q", notice)
            refusal = _judge(seen, names[number], pid, args)
            answer = struct.pack("=QqiI", identity, 0, -refusal, 0 if refusal else _CONTINUE)
            fcntl.ioctl(notices, _SEND, answer)
        except OSError as error:
            if error.errno != errno.ENOENT:  # ended while it waited
                raise


def _judge(seen: Watched, call: str, pid: int, args: Sequence[int]) -> int:
    """Note what a system call does; return the error to answer with, or 0."""
    if call == "openat":
        where = args[0] & 0xFFFFFFFF
        base = "cwd" if where == 0xFFFFFF9C else f"fd/{where}"  # AT_FDCWD
        name = _memory(pid, args[1], 4096).partition(b"\0")[0].decode()
        seen.created.add(Path(os.readlink(f"/proc/{pid}/{base}")) / name)
        return 0
    pointer, size = (args[1], args[2]) if call == "connect" else (args[4], args[5])
    if call in ("sendmsg", "sendmmsg"):
        pointer, size = struct.unpack("=QI", _memory(pid, args[1], 12))
    if not pointer:
        return 0  # connected already, which was seen
    address = _outside(_memory(pid, pointer, min(size & 0xFFFF, 128)))
    if not address:
        return 0
    seen.reached.append(f"{call} {address}")
    return errno.ENETUNREACH


def _outside(raw: bytes) -> str:
    """Return an address as text if it is not this machine's, or belongs to a resolver."""
    family = struct.unpack_from("=H", raw)[0]
    if family == socket.AF_UNIX:  # nscd, systemd-resolved
        return raw[2:].lstrip(b"\0").partition(b"\0")[0].decode(errors="replace")
    if family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    port = struct.unpack_from("!H", raw, 2)[0]
    ip = ip_address(raw[4:8] if family == socket.AF_INET else raw[8:24])
    return "" if ip.is_loopback and port != _NAME_SERVERS else f"{ip} port {port}"


def _memory(pid: int, at: int, most: int) -> bytes:
    """Read another process's memory, to the end of its page at least."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        first = min(most, 4096 - at % 4096)
        memory.seek(at)
        found = memory.read(first)
        if most > first and b"\0" not in found:
            found += memory.read(most - first)
    return found


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _program() -> bytes:
    """Return the filter, in BPF: (code, steps if true, steps if false, value)."""
    arch, calls = _MACHINES[platform.machine()]
    load, equal, bits, give = 0x20, 0x15, 0x45, 0x06
    lines = [
        (load, 0, 0, 4),
        (equal, 0, 7, arch),
        (load, 0, 0, 0),
        (equal, 10, 0, calls["connect"]),
        (equal, 9, 0, calls["sendmsg"]),
        (equal, 8, 0, calls["sendmmsg"]),
        (equal, 0, 3, calls["sendto"]),
        (load, 0, 0, 16 + 8 * 4),  # the address, whose lower half is never 0 but for NULL
        (equal, 0, 5, 0),
        (give, 0, 0, _ALLOW),
        (equal, 0, 2, calls["openat"]),
        (load, 0, 0, 16 + 8 * 2),
        (bits, 1, 0, os.O_CREAT | os.O_TMPFILE & ~os.O_DIRECTORY),  # with a name, or without
        (give, 0, 0, _ALLOW),
        (give, 0, 0, _NOTIFY),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _become(line: int, command: list[str]) -> None:
    """Install the filter, hand its descriptor over, and become the command."""
    libc, program = _libc(), _program()
    text = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(text))
    )
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    number = _MACHINES[platform.machine()][1]["seccomp"]
    notices = libc.syscall(number, 1, 8, head)  # SET_MODE_FILTER, NEW_LISTENER
    if notices < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    os.write(line, str(notices).encode())
    os.read(line, 1)  # ends when the other side has it; it closes with the next call
    os.execvp(command[0], command)


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
