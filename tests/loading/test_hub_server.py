"""The loopback hub, spoken to by the real clients.

The second half writes down what ``huggingface_hub`` and ``datasets`` make of each fault: the error
mapping of the library rests on it, and a client release that changes it shows up here first.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub import Hub, run_python

pytestmark = pytest.mark.slow

A, B = "a" * 40, "b" * 40
NAME = "owner/name"
TRAIN = "doctor/train-00000-of-00001.parquet"
FILE = f"*/{TRAIN}"
TABLE = pa.table({"id": range(60_000), "text": [f"{i:x} 문항" for i in range(60_000)]})


def parquet(table: pa.Table, rows: int = 4_000) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=rows)
    return sink.getvalue()


DATA = parquet(TABLE)
URI = f"hf://datasets/{NAME}@{A}/{TRAIN}"


@pytest.fixture
def served(hub: Hub) -> Hub:
    hub.repo(NAME).commit(A, {TRAIN: DATA, "README.md": b"hello\n"})
    return hub


def download(revision: str = A, path: str = TRAIN, token: str | bool = False) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(NAME, path, repo_type="dataset", revision=revision, token=token))


def info(token: str | bool = False) -> object:
    from huggingface_hub import HfApi

    return HfApi().dataset_info(NAME, revision=A, token=token)


def tree(recursive: bool = True, **more: object) -> list[object]:
    from huggingface_hub import HfApi

    return list(
        HfApi().list_repo_tree(NAME, repo_type="dataset", revision=A, recursive=recursive, **more)
    )


def ranged() -> bytes:
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(URI, block_size=1 << 10) as file:
        file.seek(4_000)
        return file.read(10)


def streamed() -> bytes:
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(URI) as file:
        return file.read()


def cached() -> str:
    """How ``DownloadManager.download`` fetches one file for a map-style builder."""
    from datasets.utils.file_utils import cached_path

    return cached_path(URI)


def opened() -> bytes:
    """How a streaming builder opens one file."""
    from datasets.utils.file_utils import xopen

    with xopen(URI, "rb") as file:
        file.seek(4_000)
        return file.read(10)


def rows(streaming: bool = False, revision: str | None = A) -> int:
    import datasets

    data = datasets.load_dataset(NAME, revision=revision, split="train", streaming=streaming)
    return sum(len(batch["id"]) for batch in data.with_format("arrow").iter(10_000))


# -- the protocol


def test_info_tells_commit_and_files(served: Hub) -> None:
    from huggingface_hub import HfApi

    served.repo(NAME).card = {"license": "mit"}
    info = HfApi().dataset_info(NAME, files_metadata=True)
    assert (info.id, info.sha, info.private, info.gated) == (NAME, A, False, False)
    assert info.card_data.license == "mit"
    readme, train = info.siblings
    assert (readme.rfilename, readme.size) == ("README.md", 6)
    assert (train.rfilename, train.lfs.sha256) == (TRAIN, hashlib.sha256(DATA).hexdigest())


def test_tree_names_git_blobs_and_lfs(served: Hub) -> None:
    readme, folder, train = tree(expand=True)
    assert readme.blob_id == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object
    assert (folder.path, train.path) == ("doctor", TRAIN)
    assert (train.lfs.sha256, train.lfs.size) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert train.last_commit.oid == A
    assert [entry.path for entry in tree(recursive=False)] == ["README.md", "doctor"]
    assert [entry.path for entry in tree(path_in_repo="doctor")] == [TRAIN]


def test_tree_comes_in_pages(hub: Hub) -> None:
    hub.repo(NAME).commit(A, {f"{i}.txt": b"" for i in range(7)})
    hub.page_size = 3
    assert [entry.path for entry in tree()] == [f"{i}.txt" for i in range(7)]
    assert len(hub.requests) == 3


def test_paths_info_leaves_out_what_is_not_there(served: Hub) -> None:
    from huggingface_hub import HfApi

    paths = HfApi().get_paths_info(NAME, [TRAIN, "doctor", "no"], repo_type="dataset", revision=A)
    assert {path.path for path in paths} == {TRAIN, "doctor"}


def test_branches_move_and_commits_stay(served: Hub) -> None:
    from huggingface_hub import HfApi

    repo = served.repo(NAME).commit(B, {TRAIN: b"new"}).tag("v1", A)
    repo.commit(B, {TRAIN: b"new"}, branch="refs/convert/parquet")
    refs = HfApi().list_repo_refs(NAME, repo_type="dataset")
    assert [(ref.name, ref.target_commit) for ref in refs.branches] == [("main", B)]
    assert [ref.ref for ref in refs.converts] == ["refs/convert/parquet"]
    assert [ref.ref for ref in refs.tags] == ["refs/tags/v1"]
    assert download("main").read_bytes() == download("refs/convert/parquet").read_bytes() == b"new"
    assert download("v1").read_bytes() == download(A).read_bytes() == DATA
    repo.move(A)
    assert download("main").read_bytes() == DATA


def test_download_is_named_by_hash_and_asked_for_once(served: Hub) -> None:
    path = download()
    assert path.read_bytes() == DATA
    assert path.resolve().name == hashlib.sha256(DATA).hexdigest()  # X-Linked-Etag
    assert download(path="README.md").resolve().name == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert all(f"/{A}/" in request.path for request in served.requests), "another commit was asked"
    assert served.bytes_sent(FILE) == len(DATA)
    served.forget()
    download()
    assert served.requests == [], "a pinned file in the cache needs no hub"


def test_lfs_files_come_from_another_host(served: Hub) -> None:
    token = served.token(reads=[NAME])
    download(token=token)
    head, get = served.asked(FILE)
    assert (head.method, head.status) == ("HEAD", 302)
    assert get.path.startswith("/cdn/")
    assert "authorization" in head.headers
    assert "authorization" not in get.headers, "a token left the Hub"


def test_ranged_reads_send_no_more_than_asked(served: Hub) -> None:
    assert ranged() == DATA[4_000:4_010]
    assert served.bytes_sent(FILE) <= 2_048
    assert served.asked(FILE)[-1].status == 206


def test_streaming_the_first_row_downloads_little(hub: Hub) -> None:
    import datasets
    from datasets.utils.file_utils import xopen

    noise = np.random.default_rng(0).bytes(24 << 20)  # blocks of 5 MiB are read ahead
    big = pa.table({"id": range(24), "data": [noise[i << 20 : (i + 1) << 20] for i in range(24)]})
    hub.repo(NAME).commit(A, {TRAIN: parquet(big, rows=1)})

    class Tables(datasets.ArrowBasedBuilder):
        def _info(self) -> datasets.DatasetInfo:
            return datasets.DatasetInfo(features=datasets.Features.from_arrow_schema(big.schema))

        def _split_generators(self, dl: object) -> list[datasets.SplitGenerator]:
            return [datasets.SplitGenerator("train", {"file": dl.download(URI)})]

        def _generate_tables(self, file: str) -> Iterator[tuple[int, pa.Table]]:
            with xopen(file, "rb") as opened:
                reader = pq.ParquetFile(opened)
                # iter_batches() would fetch all row groups before the first row (pre_buffer=True)
                for group in range(reader.num_row_groups):
                    yield group, reader.read_row_group(group)

    builder = Tables()
    assert next(iter(builder.as_streaming_dataset(split="train")))["id"] == 0
    assert 0 < hub.bytes_sent(FILE) < len(noise) / 2
    builder.download_and_prepare()
    assert builder.as_dataset(split="train")["id"][:] == list(range(24))
    hub.forget()
    Tables().download_and_prepare()
    assert hub.requests == [], "what was prepared is not asked for again"


@pytest.mark.parametrize("streaming", [False, True])
def test_load_dataset_reads_all_rows(served: Hub, streaming: bool) -> None:
    assert rows(streaming) == len(TABLE)
    assert all(f"/{A}" in request.path for request in served.requests), "another commit was asked"


def test_a_folder_is_served_as_it_lies(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "up/doctor").mkdir(parents=True)
    (tmp_path / "up" / TRAIN).write_bytes(DATA)
    hub.repo(NAME).commit(A, tmp_path / "up")
    assert list(hub.repo(NAME).commits[A]) == [TRAIN]
    assert download().read_bytes() == DATA


@pytest.mark.parametrize(
    ("span", "status", "body"),
    [
        ("bytes=1-2", 206, b"el"),
        ("bytes=4-", 206, b"o\n"),
        ("bytes=-3", 206, b"lo\n"),
        ("bytes=4-99", 206, b"o\n"),
        ("bytes=6-", 416, b""),
        ("lines=1-2", 200, b"hello\n"),
    ],
)
def test_ranges(served: Hub, span: str, status: int, body: bytes) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.endpoint).netloc, timeout=10)
    url = f"/datasets/{NAME}/resolve/main/README.md"
    for _ in range(2):  # the connection stays open
        connection.request("GET", url, headers={"Range": span})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, body)
        if status == 206:
            first = b"hello\n".index(body)
            want = f"bytes {first}-{first + len(body) - 1}/6"
            assert answer.headers["Content-Range"] == want
    connection.close()
    assert [request.sent for request in served.requests] == [len(body)] * 2


def test_the_server_is_bound_to_loopback_only(hub: Hub) -> None:
    assert {server.server_address[0] for server in hub.servers} == {"127.0.0.1"}


# -- isolation


@pytest.mark.parametrize("content", [1, 2])
@pytest.mark.parametrize("read", ["map", "stream", "download", "tree"])
def test_caches_do_not_leak(hub: Hub, content: int, read: str) -> None:
    table = TABLE.slice(0, content)
    hub.repo(NAME).commit(A, {TRAIN: parquet(table)})
    if read == "download":
        assert download().read_bytes() == parquet(table)
    elif read == "tree":
        from huggingface_hub import HfFileSystem, hffs

        for fs in (hffs, HfFileSystem()):
            assert fs.info(URI)["size"] == len(parquet(table))
    else:
        assert rows(streaming=read == "stream") == content


FRESH = f"""
import datasets
print(datasets.load_dataset({NAME!r}, revision={A!r}, split="train").num_rows)
"""


def test_a_fresh_process_uses_the_hub_and_then_its_cache(served: Hub, tmp_path: Path) -> None:
    assert run_python(FRESH, served, tmp_path / "home").strip() == str(len(TABLE))
    assert served.asked(FILE)
    served.forget()
    assert run_python(FRESH, served, tmp_path / "home", offline=True).strip() == str(len(TABLE))
    assert served.requests == []
    with pytest.raises(AssertionError, match="Couldn't reach"):
        run_python(FRESH, served, tmp_path / "other", offline=True)


# -- who may read


def test_gated_without_token(served: Hub) -> None:
    from huggingface_hub.errors import GatedRepoError

    served.repo(NAME).gate("manual")
    assert info().gated == "manual", "everybody sees the info of a gated dataset"
    with pytest.raises(GatedRepoError, match=r"restricted.*log in") as caught:
        download()
    assert caught.value.response.status_code == 401
    with pytest.raises(FileNotFoundError) as wrapped:
        cached()
    assert isinstance(wrapped.value.__cause__, GatedRepoError)


def test_gated_with_token(served: Hub) -> None:
    from huggingface_hub.errors import GatedRepoError

    served.repo(NAME).gate()
    token = served.token()
    with pytest.raises(GatedRepoError, match="not in the authorized list") as caught:
        download(token=token)
    assert caught.value.response.status_code == 403
    served.repo(NAME).grant(token)
    assert download(token=token).read_bytes() == DATA


def test_gated_listing(served: Hub) -> None:
    from huggingface_hub.errors import GatedRepoError

    served.repo(NAME).gate(hides="tree")
    assert info().sha == A
    with pytest.raises(GatedRepoError):
        tree()
    served.repo(NAME).gate(hides="info")
    with pytest.raises(GatedRepoError):
        info()


def test_private_looks_like_missing(served: Hub) -> None:
    from huggingface_hub.errors import RepositoryNotFoundError

    served.repo(NAME).hide()
    for token, status in ((False, 401), (served.token("stranger"), 404)):
        with pytest.raises(RepositoryNotFoundError) as caught:
            info(token=token)
        assert caught.value.response.status_code == status
    assert info(token=served.token("owner", reads=[NAME])).private


def test_a_wrong_token_is_not_a_missing_repository(served: Hub) -> None:
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    with pytest.raises(HfHubHTTPError, match="Invalid credentials") as caught:
        info(token="hf_wrong")
    assert not isinstance(caught.value, RepositoryNotFoundError)


def test_disabled(served: Hub) -> None:
    from huggingface_hub.errors import DisabledRepoError

    served.repo(NAME).disabled = True
    with pytest.raises(DisabledRepoError):
        info()


# -- what is not there


def _gone(hub: Hub) -> None:
    hub.remove(NAME)


def _other_commit(hub: Hub) -> None:
    hub.remove(NAME)
    hub.repo(NAME).commit(B, {TRAIN: DATA})


def _other_file(hub: Hub) -> None:
    hub.repo(NAME).commit(A, {"other.txt": b""})


@pytest.mark.parametrize(
    ("harm", "error", "in_info"),
    [
        (_gone, "RepositoryNotFoundError", True),
        (_other_commit, "RevisionNotFoundError", True),
        (_other_file, "RemoteEntryNotFoundError", False),
    ],
)
def test_missing(served: Hub, harm: Callable[[Hub], None], error: str, in_info: bool) -> None:
    import huggingface_hub.errors as errors

    harm(served)
    kind = getattr(errors, error)
    if in_info:
        with pytest.raises(kind):
            info()
    with pytest.raises(kind):
        download()
    with pytest.raises(FileNotFoundError) as caught:
        cached()
    assert isinstance(caught.value.__cause__, kind)
    with pytest.raises(FileNotFoundError) as caught:
        ranged()
    # Of a missing file the file system tells nothing but the name.
    assert isinstance(caught.value.__cause__, kind) is in_info
    assert served.waits == [], "what is not there is not asked for again"


# -- outages: (fault, call, exception, its cause, seconds slept by the client)

BACKOFF = [1, 2, 4, 8, 8]
ALWAYS = [
    ("429", info, "HfHubHTTPError", "HTTPStatusError", []),
    ("429", tree, "HfHubHTTPError", "HTTPStatusError", BACKOFF),
    ("429", download, "LocalEntryNotFoundError", "HfHubHTTPError", BACKOFF),
    ("429", cached, "HfHubHTTPError", "HTTPStatusError", []),
    ("429", ranged, "HfHubHTTPError", "HTTPStatusError", []),
    ("503", info, "HfHubHTTPError", "HTTPStatusError", []),
    ("503", tree, "HfHubHTTPError", "HTTPStatusError", BACKOFF),
    ("503", download, "LocalEntryNotFoundError", "HfHubHTTPError", BACKOFF),
    ("file 503", download, "HfHubHTTPError", "HTTPStatusError", []),
    ("file 503", ranged, "HfHubHTTPError", "HTTPStatusError", BACKOFF),
    ("file 503", opened, "HfHubHTTPError", "HTTPStatusError", BACKOFF),
    ("file 429", download, "HfHubHTTPError", "HTTPStatusError", BACKOFF),
    ("file 429", opened, "ConnectionError", "HfHubHTTPError", [*BACKOFF, 60] * 20),
    ("refused", info, "ConnectError", "ConnectError", []),
    ("refused", download, "LocalEntryNotFoundError", "ConnectError", BACKOFF),
    ("refused", cached, "ConnectError", "ConnectError", []),
    ("refused", opened, "ConnectionError", "ConnectError", [5] * 20),
    ("dropped", info, "RemoteProtocolError", "RemoteProtocolError", []),
    ("dropped", download, "RemoteProtocolError", "RemoteProtocolError", []),
    ("cut", download, "RemoteProtocolError", "RemoteProtocolError", [1] * 5),
    ("cut", ranged, "RemoteProtocolError", "RemoteProtocolError", BACKOFF),
    ("cut", streamed, "RemoteProtocolError", "RemoteProtocolError", []),
    ("cut", opened, "ConnectionError", "RemoteProtocolError", [*BACKOFF, 5] * 20),
]


def _break(hub: Hub, fault: str, times: int | None = None) -> None:
    match fault.split():
        case ["refused"]:
            hub.stop()
        case ["dropped"]:
            hub.drop("*", times=times)
        case ["cut"]:
            hub.cut(FILE, after=300, times=times)
        case ["file", status]:
            hub.fail("/cdn/*", status=int(status), times=times)
        case [status]:
            hub.fail("*", status=int(status), times=times)


@pytest.mark.parametrize(
    ("fault", "call", "error", "cause", "slept"),
    ALWAYS,
    ids=[f"{fault}-{call.__name__}" for fault, call, *_ in ALWAYS],
)
def test_outage(
    served: Hub,
    fault: str,
    call: Callable[[], object],
    error: str,
    cause: str,
    slept: list[float],
) -> None:
    _break(served, fault)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the table says which
        call()
    failure = caught.value
    assert (type(failure).__name__, type(failure.__cause__).__name__) == (error, cause)
    assert served.waits == slept
    served.start()
    served.mend()
    assert not list(Path(_hub_cache()).rglob("*.incomplete")), "half a file was left behind"


def _hub_cache() -> str:
    from huggingface_hub import constants

    return constants.HF_HUB_CACHE


@pytest.mark.parametrize(
    ("fault", "call", "slept"),
    [
        ("429", tree, [1]),
        ("429", download, []),  # asked again at once, with retries, when nothing is cached
        ("503", tree, [1]),
        ("503", download, []),
        ("file 429", download, [1]),
        ("file 503", ranged, [1]),
        ("dropped", tree, [1]),
        ("cut", download, [1]),
        ("cut", ranged, [1]),
        ("cut", streamed, []),
        ("cut", opened, [1]),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_one_failure_is_overcome(
    served: Hub, fault: str, call: Callable[[], object], slept: list[float]
) -> None:
    _break(served, fault, times=1)
    call()
    assert served.waits == slept


def test_retry_after_is_obeyed(served: Hub) -> None:
    served.fail("*/tree/*", status=429, retry_after=30, times=2)
    tree()
    assert served.waits == [31, 31]


def test_load_dataset_hides_the_status(served: Hub) -> None:
    served.fail("*", status=429)
    with pytest.raises(FileNotFoundError, match="LocalEntryNotFoundError") as caught:
        rows()
    assert caught.value.__cause__ is None, "the reason is in the text only"


def test_load_dataset_falls_back_on_another_revision(served: Hub) -> None:
    assert rows() == len(TABLE)
    served.stop()
    assert rows(revision=B) == len(TABLE), "the trap our loader must not fall into"


def test_offline_mode(served: Hub, offline: None) -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    for call in (info, tree, ranged, cached, opened):
        with pytest.raises(OfflineModeIsEnabled):
            call()
    with pytest.raises(LocalEntryNotFoundError) as caught:
        download()
    assert isinstance(caught.value.__cause__, OfflineModeIsEnabled)
    with pytest.raises(ConnectionError, match="OfflineModeIsEnabled"):
        rows()
    assert served.requests == []


def test_offline_mode_serves_pinned_files_from_the_cache(
    served: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = download()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert download() == path


def test_the_port_stays_the_same(served: Hub) -> None:
    endpoint = served.endpoint
    served.stop()
    served.start()
    assert served.endpoint == endpoint
    assert info().sha == A


# -- bad bytes


@pytest.mark.parametrize("at", [None, 100, len(DATA) - 20])
def test_no_client_notices_corrupted_bytes(served: Hub, at: int | None) -> None:
    served.corrupt(FILE, at=at)
    path = download()
    assert len(path.read_bytes()) == len(DATA)
    assert path.read_bytes() != DATA
    assert path.resolve().name == hashlib.sha256(DATA).hexdigest(), "cached under the right hash"
    assert streamed() == path.read_bytes()
    served.mend()
    assert download() == path, "and it stays there"


def test_wrong_length_is_noticed_by_downloads_only(served: Hub) -> None:
    served.shorten(FILE, to=500)
    with pytest.raises(OSError, match=f"should be of size {len(DATA)} but has size 500"):
        download()
    assert streamed() == DATA[:500]


def test_wrong_etag_is_believed(served: Hub) -> None:
    served.mislabel(FILE, etag="0" * 64)
    path = download()
    assert path.resolve().name == "0" * 64
    assert path.read_bytes() == DATA


def test_cut_downloads_resume_by_whole_chunks(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    served.cut(FILE, after=2_500, times=1)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1_000)  # 10 MiB
    assert download().read_bytes() == DATA
    assert served.asked("/cdn/*")[-1].headers["range"] == "bytes=2000-"


def test_stalled_transfer_times_out(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    served.stall(FILE, seconds=30, after=100, times=1)
    assert download().read_bytes() == DATA
    assert served.waits == [1]


def test_stalled_answer_times_out_only_when_told(served: Hub) -> None:
    from huggingface_hub import HfApi
    from huggingface_hub.utils import httpx

    served.stall("/api/*", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        HfApi().dataset_info(NAME, timeout=0.2)


def test_the_record_can_be_read(served: Hub) -> None:
    ranged()
    lines = [str(request) for request in served.requests]
    assert lines[-1].startswith(f"GET /cdn/{NAME}/{A}/{TRAIN} bytes=")
    assert lines[-1].endswith(f"-> 206, {served.requests[-1].sent} bytes")
    assert json.loads(json.dumps(served.requests[-1].headers))["user-agent"].startswith("unknown")
