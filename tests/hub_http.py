"""What the loopback hub says over HTTP: routes, error codes, ranges, redirects, faults.

The state is :class:`hub.Hub`; this module only reads it, writes the record and counts the faults.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import parse_qs, quote, unquote, urlsplit

if TYPE_CHECKING:
    from hub import Fault, File, Hub, Repo

_DATE = "2025-01-02T03:04:05.000Z"


@dataclass
class Request:
    """One request as the server saw it."""

    method: str
    path: str  # unquoted, without the query; CDN requests begin with /cdn/
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    status: int = 0  # 0: cut before an answer
    sent: int = 0  # bytes of the body

    def __str__(self) -> str:
        wanted = self.headers.get("range", "")
        return f"{self.method} {self.path} {wanted} -> {self.status}, {self.sent} bytes"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hub: Hub, port: int) -> None:
        self.hub = hub
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def process_request(self, request: object, client_address: object) -> None:
        with self._guard:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: object) -> None:
        with self._guard:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)  # type: ignore[arg-type]

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the client hung up: its right
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._guard:  # connections kept alive would go on being served
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was first


class Refusal(Exception):
    """An error answer, with the headers clients tell the cause by."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        code_header = {"X-Error-Code": code} if code else {}
        self.headers = {**code_header, "X-Error-Message": message, **headers}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    disable_nagle_algorithm = True
    server: Server
    timeout = 60

    def log_message(self, *_: object) -> None:
        pass  # Hub.requests is the log

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path == "/api/agent-harnesses":
            self.request_seen = Request(self.command, url.path, {}, {})
            return self._json({"standardEnvVars": [], "harnesses": {}})
        request = self.request_seen = Request(
            self.command,
            unquote(url.path),
            {key: values[-1] for key, values in parse_qs(url.query).items()},
            {key.lower(): value for key, value in self.headers.items()},
        )
        hub = self.server.hub
        with hub.lock:
            hub.requests.append(request)
        fault = hub.next_fault(request, ("status", "drop", "silence", "answer"))
        if fault is not None and fault.kind in ("drop", "silence"):
            hub.wake.wait(fault.seconds)
            self.close_connection = True
            return None
        if fault is not None and fault.body is not None:
            return self._send(fault.status, fault.body, fault.headers)
        if fault is not None:
            return self._failed(fault)
        try:
            self._route([unquote(part) for part in url.path.split("/")[1:]], body)
        except Refusal as no:
            self._json({"error": no.message}, status=no.status, headers=no.headers)

    def _failed(self, fault: Fault) -> None:
        phrase = HTTPStatus(fault.status).phrase
        said = fault.headers.get("X-Error-Message", phrase)
        self._json({"error": said}, status=fault.status, headers=fault.headers)

    # -- routes

    def _route(self, parts: list[str], body: bytes) -> None:
        match parts:
            case ["api", "datasets", owner, name]:
                self._info(self._repo(owner, name, "info"), None)
            case ["api", "datasets", owner, name, "revision", revision]:
                self._info(self._repo(owner, name, "info"), revision)
            case ["api", "datasets", owner, name, "auth-check"]:
                self._repo(owner, name, "files")
                self._json({})
            case ["api", "datasets", owner, name, "refs"]:
                self._refs(self._repo(owner, name, "info"))
            case ["api", "datasets", owner, name, "tree", revision, *folder]:
                self._tree(self._repo(owner, name, "tree"), revision, "/".join(folder))
            case ["api", "datasets", owner, name, "paths-info", revision]:
                self._paths_info(self._repo(owner, name, "tree"), revision, body)
            case ["datasets", owner, name, "resolve", revision, *path]:
                self._resolve(self._repo(owner, name, "files"), revision, "/".join(path))
            case ["cdn", owner, name, sha, *path]:
                self._cdn(f"{owner}/{name}", sha, "/".join(path))
            case _:
                raise Refusal(404, "", "Sorry, we can't find the page you are looking for.")

    def _repo(self, owner: str, name: str, what: Literal["files", "tree", "info"]) -> Repo:
        """The repository, if there is one and the caller may see that much of it."""
        hub, token = self.server.hub, self._token()
        repo = hub.repos.get(f"{owner}/{name}")
        if repo is None or (repo.private and token not in repo.readers):
            if token is None:
                # Over https clients take any such 401 for a missing repository; over http they
                # want the code, which the real Hub leaves out here.
                raise Refusal(401, "RepoNotFound", "Invalid username or password.")
            raise Refusal(404, "RepoNotFound", "Repository not found")
        if repo.disabled:
            raise Refusal(403, "", "Access to this resource is disabled.")
        depth = ("files", "tree", "info")
        if repo.gated and depth.index(what) <= depth.index(repo.hides):
            self._check_terms(repo, token)
        return repo

    def _token(self) -> str | None:
        header = self.headers.get("Authorization")
        if header is None:
            return None
        token = header.removeprefix("Bearer ")
        if token not in self.server.hub.tokens:
            raise Refusal(401, "", "Invalid credentials in Authorization header")
        return token

    def _check_terms(self, repo: Repo, token: str | None) -> None:
        start = f"Access to dataset {repo.name} is restricted"
        if token is None:
            raise Refusal(401, "GatedRepo", f"{start}. You must have access to it and be "
                           "authenticated to access it. Please log in.")  # fmt: skip
        if token not in repo.readers:
            raise Refusal(403, "GatedRepo", f"{start} and you are not in the authorized list. "
                           f"Visit {self.server.hub.endpoint}/datasets/{repo.name} to ask for "
                           "access.")  # fmt: skip

    def _commit(self, repo: Repo, revision: str) -> tuple[str, dict[str, File]]:
        sha = repo.find(revision)
        if sha is None:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return sha, repo.commits[sha]

    def _info(self, repo: Repo, revision: str | None) -> None:
        sha, files = self._commit(repo, "main" if revision is None else revision)
        siblings: list[dict[str, object]] = [{"rfilename": path} for path in files]
        if self.request_seen.query.get("blobs", "").lower() in ("true", "1"):
            siblings = [{"rfilename": path, **file.blob()} for path, file in files.items()]
        self._json({
            "_id": repo.name, "id": repo.name, "author": repo.name.split("/")[0], "sha": sha,
            "lastModified": _DATE, "createdAt": _DATE, "private": repo.private,
            "gated": repo.gated, "disabled": repo.disabled, "tags": repo.topics,
            "downloads": 0, "likes": 0, "cardData": repo.card, "siblings": siblings,
        })  # fmt: skip

    def _refs(self, repo: Repo) -> None:
        def refs(names: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
            return [{"name": name.removeprefix(prefix), "targetCommit": sha,
                     "ref": name if name.startswith("refs/") else prefix + name}
                    for name, sha in names.items()]  # fmt: skip

        converts = {n: s for n, s in repo.branches.items() if n.startswith("refs/convert/")}
        others = {n: s for n, s in repo.branches.items() if n not in converts}
        self._json({
            "branches": refs(others, "refs/heads/"), "converts": refs(converts, "refs/convert/"),
            "tags": refs(repo.tags, "refs/tags/"), "pullRequests": [],
        })  # fmt: skip

    def _tree(self, repo: Repo, revision: str, folder: str) -> None:
        sha, files = self._commit(repo, revision)
        query = self.request_seen.query
        if folder in files:
            entries = [files[folder].entry(folder)]
        else:
            entries = _listing(
                files, folder, recursive=query.get("recursive", "").lower() == "true"
            )
            if folder and not entries:
                raise Refusal(404, "EntryNotFound", f"{folder} does not exist on {revision!r}",
                               **{"X-Repo-Commit": sha})  # fmt: skip
        start, size = int(query.get("cursor", "0")), self.server.hub.page_size
        headers = {}
        if start + size < len(entries):
            path = urlsplit(self.path).path
            more = "&".join(f"{k}={quote(v)}" for k, v in query.items() if k != "cursor")
            url = f"{self.server.hub.endpoint}{path}?{more}&cursor={start + size}"
            headers["Link"] = f'<{url}>; rel="next"'
        self._entries(sha, entries[start : start + size], query.get("expand", ""), headers)

    def _paths_info(self, repo: Repo, revision: str, body: bytes) -> None:
        sha, files = self._commit(repo, revision)
        if "json" in self.headers.get("Content-Type", ""):
            request = json.loads(body)
        else:
            request = parse_qs(body.decode())
        paths = request["paths"] if isinstance(request["paths"], list) else [request["paths"]]
        known = {cast("str", e["path"]): e for e in _listing(files, "", recursive=True)}
        entries = [known[path.strip("/")] for path in paths if path.strip("/") in known]
        expand = request.get("expand", "")
        self._entries(sha, entries, str(expand[-1] if isinstance(expand, list) else expand), {})

    def _entries(
        self, sha: str, entries: list[dict[str, object]], expand: str, headers: dict[str, str]
    ) -> None:
        if expand.lower() == "true":
            last = {"id": sha, "title": "Upload", "date": _DATE}
            entries = [{**entry, "lastCommit": last} for entry in entries]
        self._json(entries, headers=headers)

    # -- files

    def _resolve(self, repo: Repo, revision: str, path: str) -> None:
        sha, files = self._commit(repo, revision)
        if path not in files:
            raise Refusal(404, "EntryNotFound", "Entry not found", **{"X-Repo-Commit": sha})
        file, headers = files[path], {"X-Repo-Commit": sha}
        if file.lfs is None:
            return self._file(file, file.oid, headers)
        fault = self.server.hub.next_fault(self.request_seen, ("etag",))
        etag = fault.value if fault else file.lfs["oid"]
        host = f"http://localhost:{self.server.hub.ports[1]}"
        self._send(302, b"", {
            **headers, "Location": f"{host}/cdn/{repo.name}/{sha}/{quote(path)}",
            "X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(file.data)),
            "ETag": f'"{etag}"', "Content-Type": "text/plain",
        })  # fmt: skip
        return None

    def _cdn(self, name: str, sha: str, path: str) -> None:
        # No token is asked for: signed links work for whoever has one.
        repo = self.server.hub.repos.get(name)
        file = repo.commits.get(sha, {}).get(path) if repo else None
        if file is None:
            raise Refusal(404, "", "The specified key does not exist.")
        self._file(file, hashlib.md5(file.data).hexdigest(), {})  # the ETag S3 would give

    def _file(self, file: File, etag: str, headers: dict[str, str]) -> None:
        hub, size = self.server.hub, len(file.data)
        if fault := hub.next_fault(self.request_seen, ("etag",)):
            etag = fault.value
        headers = {**headers, "ETag": f'"{etag}"', "Accept-Ranges": "bytes",
                   "Content-Type": "application/octet-stream"}  # fmt: skip
        status, span = _span(self.headers.get("Range"), size)
        if status == 416:
            headers["Content-Range"] = f"bytes */{size}"
            return self._send(416, b"", headers)
        if fault := hub.next_fault(self.request_seen, ("short",)):
            span = range(span.start, min(span.stop, cast("int", fault.at)))
        data = file.data
        if size and (fault := hub.next_fault(self.request_seen, ("corrupt",))):
            at = size // 2 if fault.at is None else fault.at
            data = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        if status == 206:
            headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
        return self._send(status, data[span.start : span.stop], headers)

    # -- answers

    def _json(
        self, value: object, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        body = json.dumps(value).encode()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        self._send(status, body, {**kind, **(headers or {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        request, hub = self.request_seen, self.server.hub
        request.status = status
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        slow = hub.next_fault(request, ("trickle",))
        if slow is not None and slow.at == 0:
            return self._trickle(b"".join([*self._headers_buffer, b"\r\n", body]), slow.seconds)
        self.end_headers()
        if self.command == "HEAD":
            return
        if slow is not None:
            return self._trickle(body, slow.seconds)
        is_file = status in (200, 206) and "Accept-Ranges" in headers
        cut = hub.next_fault(request, ("cut",)) if is_file else None
        stall = hub.next_fault(request, ("stall",)) if body else None
        if stall is not None:
            self._write(body[: stall.at])
            hub.wake.wait(stall.seconds)
            self._write(body[stall.at :])
        elif cut is not None:
            self._write(body[: cut.at])
            self.close_connection = True
        else:
            self._write(body)
        return

    def _trickle(self, data: bytes, pause: float) -> None:
        for at in range(len(data)):
            if self.server.hub.wake.wait(pause):
                break
            self._write(data[at : at + 1])
        self.close_connection = True

    def _write(self, data: bytes) -> None:
        # Counted piece by piece: a client that hangs up is not counted as having had it all.
        for start in range(0, len(data), 1 << 16):
            piece = data[start : start + (1 << 16)]
            self.request_seen.sent += len(piece)
            self.wfile.write(piece)

    def version_string(self) -> str:
        return "loopback-hub"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(time.time() if timestamp is None else timestamp, usegmt=True)


def _listing(files: Mapping[str, File], folder: str, *, recursive: bool) -> list[dict[str, object]]:
    """Files and folders below a folder, sorted by path; folders before what is in them."""
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, dict[str, object]] = {}
    for path, file in files.items():
        if not path.startswith(prefix):
            continue
        parts = path[len(prefix) :].split("/")
        for depth in range(1, len(parts) if recursive else min(len(parts), 2)):
            parent = prefix + "/".join(parts[:depth])
            # Not git's tree hash, which no client checks, but as stable as one.
            oid = hashlib.sha1(repr([(p, f.oid) for p, f in files.items()
                                     if p.startswith(f"{parent}/")]).encode()).hexdigest()  # fmt: skip
            entries[parent] = {"type": "directory", "oid": oid, "size": 0, "path": parent}
        if recursive or len(parts) == 1:
            entries[path] = file.entry(path)
    return [entries[path] for path in sorted(entries)]


def _span(header: str | None, size: int) -> tuple[int, range]:
    """Status and bytes of the answer to a Range header."""
    match = re.fullmatch(r"\s*bytes\s*=\s*(\d*)-(\d*)\s*", header or "", re.IGNORECASE)
    if match is None or match.groups() == ("", ""):
        return 200, range(size)  # as the RFC wants unknown units answered
    first, last = match.groups()
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last) + 1, size) if first and last else size
    return (206, range(start, stop)) if start < stop else (416, range(0))
