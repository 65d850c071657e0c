"""A hub, or what stands before it, that answers what harms: no end, paths, times that no clock has, passwords."""

from __future__ import annotations

import json
import traceback
import zlib
from pathlib import Path

import pytest

import medqa_kit as mk
from demo import PIN, REPO, Read, both_ways, demo, jsonl, records, serve
from hub import Hub, run_python
from medqa_kit.errors import ArgumentError, HubError, NoHubError
from medqa_kit.loading.hub import deadline, hub_calls

JSON = "application/json"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_calls, "FIRST_PAUSE", 0.001)


@both_ways
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_cut_off(
    hub: Hub, read: Read, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(deadline, f"_MOST_{'PACKED' if packed else 'ANSWER'}", 5000)
    source = serve(hub)
    body = b"[" + b" " * 10_000_000 + b"]"
    headers = {"Content-Encoding": "deflate"} if packed else {}
    fault = hub.answer(
        "*/tree/*", zlib.compress(body) if packed else body, kind=JSON, headers=headers
    )
    with pytest.raises(NoHubError, match="an answer of more than 5,000 bytes") as caught:
        read(source)
    assert caught.value.source == "demo_exam"
    assert fault.met == 1


@both_ways
def test_a_file_without_end_is_cut_off(hub: Hub, read: Read, tmp_path: Path) -> None:
    source = serve(hub)
    mk.load(source, split="test")
    endless = jsonl(records(6)) + b"\n" * (3 << 20)
    hub.answer(
        "*/resolve/*", endless, kind="text/plain", headers={"ETag": '"x"', "X-Repo-Commit": PIN}
    )
    hub.answer("*", endless, kind="text/plain")
    with pytest.raises(HubError):
        read(source)
    written = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert max(written) < 2 << 20


def test_an_etag_that_is_a_path_names_no_file(hub: Hub, tmp_path: Path) -> None:
    source = serve(hub)
    for name in ("../../../../outside", "/medqa_kit-outside", "..\\outside", "x" * 5000):
        hub.mislabel("*/resolve/*", etag=name)
        with pytest.raises(NoHubError, match="an ETag that names no file"):
            mk.load(source, split="train")
        hub.mend()
    assert list(tmp_path.rglob("*outside*")) == []
    hub.mislabel("*/resolve/*", etag="d41d8cd98f00b204e9800998ecf8427e-12")
    assert len(mk.load(source, split="train")) == 6


@both_ways
@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("Wed, 21 Oct 2015 07:28:03 GMT", "Wed, 21 Oct 2015 07:28:02 GMT"),
        ("Thu, 01 Jan 2099 00:00:01 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"),
    ],
)
def test_a_time_to_wait_for_is_told_by_the_clock_of_the_hub(
    hub: Hub, read: Read, monkeypatch: pytest.MonkeyPatch, said: str, date: str | None
) -> None:
    source = serve(hub)
    if date:
        monkeypatch.setattr("hub_http.Handler.date_time_string", lambda *_: date)
    hub.fail("*", status=503, times=1, headers={"Retry-After": said})
    assert len(read(source)) == 6


@both_ways
def test_redirects_that_go_round_are_told_once(hub: Hub, read: Read) -> None:
    source = serve(hub)
    hub.answer("*", "", status=307, headers={"Location": f"{hub.endpoint}/api/round"})
    with pytest.raises(NoHubError, match="redirects"):
        read(source)
    assert len(hub.requests) < 50


@both_ways
def test_a_name_that_no_file_has_is_told_of_the_hub(hub: Hub, read: Read) -> None:
    source = serve(hub)
    entry = {"type": "file", "oid": "a" * 40, "size": 5, "path": "train\ud800.jsonl"}
    hub.answer("*/tree/*", json.dumps([entry]), kind=JSON)
    with pytest.raises(NoHubError):
        read(source)


@both_ways
@pytest.mark.parametrize("said", ["https://ward:pa55word@mirror.example/api", "//:pa55word@hub"])
def test_a_password_of_an_address_is_not_quoted(
    hub: Hub, read: Read, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    source = serve(hub)

    def refuse(*_: object, **__: object) -> None:
        raise ValueError(f"no answer from {said}")

    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_tree", refuse)
    with pytest.raises(NoHubError) as caught:
        read(source)
    assert "pa55word" not in "".join(traceback.format_exception(caught.value))
    address = said.partition("/api")[0] + "/datasets/demo/exam"
    with pytest.raises(ArgumentError, match="no name of a repository") as wrong:
        read(source, repo=address)
    assert "pa55word" not in "".join(traceback.format_exception(wrong.value))


@both_ways
@pytest.mark.parametrize("content", [b"\xff\xfeh\0f\0", None], ids=["no text", "a folder"])
def test_a_stored_token_that_cannot_be_read_is_told(
    hub: Hub, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    source, token = serve(hub), tmp_path / "token"
    token.mkdir() if content is None else token.write_bytes(content)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(token))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_IMPLICIT_TOKEN", False)
    with pytest.raises(mk.errors.MedQAError) as caught:
        read(source)
    told = str(caught.value)
    assert "hf auth login" in told if content else str(token) in told


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "ALL_PROXY"])
def test_what_the_client_needs_and_cannot_read_is_no_disk_without_room(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import ssl

    source = serve(hub)

    def refuse(*_: object, **__: object) -> None:
        if name == "ALL_PROXY":
            raise ImportError("Using SOCKS proxy, but the 'socksio' package is not installed.")
        ssl.create_default_context(cafile="/dev/null")

    monkeypatch.setattr("huggingface_hub.get_session", refuse)
    with pytest.raises(HubError) as caught:
        mk.load(source, split="train")
    assert type(caught.value) is HubError
    assert name in caught.value.hint


BROKEN = """
import sys
sys.path.insert(0, {tests!r})
import os
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:99999"
import medqa_kit as mk
from demo import demo
try:
    mk.load(demo(), split="train")
except mk.errors.ArgumentError as error:
    print(error)
"""


@pytest.mark.slow
def test_an_address_that_the_client_cannot_start_with_is_told(hub: Hub, tmp_path: Path) -> None:
    told = run_python(BROKEN.format(tests=str(Path(__file__).parents[1])), hub, tmp_path)
    assert "HF_ENDPOINT" in told


def test_a_deadline_that_no_clock_counts_to_is_for_ever(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDQA_KIT_HUB_DEADLINE", "1e300")
    serve(hub)
    assert len(mk.load(demo(), split="train")) == 6
    assert hub.asked(f"*{REPO}*")
