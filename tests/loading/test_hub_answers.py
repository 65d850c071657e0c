"""What answers may be no hub at all, and what a hub says is told as it says it."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import datasets
import pytest

import medqa_kit as mk
from demo import PIN, REPO, Read, both_ways, pinned, reading, serve
from hub import Hub
from medqa_kit.errors import GatedError, HubError, MedQAError, MissingError, NoHubError
from medqa_kit.loading.hub import hub_calls

PAGE = "<!DOCTYPE html><title>Sign in to the hospital's network</title>"
JSON = "application/json"
pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.FloatingRevisionWarning")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_calls, "FIRST_PAUSE", 0.001)


def answers() -> Path:
    return Path(datasets.config.HF_DATASETS_CACHE, "medqa_kit_answers")


def is_told(error: BaseException) -> None:
    assert type(error) is NoHubError
    assert "no hub" in str(error)
    assert "HF_ENDPOINT" in error.hint
    assert "proxy" in error.hint
    assert error.source == "demo_exam"


@both_ways
@pytest.mark.parametrize("revision", [PIN, None, "main"])
def test_a_sign_in_page_for_everything(hub: Hub, read: Read, revision: str | None) -> None:
    source = pinned(serve(hub), revision)
    hub.answer("*", PAGE)
    with pytest.raises(NoHubError) as caught:
        read(source)
    is_told(caught.value)
    assert "HTTP 200, text/html" in caught.value.found
    assert not answers().exists(), "nothing it said is remembered"
    hub.mend()
    hub.repo(REPO).move(PIN)
    assert len(read(source)) == 6


@pytest.mark.parametrize("body", [PAGE, "", "\x00\xff"])
@pytest.mark.parametrize(
    ("call", "streaming"),
    [("*/tree/*", False), ("*/tree/*", True), ("*/revision/*", True), ("*/resolve/*", False)],
)
def test_a_sign_in_page_for_one_call(hub: Hub, call: str, streaming: bool, body: str) -> None:
    source = serve(hub)
    fault = hub.answer(call, body)
    with pytest.raises(NoHubError) as caught:
        reading(streaming)(source)
    assert fault.met
    is_told(caught.value)


def test_a_sign_in_page_in_place_of_a_streamed_file(hub: Hub) -> None:
    source = serve(hub)
    hub.answer("*/resolve/*", PAGE)
    with pytest.raises(HubError) as caught:
        reading(True)(source)
    assert "HTTP 200, text/html" in caught.value.found


SHAPES = ["[]", "{}", "null", "3", '"a"', '{"sha": null}', '{"sha": 7}', '{"sha": "None"}',
          '{"id": "demo/exam", "sha": ["a"]}', '{"id": "demo/exam", "sha": 7}',
          '[{"type": "file"}]', '[[]]', '{"error": "no"}', '[{"path": 1}]', "[1]",
          '{"sha": "main"}', '{"siblings": 3, "sha": "x"}', "{", "NaN", "[" * 100_000]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda text: text[:20])
def test_info_of_another_shape(hub: Hub, shape: str) -> None:
    source = pinned(serve(hub), None)
    hub.answer("/api/datasets/demo/exam", shape, kind=JSON)
    with pytest.raises(NoHubError) as caught:
        mk.load(source, split="train")
    is_told(caught.value)
    assert "None" not in "".join(request.path for request in hub.asked())
    assert not answers().exists()


def entry(**changed: object) -> str:
    whole = {"type": "file", "oid": "a" * 40, "size": 5, "path": "train.jsonl"}
    return json.dumps([{**whole, **changed}])


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape",
    [
        *(shape for shape in SHAPES if shape not in ("[]", "{}")),
        entry(oid="x"), entry(size="5"), entry(size=-1), entry(path=7), entry(oid=None),
        entry(lfs={"oid": "y", "size": 5, "pointerSize": 3}), entry(lfs=[]), entry(size=True),
    ],
    ids=lambda text: text[:60],
)  # fmt: skip
def test_a_listing_of_another_shape(hub: Hub, shape: str) -> None:
    source = serve(hub)
    hub.answer("*/tree/*", shape, kind=JSON)
    with pytest.raises(NoHubError) as caught:
        mk.load(source, split="train")
    is_told(caught.value)
    hub.mend()
    assert len(mk.load(source, split="train")) == 6, "what was no listing is not remembered"


@both_ways
def test_a_listing_whose_pages_go_round_ends(hub: Hub, read: Read) -> None:
    source = serve(hub)
    again = f'<{hub.endpoint}/api/datasets/{REPO}/tree/{PIN}?cursor=x>; rel="next"'
    hub.answer("*/tree/*", entry(), kind=JSON, headers={"Link": again})
    with pytest.raises(NoHubError, match="a listing without end") as caught:
        read(source)
    is_told(caught.value)
    assert len(hub.asked("*/tree/*")) <= 3
    hub.mend()
    assert len(read(source)) == 6


@both_ways
def test_an_empty_listing_is_not_remembered(hub: Hub, read: Read) -> None:
    source = serve(hub)
    hub.answer("*/tree/*", "[]", kind=JSON)
    with pytest.raises(mk.errors.WrongFilesError):
        read(source)
    hub.mend()
    assert len(read(source)) == 6


def test_files_without_a_commit(hub: Hub) -> None:
    source = serve(hub)
    mk.load(source, split="test")
    hub.answer("*/resolve/*", b"{}", kind="application/octet-stream", headers={"ETag": '"x"'})
    with pytest.raises(NoHubError, match="X-Repo-Commit") as caught:
        mk.load(source, split="train")
    is_told(caught.value)
    kept = [path.name for path in (Path(datasets.config.HF_DATASETS_CACHE).parent).rglob("None")]
    assert kept == []


# -- the hub's own words

WAITING = "Your request to access dataset demo/exam is awaiting a review from the repo authors."
NARROW = "Access to dataset demo/exam is restricted. Enable access to public gated repositories in " \
         "your fine-grained token settings."  # fmt: skip
FINAL: dict[str, tuple[int, dict[str, str], type[HubError], str]] = {
    "waiting": (403, {"X-Error-Code": "GatedRepo", "X-Error-Message": WAITING}, GatedError,
                "wait for their answer"),
    "narrow token": (403, {"X-Error-Code": "GatedRepo", "X-Error-Message": NARROW}, GatedError,
                     "let the token read gated repositories"),
    "narrow token without code": (403, {"X-Error-Message": NARROW}, GatedError,
                                  "let the token read gated repositories"),
    "law": (451, {"X-Error-Message": "Unavailable for legal reasons in your country"},
            MissingError, "path= reads files you have"),
    "gone": (410, {"X-Error-Message": "This dataset was deleted by its owner"}, MissingError,
             "path= reads files you have"),
    "bad question": (400, {"X-Error-Message": "Invalid rev id"}, HubError, "asking again"),
    "teapot": (418, {"X-Error-Message": "short and stout"}, HubError, "asking again"),
}  # fmt: skip


@both_ways
@pytest.mark.parametrize("where", ["/api/*", "*/resolve/*"])
@pytest.mark.parametrize("case", FINAL)
def test_the_hub_is_quoted_and_not_asked_again(hub: Hub, read: Read, where: str, case: str) -> None:
    status, headers, kind, hint = FINAL[case]
    source = serve(hub)
    if where != "/api/*":
        mk.load(source, split="test")  # the listing is known now
    fault = hub.fail(where, status=status, headers=headers)
    with pytest.raises(HubError) as caught:
        read(source)
    error = caught.value
    assert type(error) is kind
    assert error.found == f"HTTP {status}: {headers['X-Error-Message']}"
    assert hint in error.hint
    assert fault.met == 1
    assert hub.waits == []


@both_ways
def test_long_and_wild_words_are_cut_and_escaped(hub: Hub, read: Read) -> None:
    source = serve(hub)
    hub.answer("*", json.dumps({"error": "\x1b[31m" + "no " * 5000}), kind=JSON, status=400)
    with pytest.raises(HubError) as caught:
        read(source)
    assert "\x1b" not in str(caught.value)
    assert len(caught.value.found) < 400


@both_ways
@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_a_token_the_hub_repeats_is_not_quoted(hub: Hub, read: Read, status: int) -> None:
    token = hub.token("verysecret")
    source = serve(hub)
    hub.fail("*", status=status, headers={"X-Error-Message": f"no: Bearer {token}"})
    with pytest.raises(HubError) as caught:
        read(source, token=token)
    assert token not in "".join(traceback.format_exception(caught.value))
    assert "Bearer (a token)" in caught.value.found


def test_a_client_that_quotes_the_token_is_not_heard(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = serve(hub)

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("Illegal header value b'Bearer hf_verysecret'")

    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_tree", refuse)
    with pytest.raises(MedQAError) as caught:
        mk.load(source, split="train", token=hub.token("verysecret"))
    assert "hf_verysecret" not in "".join(traceback.format_exception(caught.value))


@both_ways
def test_a_stored_token_that_cannot_be_sent_is_not_quoted(
    hub: Hub, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = serve(hub)
    monkeypatch.setenv("HF_TOKEN", "hf_vérysecret")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_IMPLICIT_TOKEN", False)
    with pytest.raises(HubError) as caught:
        read(source)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    assert "HF_TOKEN" in caught.value.hint
    assert hub.waits == []


@both_ways
def test_a_sign_in_page_one_is_sent_to(hub: Hub, read: Read) -> None:
    source = serve(hub)
    hub.answer("/sign-in", PAGE)
    hub.answer("*", "", status=302, headers={"Location": f"{hub.endpoint}/sign-in"})
    with pytest.raises(NoHubError) as caught:
        read(source)
    is_told(caught.value)


@both_ways
@pytest.mark.parametrize("status", [400, 401, 403, 407, 511])
def test_a_page_that_refuses_is_none_of_the_hub(hub: Hub, read: Read, status: int) -> None:
    source = serve(hub)
    hub.answer("*", PAGE, status=status)
    with pytest.raises(NoHubError) as caught:
        read(source)
    is_told(caught.value)
    assert f"HTTP {status}" in caught.value.found


@pytest.mark.parametrize("kind", ["UnsupportedProtocol", "InvalidURL"])
def test_an_address_that_is_none_is_no_server_to_try_again(kind: str) -> None:
    from huggingface_hub.utils import httpx

    from medqa_kit.loading.hub.deadline import Deadline
    from medqa_kit.loading.hub.hub_errors import typed_hub_errors
    from medqa_kit.loading.hub.hub_request import HubRequest

    with (
        pytest.raises(NoHubError) as error,
        typed_hub_errors(Deadline(HubRequest("demo_exam", REPO, PIN))),
    ):
        raise getattr(httpx, kind)("Request URL is missing an 'http://' or 'https://' protocol.")
    is_told(error.value)


def test_a_column_to_keep_that_is_not_declared_is_told_by_where_the_files_are(hub: Hub, tmp_path: Path) -> None:  # fmt: skip
    with pytest.raises(mk.errors.UnknownPartError, match=r"mk\.fetch") as error:
        mk.load("symptom_to_diagnosis", split="train", keep=["difficulty"], extra="ignore")
    assert error.value.hint.startswith("of such columns only files at path= are asked")
    rows = [{"prompt": f"q {n}", "chosen": "a", "rejected": "b", "difficulty": n} for n in range(3)]
    file = tmp_path / "komep.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(mk.errors.UnknownPartError, match='pass extra="ignore" as well'):
        mk.load("komep", split="train", path=file, keep=["difficulty"])
    with pytest.raises(mk.errors.UnknownPartError, match="the first file has no such column"):
        mk.load("komep", split="train", path=file, keep=["hardness"], extra="ignore")
