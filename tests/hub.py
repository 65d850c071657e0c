"""A Hugging Face Hub on 127.0.0.1 for the tests: dataset repositories, faults on demand, a record.

It speaks what ``huggingface_hub`` 2.x and ``datasets`` 5.x ask of a dataset repository, over plain
HTTP and without Xet. Files that the real Hub keeps in LFS are answered with a redirect to a second
port, the way the real one sends clients to its CDN: the clients treat that as a foreign host.

>>> with Hub() as hub:
...     repo = hub.repo("owner/name").commit("a" * 40, {"data.csv": b"x"})
...     outage = hub.fail("*/resolve/*", status=503, times=1)
...     hub.endpoint.startswith("http://127.0.0.1:"), repo.branches
(True, {'main': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'})

Only the standard library is imported: this module must load before ``huggingface_hub`` does, since
that reads ``HF_ENDPOINT`` when it is imported.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, NamedTuple, Self, cast

from hub_http import Request, Server

# The patterns every new dataset repository has in its .gitattributes, as far as data files go.
LFS = ("*.7z", "*.arrow", "*.bin", "*.bz2", "*.gz", "*.lz4", "*.npy", "*.npz", "*.parquet",
       "*.pickle", "*.pkl", "*.rar", "*.tar", "*.tgz", "*.xz", "*.zip", "*.zst")  # fmt: skip

Files = Mapping[str, bytes] | str | Path


class File(NamedTuple):
    """One file of a commit, with the names git and LFS give to its bytes."""

    data: bytes
    oid: str  # sha1 of the git blob; of LFS files git holds the pointer
    lfs: dict[str, object] | None

    @classmethod
    def of(cls, data: bytes, *, lfs: bool) -> File:
        if not lfs:
            return cls(data, _git_sha1(data), None)
        sha256 = hashlib.sha256(data).hexdigest()
        pointer = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(data)}\n"
        ).encode()
        size = {"oid": sha256, "size": len(data), "pointerSize": len(pointer)}
        return cls(data, _git_sha1(pointer), size)

    def entry(self, path: str) -> dict[str, object]:
        """What the tree and paths-info endpoints say of the file."""
        entry = {"type": "file", "oid": self.oid, "size": len(self.data), "path": path}
        return {**entry, "lfs": self.lfs} if self.lfs else entry

    def blob(self) -> dict[str, object]:
        """What the info endpoint says of the file when asked for ``blobs``."""
        blob = {"blobId": self.oid, "size": len(self.data)}
        if self.lfs is None:
            return blob
        return {**blob, "lfs": {**self.lfs, "sha256": self.lfs["oid"]}}


def _git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Repo:
    """A dataset repository: commits that never change, branches and tags that move."""

    name: str
    commits: dict[str, dict[str, File]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    card: dict[str, object] | None = None  # the YAML head of README.md, as JSON
    topics: list[str] = field(default_factory=list)
    private: bool = False
    disabled: bool = False
    gated: Literal[False, "auto", "manual"] = False
    hides: Literal["files", "tree", "info"] = "files"
    readers: set[str] = field(default_factory=set)

    def commit(
        self,
        sha: str,
        files: Files,
        *,
        branch: str | None = "main",
        lfs: Sequence[str] = LFS,
    ) -> Self:
        """Add a commit with exactly these files and move ``branch`` to it (None: move nothing).

        Args:
            sha: 40 hexadecimal digits.
            files: Path in the repository -> content, or a folder whose files to serve.
            branch: ``refs/convert/parquet`` is allowed.
            lfs: Patterns of the files kept in LFS, matched against the file name.
        """
        if not re.fullmatch(r"[0-9a-f]{40}", sha):
            raise ValueError(f"not a commit hash: {sha!r}")
        self.commits[sha] = {
            path: File.of(data, lfs=any(fnmatchcase(path.rsplit("/", 1)[-1], p) for p in lfs))
            for path, data in sorted(_contents(files))
        }
        return self if branch is None else self.move(sha, branch=branch)

    def move(self, sha: str, *, branch: str = "main") -> Self:
        """Let a branch point at a commit that is already there."""
        self.commits[sha]
        self.branches[branch] = sha
        return self

    def tag(self, name: str, sha: str) -> Self:
        self.commits[sha]
        self.tags[name] = sha
        return self

    def gate(
        self,
        gated: Literal["auto", "manual"] = "auto",
        *,
        hides: Literal["files", "tree", "info"] = "files",
    ) -> Self:
        """Ask for accepted terms. The real Hub shows the info of gated datasets to all, since 2024.

        ``hides="tree"`` also closes the listing, ``"info"`` everything, as it was before.
        """
        self.gated, self.hides = gated, hides
        return self

    def hide(self) -> Self:
        """Make it private: to those who may not read it, it does not exist."""
        self.private = True
        return self

    def grant(self, token: str) -> Self:
        """Let the owner of a token (see :meth:`Hub.token`) read it, private or gated."""
        self.readers.add(token)
        return self

    def find(self, revision: str) -> str | None:
        """Commit hash of a branch, tag or full hash."""
        sha = self.branches.get(revision) or self.tags.get(revision) or revision
        return sha if sha in self.commits else None


def _contents(files: Files) -> Iterator[tuple[str, bytes]]:
    if isinstance(files, Mapping):
        yield from files.items()
        return
    root = Path(files)
    if not root.is_dir():
        raise NotADirectoryError(root)
    for path in root.rglob("*"):
        inner = path.relative_to(root)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inner.parts)
        if path.is_file() and not hidden:
            yield inner.as_posix(), path.read_bytes()


@dataclass
class Fault:
    """What goes wrong, where, and how many times (None: always)."""

    kind: Literal[
        "status", "drop", "cut", "corrupt", "short", "stall", "etag", "silence", "trickle", "answer"
    ]
    pattern: str
    times: int | None
    status: int = 0
    at: int | None = None  # bytes sent before, or offset in the file
    seconds: float = 0.0
    value: str = ""
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ("GET", "HEAD", "POST")
    met: int = 0  # how many times it happened

    def hits(self, request: Request) -> bool:
        # A redirected download is one to the test: its bytes go wrong at the CDN, all else at the
        # Hub itself, save where the pattern names the CDN.
        of_bytes = self.kind in ("cut", "corrupt", "short", "stall")
        at_cdn = request.path.startswith("/cdn/")
        return (
            (of_bytes or not at_cdn or self.pattern.startswith("/cdn/"))
            and request.method in self.methods
            and fnmatchcase(request.path, self.pattern)
            and (self.times is None or self.met < self.times)
        )


class Hub:
    """The server and its state. Stop it and start it again: the port stays the same.

    Attributes:
        requests: All requests so far, in the order they came. Those for the list of agent
            harnesses, which ``huggingface_hub`` asks for once a day, are answered and not recorded.
        waits: Seconds the clients would have slept, where the ``hub`` fixture keeps them from it.
    """

    page_size = 1000  # entries of a tree listing in one answer

    def __init__(self, ports: tuple[int, int] = (0, 0)) -> None:
        self.lock = threading.RLock()
        self.servers: list[Server] = []
        self.ports = ports
        self.start()
        self.reset()

    # -- running

    def start(self) -> None:
        if self.servers:
            return
        self.wake = threading.Event()
        self.servers = [Server(self, port) for port in self.ports]
        self.ports = cast("tuple[int, int]", tuple(s.server_port for s in self.servers))

    def stop(self) -> None:
        """Go offline: connections are cut, new ones refused."""
        self.wake.set()
        for server in self.servers:
            server.stop()
        self.servers = []

    def reset(self) -> None:
        """Forget repositories, faults, tokens and the record; be online."""
        self.wake.set()  # ends stalled answers of the test before
        self.start()
        with self.lock:
            self.wake = threading.Event()
            self.repos: dict[str, Repo] = {}
            self.requests: list[Request] = []
            self.waits: list[float] = []
            self._faults: list[Fault] = []
            self.tokens: set[str] = set()
            self.page_size = type(self).page_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def environment(self, home: str | Path) -> dict[str, str]:
        """Variables that send ``huggingface_hub`` and ``datasets`` here and nowhere else."""
        return {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home),
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "SSL_CERT_DIR": str(
                home
            ),  # has none: nobody is asked over TLS, and reading all takes long
        }

    # -- what there is

    def repo(self, name: str) -> Repo:
        """The repository ``owner/name``, made when new."""
        with self.lock:
            return self.repos.setdefault(name, Repo(name))

    def remove(self, name: str) -> None:
        with self.lock:
            del self.repos[name]

    def token(self, name: str = "member", *, reads: Sequence[str] = ()) -> str:
        """A valid token. Others are refused with 401, as the real Hub does."""
        token = f"hf_{name}"
        self.tokens.add(token)
        for repo in reads:
            self.repo(repo).grant(token)
        return token

    # -- what goes wrong; patterns are globs over the path, the earliest unspent fault wins

    def fail(
        self,
        pattern: str,
        *,
        status: int,
        times: int | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        methods: Sequence[str] = ("GET", "HEAD", "POST"),
    ) -> Fault:
        """Answer with an error status."""
        more = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return self._add(
            Fault("status", pattern, times, status=status, headers={**more, **(headers or {})},
                  methods=tuple(methods))
        )  # fmt: skip

    def drop(
        self,
        pattern: str,
        *,
        times: int | None = None,
        methods: Sequence[str] = ("GET", "HEAD", "POST"),
    ) -> Fault:
        """Close the connection without an answer."""
        return self._add(Fault("drop", pattern, times, methods=tuple(methods)))

    def cut(self, pattern: str, *, after: int, times: int | None = None) -> Fault:
        """Close the connection after so many bytes of a file that announced more."""
        return self._add(Fault("cut", pattern, times, at=after, methods=("GET",)))

    def corrupt(self, pattern: str, *, at: int | None = None, times: int | None = None) -> Fault:
        """Flip one byte of the file, by default the middle one; length and ETag stay right."""
        return self._add(Fault("corrupt", pattern, times, at=at, methods=("GET",)))

    def shorten(self, pattern: str, *, to: int, times: int | None = None) -> Fault:
        """Send the first bytes only, as a complete answer that contradicts the listed size."""
        return self._add(Fault("short", pattern, times, at=to, methods=("GET",)))

    def stall(
        self, pattern: str, *, seconds: float, after: int = 0, times: int | None = None
    ) -> Fault:
        """Pause after the headers and so many bytes of a file or of an API answer."""
        return self._add(
            Fault("stall", pattern, times, at=after, seconds=seconds, methods=("GET", "POST"))
        )

    def silence(self, pattern: str, *, seconds: float = 60, times: int | None = None) -> Fault:
        """Accept the connection and answer nothing, not even a status."""
        return self._add(Fault("silence", pattern, times, seconds=seconds))

    def trickle(
        self, pattern: str, *, every: float, headers: bool = False, times: int | None = None
    ) -> Fault:
        """Send the body, or the headers too, byte by byte with a pause after each."""
        return self._add(Fault("trickle", pattern, times, seconds=every, at=0 if headers else None))

    def answer(
        self,
        pattern: str,
        body: str | bytes,
        *,
        kind: str = "text/html; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        status: int = 200,
        times: int | None = None,
    ) -> Fault:
        """Answer with a page of one's own, as a captive portal or another server does."""
        data = body.encode() if isinstance(body, str) else body
        return self._add(
            Fault("answer", pattern, times, status=status, body=data,
                  headers={"Content-Type": kind, **(headers or {})})
        )  # fmt: skip

    def mislabel(self, pattern: str, *, etag: str, times: int | None = None) -> Fault:
        """Send another ETag than the content has."""
        return self._add(Fault("etag", pattern, times, value=etag, methods=("GET", "HEAD")))

    def mend(self) -> None:
        """Let all faults be over."""
        with self.lock:
            self._faults.clear()
            self.wake.set()
            self.wake = threading.Event()

    def _add(self, fault: Fault) -> Fault:
        with self.lock:
            self._faults.append(fault)
        return fault

    def next_fault(self, request: Request, kinds: tuple[str, ...]) -> Fault | None:
        with self.lock:
            for fault in self._faults:
                if fault.kind in kinds and fault.hits(request):
                    fault.met += 1
                    return fault
        return None

    # -- what was asked

    def asked(self, pattern: str = "*", *, method: str | None = None) -> list[Request]:
        """The requests whose path fits a glob, in order."""
        with self.lock:
            return [r for r in self.requests
                    if fnmatchcase(r.path, pattern) and method in (None, r.method)]  # fmt: skip

    def bytes_sent(self, pattern: str = "*") -> int:
        """Bytes of answer bodies sent; of files with ``pattern="*/file.parquet"``."""
        return sum(request.sent for request in self.asked(pattern))

    def forget(self) -> None:
        """Empty the record, to look at the next step alone."""
        with self.lock:
            self.requests.clear()
            self.waits.clear()


def run_python(
    code: str, hub: Hub, home: str | Path, *, offline: bool = False, timeout: float = 120
) -> str:
    """Run code in a fresh process that knows this hub only; returns what it printed.

    Raises:
        AssertionError: It ended with an error; the message holds what it wrote to stderr.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_"))}
    switch = {"HF_HUB_OFFLINE": "1"} if offline else {}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **hub.environment(home), **switch},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
