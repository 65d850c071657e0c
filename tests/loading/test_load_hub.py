"""Loading from a hub, with the real clients: what is promised when all is well, and when it is not."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import (
    LATER,
    PIN,
    RAW,
    REPO,
    WRITERS,
    Read,
    both_ways,
    csv,
    demo,
    jsonl,
    parquet,
    pinned,
    records,
    serve,
    table,
)
from hub import Hub, run_python
from medqa_kit.errors import (
    CorruptedError,
    FloatingRevisionWarning,
    FormatError,
    GatedError,
    HoldoutWarning,
    HubError,
    MedQAError,
    MissingError,
    OfflineError,
    RateLimitedError,
    RowCountWarning,
    SchemaMovedError,
    ServerError,
    WrongFilesError,
)
from medqa_kit.loading.hub import hub_calls
from medqa_kit.loading.planner import SAMPLES

COMMIT = mk.source("kormedmcqa").at.revision
UPSTREAM = mk.source("kormedmcqa").at.repo
pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning"),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_calls, "FIRST_PAUSE", 0.001)


@pytest.fixture
def served(hub: Hub) -> Hub:
    serve(hub)
    return hub


@pytest.fixture
def exam(hub: Hub) -> Hub:
    """KorMedMCQA's sample in upstream's layout at the pinned commit; on main, nonsense."""
    hub.repo(UPSTREAM).commit(COMMIT, SAMPLES / "kormedmcqa", branch=None)
    hub.repo(UPSTREAM).commit(LATER, {"doctor/train-00000.parquet": b"moved", "x.py": b"script"})
    return hub


def only_asked(hub: Hub, repo: str, commit: str) -> None:
    paths = [request.path for request in hub.asked() if repo in request.path]
    assert paths
    assert all(f"/{commit}" in path for path in paths), "another commit was asked for"


# -- all is well


@both_ways
def test_rows_have_the_declared_schema_and_unique_ids(exam: Hub, read: Read) -> None:
    rows = read("kormedmcqa", split="train")
    assert {row["subset"] for row in rows} == {"dentist", "doctor", "nurse", "pharm"}
    assert len({row["id"] for row in rows}) == len(rows) == 13
    assert all(list(row) == mk.schemas.QA.names for row in rows)
    assert all(row["options"][row["answer_index"]] == row["answer"] for row in rows)
    assert rows[0]["id"].startswith("kormedmcqa/dentist/")
    only_asked(exam, UPSTREAM, COMMIT)


@pytest.mark.parametrize("streaming", [False, True])
def test_without_split_there_is_a_dict_of_splits(exam: Hub, streaming: bool) -> None:
    import datasets

    rows = mk.load("kormedmcqa", subset="doctor", streaming=streaming)
    kind = datasets.IterableDatasetDict if streaming else datasets.DatasetDict
    assert type(rows) is kind
    assert list(rows) == ["train", "validation", "test"]
    for split, data in rows.items():
        assert data.features.arrow_schema.types == mk.schemas.QA.types
        assert {row["split"] for row in mk.rows(data)} == {split}


@both_ways
@pytest.mark.slow
def test_all_has_each_item_once_and_says_that_the_test_is_in(exam: Hub, read: Read) -> None:
    with pytest.warns(HoldoutWarning, match="official test split"):
        rows = read("kormedmcqa", split="all")
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    items = [(row["question"], *row["options"]) for row in rows]
    copies = read("kormedmcqa", split="fewshot")
    assert {row["split"] for row in copies} == {"fewshot"}
    for copy in copies:
        assert items.count((copy["question"], *copy["options"])) == 1, "a few-shot copy is in"


@pytest.mark.slow
def test_the_warning_counts_the_test_rows_of_the_years(exam: Hub) -> None:
    with pytest.warns(HoldoutWarning, match="holds 8 rows of the official test split"):
        data = mk.load("kormedmcqa", split="all", years=range(2012, 2024))
    assert sum(split == "test" for split in data["split"]) == 8


@both_ways
def test_years(exam: Hub, read: Read) -> None:
    rows = read("kormedmcqa", split="test", years=[2024])
    assert rows
    assert {row["year"] for row in rows} == {2024}
    assert len(rows) < len(read("kormedmcqa", split="test"))


@both_ways
def test_raw_view_and_kept_columns(exam: Hub, read: Read) -> None:
    raw = read("kormedmcqa", subset="doctor", split="test", view="raw")
    rows = read("kormedmcqa", subset="doctor", split="test", keep=["period", "answer"])
    assert list(raw[0]) == ["id", *mk.source("kormedmcqa").layout.raw.names]
    assert list(rows[0]) == [*mk.schemas.QA.names, "period", "raw_answer"]
    for first, other in zip(raw, rows, strict=True):
        assert first["id"] == other["id"]
        assert (first["period"], first["answer"]) == (other["period"], other["raw_answer"])
        assert first["answer"] - 1 == other["answer_index"]


@both_ways
def test_another_copy_goes_through_the_same_checks(served: Hub, read: Read) -> None:
    other = "3" * 40
    served.repo("mirror/exam").commit(other, {"train.jsonl": jsonl(records(2)), "test.jsonl": b""})
    with pytest.warns(FloatingRevisionWarning, match=other):
        assert len(read(demo(), repo="mirror/exam")) == 2
    assert len(read(demo(), repo="mirror/exam", revision=other)) == 2
    served.repo("mirror/exam").commit("4" * 40, {"train.jsonl": b'{"number": 1}\n'})
    with (
        pytest.warns(FloatingRevisionWarning, match="4" * 40),
        pytest.raises(SchemaMovedError, match="columns are missing"),
    ):
        read(demo(), repo="mirror/exam")


@both_ways
def test_a_branch_named_by_the_user_is_what_was_asked_for(served: Hub, read: Read) -> None:
    served.repo(REPO).commit("5" * 40, {"train.jsonl": jsonl(records(3))}, branch="next")
    assert len(read(demo(), revision="next")) == 3


@both_ways
@pytest.mark.parametrize("ending", WRITERS)
def test_every_format_gives_the_same_rows(hub: Hub, read: Read, ending: str) -> None:
    rows = records(2500)
    halves = {0: rows[1250:], 1: rows[:1250]}
    serve(hub, {f"train-{n}.{ending}": WRITERS[ending](half) for n, half in halves.items()})
    data = read(demo(f"train-*.{ending}"))
    assert [row["id"] for row in data] == [
        f"demo_exam/{r['number']}" for r in halves[0] + halves[1]
    ]
    assert [row["question"] for row in data[:1250]] == [row["question"] for row in halves[0]]
    only_asked(hub, REPO, PIN)


def test_several_processes_give_the_same_rows(hub: Hub, tmp_path: Path) -> None:
    files = {f"train-{n}.jsonl": jsonl(records(30, start=100 * n)) for n in range(5)}
    source = serve(hub, files)
    alone = mk.load(source, split="train", cache_dir=tmp_path / "1")
    together = mk.load(source, split="train", cache_dir=tmp_path / "2", num_proc=2)
    assert list(mk.rows(together)) == list(mk.rows(alone))


def test_a_repeat_in_another_process_is_noticed(hub: Hub) -> None:
    files = {f"train-{n}.jsonl": jsonl(records(3, start=2 * n)) for n in range(2)}
    source = serve(hub, files)
    with pytest.raises(mk.errors.DuplicateIdError) as caught:
        mk.load(source, split="train", num_proc=2)
    assert (caught.value.file, caught.value.row) == ("train-1.jsonl", 0)
    assert caught.value.row_id == "demo_exam/2"


def test_what_is_in_the_cache_asks_nobody(exam: Hub) -> None:
    first = mk.load("kormedmcqa", subset="doctor")
    exam.forget()
    again = mk.load("kormedmcqa", subset="doctor")
    assert exam.requests == []
    assert {s: list(d) for s, d in again.items()} == {s: list(d) for s, d in first.items()}


def test_another_view_needs_no_new_download(served: Hub) -> None:
    mk.load(demo(), split="train")
    served.forget()
    mk.load(demo(), split="train", view="raw")
    assert served.requests == []


@pytest.mark.slow
def test_streaming_the_first_row_downloads_little(hub: Hub) -> None:
    letters = np.random.default_rng(0).integers(ord("a"), ord("z"), 24 << 20, np.uint8).tobytes()
    texts = [letters[i << 20 : (i + 1) << 20].decode() for i in range(24)]
    big = table(records(24)).set_column(2, RAW.field("question"), pa.array(texts))
    serve(hub, {"train.parquet": parquet(big, group=1)})
    source = demo("train.parquet")
    first = next(mk.rows(mk.load(source, split="train", streaming=True).take(1)))
    assert first["question"] == texts[0]
    sent = hub.bytes_sent("*/train.parquet")
    assert 0 < sent < len(letters) / 2
    assert len(mk.load(source, split="train")) == 24


def test_rows_lost_since_the_count_are_spoken_of(exam: Hub) -> None:
    with pytest.warns(RowCountWarning, match="3 rows read, 435 were counted"):
        mk.load("kormedmcqa", subset="doctor", split="test")


# -- who may read, and what is not there


@both_ways
@pytest.mark.parametrize("hides", ["files", "tree", "info"])
def test_gated(served: Hub, read: Read, hides: str) -> None:
    served.repo(REPO).gate(hides=hides)
    with pytest.raises(GatedError, match=f"{REPO} is gated") as caught:
        read(demo())
    assert "HTTP 401" in str(caught.value)
    assert f"accept the terms at https://huggingface.co/datasets/{REPO}" in caught.value.hint
    with pytest.raises(GatedError, match="HTTP 403"):
        read(demo(), token=served.token("stranger"))
    assert len(read(demo(), token=served.token(reads=[REPO]))) == 6
    assert served.waits == [], "a closed door is not knocked at again"


@both_ways
def test_a_wrong_token(served: Hub, read: Read) -> None:
    with pytest.raises(GatedError, match=r"refuses access[^$]*401"):
        read(demo(), token="hf_wrong")


@both_ways
def test_missing_repository(served: Hub, read: Read) -> None:
    served.remove(REPO)
    with pytest.raises(MissingError, match="there is no repository demo/exam, or it is private"):
        read(demo())


@both_ways
@pytest.mark.parametrize("revision", ["9" * 40, "nowhere"])
def test_missing_revision_is_never_another_one(served: Hub, read: Read, revision: str) -> None:
    read(demo())
    with pytest.raises(MissingError, match=f"no revision '{revision}'") as caught:
        read(demo(), revision=revision)
    assert "no other revision is taken" in caught.value.hint


@both_ways
@pytest.mark.parametrize(
    "revision", ["..", ".", "v1/..", "v1\n", " v1", "a b", "/v1", "v1~2", "v1.lock", "v" * 251]
)
def test_a_revision_that_git_has_no_name_for_is_refused(
    served: Hub, read: Read, revision: str
) -> None:
    """``..`` is the address of the repository itself, which answers with what main stands at."""
    with pytest.raises(mk.errors.ArgumentError, match="no name of a revision"):
        read(demo(), revision=revision)
    assert not served.requests


def test_part_of_a_commit_is_said_to_be_none(served: Hub) -> None:
    with pytest.raises(MissingError) as caught:
        mk.load(demo(), split="train", revision=PIN[:7])
    assert "all of its 40 digits" in caught.value.hint
    assert len(mk.load(demo(), split="train", revision=PIN)) == 6


@both_ways
def test_an_empty_file_beside_others_is_not_passed_over(hub: Hub, read: Read) -> None:
    serve(hub, {"train-1.jsonl": b"", "train-2.jsonl": jsonl(records(3))})
    with pytest.raises(WrongFilesError, match="a file is empty") as caught:
        read(demo("train-*.jsonl"))
    assert "'train-1.jsonl'" in caught.value.found


@both_ways
def test_disabled_repository(served: Hub, read: Read) -> None:
    served.repo(REPO).disabled = True
    with pytest.raises(MissingError, match="disabled"):
        read(demo())


@both_ways
def test_missing_files_say_what_is_there_instead(hub: Hub, read: Read) -> None:
    serve(hub, {"data/training.jsonl": jsonl(records())})
    with pytest.raises(WrongFilesError, match=r"expected: train\*\.jsonl") as caught:
        read(demo())
    assert "data/training.jsonl" in caught.value.found
    assert caught.value.part == "train"


def test_a_listed_file_that_is_gone(served: Hub) -> None:
    mk.load(demo(), split="test")  # the listing is known now
    served.fail("*/resolve/*/train.jsonl", status=404, headers={"X-Error-Code": "EntryNotFound"})
    with pytest.raises(MissingError, match=r"no file 'train.jsonl'"):
        mk.load(demo(), split="train")
    with pytest.raises(MissingError, match=r"no file 'train.jsonl'"):
        list(mk.load(demo(), split="train", streaming=True))


@both_ways
def test_a_repository_with_a_script_is_read_for_its_files(hub: Hub, read: Read) -> None:
    import datasets

    script = {"exam.py": b"raise SystemExit", "train.jsonl": jsonl(records())}
    serve(hub, script)
    assert len(read(demo())) == 6
    assert not hub.asked("*.py")
    with pytest.raises(RuntimeError, match="scripts are no longer supported"):
        datasets.load_dataset(REPO, revision=PIN)


# -- no connection


@both_ways
def test_offline_and_nothing_cached(served: Hub, read: Read, offline: None) -> None:
    with pytest.raises(OfflineError, match="cannot be reached") as caught:
        read(demo())
    assert "HF_HUB_OFFLINE" in caught.value.found
    assert served.requests == []


def test_a_proxy_that_does_not_answer_is_named_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from huggingface_hub import constants
    from huggingface_hub.utils import httpx

    from medqa_kit.loading.hub.deadline import Deadline
    from medqa_kit.loading.hub.hub_errors import typed_hub_errors
    from medqa_kit.loading.hub.hub_request import HubRequest

    def told() -> str:
        with (
            pytest.raises(OfflineError) as caught,
            typed_hub_errors(Deadline(HubRequest("demo", REPO, PIN))),
        ):
            raise httpx.ConnectError("[Errno 111] Connection refused")
        return str(caught.value)

    monkeypatch.setattr(constants, "ENDPOINT", "https://hub.example")
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert "proxy" not in told()
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:9")
    assert "check the proxy that HTTPS_PROXY names" in told()
    assert "secret" not in told()
    monkeypatch.setenv("NO_PROXY", "hub.example")
    assert "proxy" not in told()
    monkeypatch.setenv("HF_ENDPOINT", "http://me:secret@mirror.example")
    assert "check HF_ENDPOINT" in told()
    assert "secret" not in told()
    monkeypatch.delenv("HF_ENDPOINT")
    assert "HF_ENDPOINT" not in told()


@both_ways
def test_offline_for_datasets_alone_is_offline(
    served: Hub, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    mk.load(demo(), split="train")
    before = len(served.requests)
    # As if started with HF_DATASETS_OFFLINE=1; huggingface_hub does not look at that.
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    assert len(read(demo())) == 6
    with pytest.raises(OfflineError, match="cannot be reached") as caught:
        read(pinned(demo(), LATER))
    assert "HF_DATASETS_OFFLINE" in caught.value.found
    assert len(served.requests) == before


def test_offline_for_datasets_alone_serves_what_was_downloaded(
    served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mk.load(demo(), split="train", cache_dir=tmp_path / "first")
    served.stop()
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    assert len(mk.load(demo(), split="train", cache_dir=tmp_path / "second")) == 6


@both_ways
def test_no_connection_and_nothing_cached(served: Hub, read: Read) -> None:
    served.stop()
    with pytest.raises(OfflineError, match="cannot be reached"):
        read(demo())
    assert sum(served.waits) < 30, "one round of retries is enough"


@pytest.mark.parametrize("how", ["switch", "outage"])
def test_pinned_rows_come_from_the_cache(
    served: Hub, how: str, request: pytest.FixtureRequest
) -> None:
    online = list(mk.load(demo(), split="train"))
    request.getfixturevalue("offline") if how == "switch" else served.stop()
    served.forget()
    assert list(mk.load(demo(), split="train")) == online
    assert list(mk.load(demo(), split="train", streaming=True)) == online
    raw = mk.load(demo(), split="train", view="raw")
    assert raw["number"][:] == [row["number"] for row in records()]
    assert (served.requests, served.waits) == ([], [])
    with pytest.raises(OfflineError):
        mk.load(demo(), split="test")


def test_a_cached_other_revision_is_never_taken(served: Hub) -> None:
    mk.load(demo(), split="train")
    served.stop()
    with pytest.raises(OfflineError, match="at 2222222"):
        mk.load(demo(), split="train", revision=LATER)
    with pytest.raises(OfflineError, match="at main"):
        mk.load(demo(), split="train", revision="main")
    with pytest.raises(OfflineError, match="mirror/exam at main"):
        mk.load(demo(), split="train", repo="mirror/exam")


def test_floating_offline_names_the_commit_seen_last(hub: Hub) -> None:
    floating = pinned(demo(), None)
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl(records(2))})
    with pytest.warns(FloatingRevisionWarning, match=f"is floating.*{PIN}"):
        assert len(mk.load(floating, split="train")) == 2
    hub.repo(REPO).commit(LATER, {"train.jsonl": jsonl(records(3))})
    with pytest.warns(FloatingRevisionWarning, match=LATER):
        assert len(mk.load(floating, split="train")) == 3
    hub.stop()
    with pytest.warns(FloatingRevisionWarning, match=f"cannot be reached; taking commit {LATER}"):
        assert len(mk.load(floating, split="train")) == 3
    assert len(mk.load(floating, split="train", revision=PIN)) == 2, "said by the user: no warning"


def test_floating_offline_takes_what_was_loaded_not_what_was_only_seen(hub: Hub) -> None:
    floating = pinned(demo(), None)
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl(records(2))})
    with pytest.warns(FloatingRevisionWarning):
        mk.load(floating, split="train")
    hub.repo(REPO).commit(LATER, {"train.jsonl": b"{"})
    with pytest.warns(FloatingRevisionWarning), pytest.raises(FormatError):
        mk.load(floating, split="train")
    hub.stop()
    with pytest.warns(FloatingRevisionWarning, match=f"taking commit {PIN}"):
        assert len(mk.load(floating, split="train")) == 2


FRESH = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import warnings
warnings.simplefilter("ignore")
import medqa_kit as mk
from demo import demo
print([row["id"] for row in mk.rows(mk.load(demo(), split="train"))])
"""


@pytest.mark.slow
def test_a_fresh_process_offline_has_the_same_rows(served: Hub, tmp_path: Path) -> None:
    online = run_python(FRESH, served, tmp_path / "home")
    served.forget()
    assert run_python(FRESH, served, tmp_path / "home", offline=True) == online
    assert served.requests == []


# -- a busy hub


@both_ways
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("where", ["/api/*", "*/resolve/*", "/cdn/*"])
def test_busy_once(hub: Hub, read: Read, status: int, where: str) -> None:
    serve(hub, {"train.parquet": parquet(records())})  # in LFS, so behind /cdn/
    fault = hub.fail(where, status=status, times=1)
    assert len(read(demo("train.parquet"))) == 6
    assert fault.met == 1


@both_ways
def test_busy_while_a_branch_is_resolved(served: Hub, read: Read) -> None:
    served.fail("/api/*", status=503, times=2)
    served.repo(REPO).commit("5" * 40, {"train.jsonl": jsonl(records(3))}, branch="next")
    assert len(read(demo(), revision="next")) == 3


@both_ways
@pytest.mark.parametrize(("status", "error"), [(429, RateLimitedError), (503, ServerError)])
@pytest.mark.parametrize("where", ["*", "*/resolve/*", "/cdn/*"])
def test_busy_for_ever(
    hub: Hub, read: Read, status: int, error: type[HubError], where: str
) -> None:
    serve(hub, {"train.parquet": parquet(records())})
    hub.fail(where, status=status)
    with pytest.raises(error, match=f"HTTP {status}") as caught:
        read(demo("train.parquet"))
    assert type(caught.value) is error
    assert sum(hub.waits) <= 3 * 23, "not longer than three rounds of retries"


def test_no_second_round_after_a_long_first_one(
    served: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_calls, "PATIENCE", -1.0)  # as if the first round had taken long
    served.fail("*", status=503)
    with pytest.raises(ServerError):
        mk.load(demo(), split="train")
    assert served.waits == [1, 2, 4, 8, 8]


@both_ways
def test_cut_once(hub: Hub, read: Read) -> None:
    serve(hub, {"train.parquet": parquet(records(3000))})
    fault = hub.cut("*/train.parquet", after=300, times=1)
    assert len(read(demo("train.parquet"))) == 3000
    assert fault.met == 1


@both_ways
@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_cut_always(hub: Hub, read: Read, ending: str) -> None:
    serve(hub, {f"train.{ending}": WRITERS[ending](records(3000))})
    hub.cut(f"*/train.{ending}", after=300)
    with pytest.raises(ServerError, match="broke"):
        read(demo(f"train.{ending}"))
    hub.mend()
    assert len(read(demo(f"train.{ending}"))) == 3000


@both_ways
def test_dropped_connections(served: Hub, read: Read) -> None:
    served.drop("*")
    with pytest.raises(ServerError, match="broke"):
        read(demo())


# -- wrong bytes


@pytest.mark.parametrize("ending", WRITERS)
def test_corrupted_downloads_are_noticed_and_deleted(hub: Hub, tmp_path: Path, ending: str) -> None:
    from huggingface_hub import constants

    serve(hub, {f"train.{ending}": WRITERS[ending](records(300))})
    hub.corrupt(f"*/train.{ending}")
    with pytest.raises(CorruptedError, match="deleted"):
        mk.load(demo(f"train.{ending}"), split="train")
    assert not [p for p in Path(constants.HF_HUB_CACHE).rglob("blobs/*") if p.is_file()]
    hub.mend()
    assert len(mk.load(demo(f"train.{ending}"), split="train")) == 300


def test_corrupted_once_is_fetched_again(served: Hub) -> None:
    fault = served.corrupt("*/train.jsonl", times=1)
    assert len(mk.load(demo(), split="train")) == 6
    assert fault.met == 1


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_corrupted_text_streams_are_noticed_at_their_end(hub: Hub, ending: str) -> None:
    content = WRITERS[ending](records(300))
    at = content.index("짝수인가?".encode(), 5000) + 13  # the question mark becomes another
    serve(hub, {f"train.{ending}": content})
    fault = hub.corrupt(f"*/train.{ending}", at=at - 1)
    with pytest.raises(MedQAError) as caught:
        list(mk.load(demo(f"train.{ending}"), split="train", streaming=True))
    assert isinstance(caught.value, CorruptedError), caught.value
    assert fault.met


@both_ways
@pytest.mark.parametrize("ending", WRITERS)
def test_less_than_the_hub_lists(hub: Hub, read: Read, ending: str) -> None:
    content = WRITERS[ending](records(300))
    serve(hub, {f"train.{ending}": content})
    cut = content.index(b"\n", len(content) // 2) + 1 if ending == "jsonl" else len(content) // 2
    hub.shorten(f"*/train.{ending}", to=cut)
    with pytest.raises((ServerError, CorruptedError)):
        read(demo(f"train.{ending}"))


# -- a moved schema


MOVED: dict[str, Callable[[pa.Table], pa.Table]] = {
    "columns are missing: 'key'": lambda t: t.drop_columns("key"),
    "columns are missing: 'question'": lambda t: t.rename_columns(
        ["number", "year", "stem", "a", "b", "key"]
    ),
    "columns are not declared: 'c'": lambda t: t.append_column("c", t["b"]),
    "column 'key': the type is another": lambda t: t.set_column(5, "key", pa.array([[1]] * len(t))),
}


@both_ways
@pytest.mark.parametrize("what", MOVED)
def test_moved_schema(hub: Hub, read: Read, what: str) -> None:
    serve(hub, {"train.parquet": parquet(MOVED[what](table(records())))})
    with pytest.raises(SchemaMovedError, match=what) as caught:
        read(demo("train.parquet"))
    error = caught.value
    assert (error.source, error.part, error.file) == ("demo_exam", "train", "train.parquet")
    assert error.expected
    assert error.found
    assert error.hint


@both_ways
def test_moved_schema_of_text(hub: Hub, read: Read) -> None:
    rows = [{**row, "extra": 1} for row in records()]
    serve(hub, {"train.jsonl": jsonl(rows), "train.csv": csv(records()).replace(b'"key"', b'"id"')})
    with pytest.raises(SchemaMovedError, match="not declared: 'extra'"):
        read(demo("train.jsonl"))
    with pytest.raises(SchemaMovedError, match="missing: 'key'"):
        read(demo("train.csv"))


def test_renamed_columns_can_be_named(hub: Hub) -> None:
    renamed = table(records()).rename_columns(["number", "year", "stem", "a", "b", "key"])
    serve(hub, {"train.parquet": parquet(renamed)})
    data = mk.load(demo("train.parquet"), split="train", columns={"question": "stem"})
    assert data["question"][:] == [row["question"] for row in records()]


# -- five different errors


def _closed(hub: Hub) -> None:
    hub.repo(REPO).gate(hides="info")


def _moved(hub: Hub) -> None:
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl([{"number": 1, "text": "x"}])})


CAUSES: dict[type[MedQAError], Callable[[Hub], object]] = {
    GatedError: _closed,
    MissingError: lambda hub: hub.remove(REPO),
    OfflineError: lambda hub: hub.stop(),
    RateLimitedError: lambda hub: hub.fail("*", status=429),
    SchemaMovedError: _moved,
}


@both_ways
@pytest.mark.parametrize("error", CAUSES, ids=lambda error: error.__name__)
def test_each_cause_has_its_own_error_and_no_other_revision_is_read(
    served: Hub, read: Read, error: type[MedQAError]
) -> None:
    served.repo(REPO).commit("7" * 40, {"train.jsonl": jsonl(records(1))}, branch="old")
    mk.load(demo(), split="train", revision="7" * 40)  # what load_dataset would fall back on
    CAUSES[error](served)
    with pytest.raises(MedQAError) as caught:
        read(demo())
    assert type(caught.value) is error
    assert f"\nHint: {caught.value.hint}" in str(caught.value)
    assert caught.value.source == "demo_exam"
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy)) == (error, str(caught.value))


@both_ways
def test_a_token_is_stripped(served: Hub, read: Read) -> None:
    served.repo(REPO).gate("manual")
    assert len(read(demo(), token=f" {served.token(reads=[REPO])}\n")) == 6


@pytest.mark.parametrize(
    "token",
    ["hf_se\ncret", "hf_se\x1bcret", "hf_se cret", "hf_sécret", " \n", "", b"hf_secret", ["hf_secret"],
     Path("hf_secret"), "hf_\ud800cret"],
)  # fmt: skip
def test_a_token_that_is_none_is_refused_and_not_quoted(served: Hub, token: object) -> None:
    with pytest.raises(mk.errors.ArgumentError, match="token= is no access token") as caught:
        mk.load(demo(), split="train", token=token)
    assert "cret" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert caught.value.__cause__ is None
    assert served.requests == []


def test_no_token_is_shown(served: Hub) -> None:
    token = served.token("secret")
    served.fail("*", status=503)
    with pytest.raises(ServerError) as caught:
        mk.load(demo(), split="train", token=token)
    assert token not in f"{caught.value!r} {caught.value} {json.dumps(str(vars(caught.value)))}"


def test_nothing_half_done_is_left(served: Hub, tmp_path: Path) -> None:
    served.corrupt("*/train.jsonl")
    with pytest.raises(CorruptedError):
        mk.load(demo(), split="train", cache_dir=tmp_path / "cache")
    left = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert all(path.suffix == ".lock" for path in left), left
