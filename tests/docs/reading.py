"""A reader who follows a page from its top in a fresh clone, and does all that it says."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx
from PIL import Image, ImageDraw
from tests.docs.judging import judge
from tests.docs.looking import look, look_at
from tests.docs.reacting import react
from tests.docs.snippets import ADDRESS, ROOT, Snippet

# Judged in test_snippets.py, run by tests/runtime/test_nginx.py, or nothing to run.
SHOWN_ONLY = {"", "text", "bat", "css", "nginx", "ini"}
ACTIVATE = ". .venv/bin/activate"
# Of a clone, but for what a reader would not have: caches, what was built.
CLONED = [
    p for p in ROOT.iterdir() if not p.name.startswith(".") and p.name not in ("build", "out")
]
WITHIN_S = 120
ELEMENTS = {  # by what makes them in a Gradio app; one of these stands in its page
    "LiveVideo(": "livedraft-camera",
    "VirtualTryOn(": "livedraft-tryon",
    "TalkingHead(": "livedraft-head",
    "SketchToImage(": "livedraft-sketch",
    "ld.launch(": "livedraft-sketch",
}


class Reader:
    """Follows one page in a folder of his own; ends every server that he started."""

    def __init__(self, desk: Path, *, clone: bool, activated: bool) -> None:
        self.desk = desk
        self._servers = ExitStack()
        self._url = ""  # of the newest server
        self._open_url = ""  # of the newest that lets in other pages than its own
        self._preamble = [ACTIVATE] if activated else []
        self._site = desk.parent / "site"  # in place of what `pip install` changes in .venv
        (desk / ".venv").symlink_to(sys.prefix)
        for path in CLONED if clone else []:
            (desk / path.name).symlink_to(path)
        self._environment = {
            "HOME": str(desk.parent),
            "PATH": os.pathsep.join(
                each
                for each in os.environ["PATH"].split(os.pathsep)
                if Path(each).resolve() != Path(sys.prefix, "bin").resolve()
            ),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "sdk"), str(self._site))),
            "PYTHONUNBUFFERED": "1",
            "LIVEDRAFT_PORT": "0",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def follow(self, snippet: Snippet) -> None:
        """Do what a fence says."""
        if snippet.language == "bash":
            for line in filter(None, map(str.strip, snippet.text.splitlines())):
                self._command(line, snippet)
        elif snippet.language == "html":
            look(snippet, self._write(snippet), self._server(snippet, for_pages=True))
        elif snippet.language == "jsx":
            server = self._server(snippet, for_pages=True)
            look_at(react(self._write(snippet), server), snippet.text, from_file=False)
        elif "/" in snippet.name:  # of this tree
            assert snippet.text == (ROOT / snippet.name).read_text(encoding="utf-8")
        elif snippet.name:
            self._write(snippet)
        elif snippet.language == "python":
            self._program(snippet)
        else:
            assert snippet.language in SHOWN_ONLY, f"nobody knows what to do with {snippet}"

    def _write(self, snippet: Snippet) -> Path:
        path = self.desk / (snippet.name or f"snippet.{snippet.language}")
        path.unlink(missing_ok=True)  # never through a link into the tree
        text = snippet.text
        if ADDRESS in text:
            url = self._server(snippet, for_pages=snippet.language == "html")
            text = text.replace(ADDRESS, url)
        path.write_text(text, encoding="utf-8")
        return path

    def _program(self, snippet: Snippet) -> None:
        path = self._write(snippet)
        if "ld.launch(" not in snippet.text:
            self._run(f"python {path.name}")
            return
        url = self._serve(f"python {path.name}")
        shown = next(tag for made, tag in ELEMENTS.items() if made in snippet.text)
        assert shown in httpx.get(f"{url}/config", timeout=60).text

    def _command(self, line: str, snippet: Snippet) -> None:
        words = shlex.split(line, comments=True)
        if line == ACTIVATE:
            self._preamble.append(line)
        elif words[:2] == ["make", "demo"] and len(words) == 2:
            self._serve(line.replace("make", "make -o .venv/.demo", 1))
        elif re.search(r"\blivedraft serve\b", line):
            url = self._serve(line.replace("0.0.0.0", "127.0.0.1"))
            self._ask(words, url)
            self._url = url
            if "*" in words:
                self._open_url = url
        elif words == ["pip", "install", "-e", "."]:
            where = f"--target {shlex.quote(str(self._site))}"
            self._run(f"pip install -q --no-index --no-deps --no-build-isolation {where} .")
        elif words[:3] == ["livedraft", "lora", "train"]:
            paint_six(self.desk / words[3])
            self._run(f"{line} --minutes 0.05")
        elif words[:2] == ["npm", "install"]:
            self._run(line.replace(ADDRESS, self._server(snippet)))
        elif words[0] == "curl":
            self._run(
                line.replace("curl", "curl --fail -sS").replace(ADDRESS, self._server(snippet))
            )
        elif words[0] == "livedraft" and self._can_run(words):
            self._run(line)
        elif words[:3] == ["python", "-m", "pytest"]:
            self._run(line.replace("-m pytest", "-m pytest -q -p no:cacheprovider"))
        else:
            judge(line, self.desk)

    def _can_run(self, words: list[str]) -> bool:
        """Tell commands of seconds from the shipped kernels' and from files of the reader's own."""
        if words[1] != "kernels" or words[2] != "bench":
            return True
        return (self.desk / words[3].partition(":")[0]).is_file()

    def _server(self, snippet: Snippet, *, for_pages: bool = False) -> str:
        """Return the server's address; a page that has started none must have told to."""
        if for_pages:
            assert self._open_url, f"{snippet}: no server is told to let this page in"
            return self._open_url
        if not self._url:
            assert "livedraft serve" in snippet.before, f"{snippet}: no server was started"
            self._url = self._serve("livedraft serve")
        return self._url

    def _run(self, line: str) -> None:
        done = subprocess.run(
            ["bash", "-c", "\n".join([*self._preamble, line])],
            cwd=self.desk,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr

    def _serve(self, line: str) -> str:
        """Start what serves until Ctrl+C; return its address once it is told."""
        process = subprocess.Popen(
            ["bash", "-c", "\n".join([*self._preamble, line])],
            cwd=self.desk,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a terminal's Ctrl+C is for all of a command's processes
        )
        assert process.stdout is not None
        rest = threading.Thread(target=process.stdout.read)  # or the pipe would fill
        self._servers.callback(_interrupt, process, rest)
        said = ""
        late = threading.Timer(WITHIN_S, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        self._servers.callback(late.cancel)
        for text in process.stdout:
            said += text
            if found := re.search(r"livedraft is at (http://\S+)", text):
                late.cancel()
                rest.start()
                return found[1]
        raise AssertionError(f"{line}\n{said}")

    def _ask(self, words: list[str], url: str) -> None:
        """Ask a server for a picture, of the models that its command names."""
        token = next((w.partition("=")[2] for w in words if w.startswith("LIVEDRAFT_TOKEN=")), "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        models = words[words.index("--models") + 1].split(",") if "--models" in words else [""]
        end = time.monotonic() + WITHIN_S  # it is announced with its first model
        while httpx.get(f"{url}/readyz", timeout=60).status_code != 200 and time.monotonic() < end:
            time.sleep(0.1)
        listed = httpx.get(f"{url}/v1/models", headers=headers, timeout=60).json()["models"]
        for at, name in enumerate(each.partition("=")[0] for each in models):
            model = listed[at]["id"] if ":" in name else name  # python:FILE.py:CLASS has an id
            if not _paints(listed, model):
                continue
            asked = {"model": model} if model else {"seed": 7}  # not every model has one
            answer = httpx.post(f"{url}/v1/generate", json=asked, headers=headers, timeout=60)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "image/png"


def _paints(listed: Sequence[Mapping[str, Any]], model: str) -> bool:
    """Return whether a model of a server makes pictures of a seed, not of other pictures alone."""
    found = next(each for each in listed if each["id"] == model or (not model and each["default"]))
    seeded = "seed" in found["params_schema"]["properties"]
    return bool(seeded) and any(output["kind"] == "image" for output in found["outputs"])


def _interrupt(process: subprocess.Popen[str], reading: threading.Thread) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)
    if reading.is_alive():
        reading.join()
    assert process.stdout is not None
    process.stdout.close()


def paint_six(folder: Path) -> None:
    """Fill a folder with pictures to learn from, as a reader is told to."""
    if folder.exists():
        return
    folder.mkdir()
    for at, name in enumerate(("ball", "plum", "red-apple", "sun", "pea", "blue-moon")):
        picture = Image.new("RGBA", (256, 256))
        colour = f"hsl({60 * at}, 60%, 50%)"
        ImageDraw.Draw(picture).ellipse((40, 40, 216, 180 + 6 * at), colour, "black", 6)
        picture.save(folder / f"{name}.png")
