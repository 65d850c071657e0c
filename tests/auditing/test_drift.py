"""What moved upstream since a pin is told by kind, with examples, from a hub on this machine."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from demo import LATER, PIN, REPO, demo, jsonl, pinned, records
from hub import Hub
from medqa_kit.auditing.row_changes import RowDigests, row_changes
from medqa_kit.catalog.registry import _REGISTERED
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError, LockError

CARD = b"---\nlicense: cc-by-4.0\n---\n# Invented\n"
TRAIN, TEST = records(6), records(4, 100)


def serve(
    hub: Hub, train: Any = None, test: Any = None, card: bytes = CARD, **more: bytes
) -> mk.Source:
    """Serve the pinned state, and another on the main branch."""
    old = {"train.jsonl": jsonl(TRAIN), "test.jsonl": jsonl(TEST), "README.md": CARD}
    new = {"train.jsonl": jsonl(TRAIN if train is None else train), "test.jsonl": jsonl(TEST if test is None else test),
           "README.md": card, **more}  # fmt: skip
    hub.repo(REPO).commit(PIN, old, branch=None).commit(LATER, new)
    return demo()


def moved(report: mk.Report) -> list[tuple[str, str | None, str | None]]:
    return [(f["code"], f["id"], f["part"]) for f in report.findings.to_pylist()]


def changed(rows: list[dict[str, Any]], place: int, **values: Any) -> list[dict[str, Any]]:
    return [{**row, **values} if n == place else row for n, row in enumerate(rows)]


def test_nothing_moves_where_the_head_is_the_pin_or_has_the_same_files(hub: Hub) -> None:
    source = serve(hub)
    report = mk.drift(names=[source])
    assert (moved(report), report.counts["unmoved"]) == ([], 1)
    assert not hub.asked("*train.jsonl")


def test_a_card_alone(hub: Hub) -> None:
    report = mk.drift(names=[serve(hub, card=CARD + b"More words.\n", **{"notes.txt": b"x"})])
    assert moved(report) == [("card_changed", None, None)]
    assert "README.md" in report.findings["detail"][0].as_py()
    assert "notes.txt" in report.findings["detail"][0].as_py()


def test_a_licence(hub: Hub) -> None:
    report = mk.drift(names=[serve(hub, card=CARD.replace(b"cc-by-4.0", b"cc-by-nc-4.0"))])
    assert [code for code, *_ in moved(report)] == ["card_changed", "license_changed"]
    assert report.findings["detail"][1].as_py() == '"cc-by-4.0" → "cc-by-nc-4.0"'


@pytest.mark.parametrize(
    ("train", "test", "expected", "detail"),
    [
        ([*TRAIN, *records(1, 50)], TEST, [("row_added", "demo_exam/50", "train")], "50은 짝수인가?"),
        (TRAIN[:2] + TRAIN[3:], TEST, [("row_removed", "demo_exam/2", "train")], "2은 짝수인가?"),
        (changed(TRAIN, 3, question="셋은 홀수인가?"), TEST, [("row_edited", "demo_exam/3", "train")], "question: '3은 짝수인가?' → '셋은 홀수인가?'"),
        (changed(TRAIN, 3, b="글쎄"), TEST, [("row_edited", "demo_exam/3", "train")], "options"),
        (changed(TRAIN, 3, key=1), TEST, [("label_changed", "demo_exam/3", "train")], "answer_index: 1 → 0"),
        (TRAIN[1:], [*TEST, TRAIN[0]], [("split_moved", "demo_exam/0", "train")], "train → test"),
        (random.Random(0).sample(TRAIN, 6), TEST, [], ""),
    ],
)  # fmt: skip
def test_rows_are_told_by_what_became_of_them(hub: Hub, train, test, expected, detail: str) -> None:
    report = mk.drift(names=[serve(hub, train, test)])
    assert moved(report) == expected
    assert report.rows == 10
    assert report.kept == 10 - sum(code != "row_added" for code, *_ in expected)
    if expected:
        assert detail in report.findings["detail"][0].as_py()


def test_rows_moved_and_edited_at_once_are_told_of_twice(hub: Hub) -> None:
    report = mk.drift(names=[serve(hub, TRAIN[1:], [*TEST, {**TRAIN[0], "question": "영은?"}])])
    assert moved(report) == [
        ("row_edited", "demo_exam/0", "train"),
        ("split_moved", "demo_exam/0", "train"),
    ]
    assert report.kept == 9


def test_rows_that_have_no_key_are_paired_by_what_they_say(hub: Hub) -> None:
    def keyless() -> mk.Source:
        columns = mk.normalizing.Columns(
            take={"question": "question", "year": "year"},
            options=("a", "b"),
            index="key",
            first=1,
            content=("question", "a", "b", "key"),
        )
        return demo(normalize=columns, repeats=True)

    serve(hub, changed(changed(TRAIN, 3, key=1), 4, b="글쎄")[1:], [*TEST, TRAIN[0]])
    report = mk.drift(names=[keyless()])
    assert sorted(code for code, *_ in moved(report)) == [
        "label_changed",
        "row_edited",
        "split_moved",
    ]


def test_a_layout_that_is_no_longer_read(hub: Hub) -> None:
    report = mk.drift(names=[serve(hub, [{"frage": "?"}])])
    assert moved(report) == [("layout_changed", None, "train")]


def test_without_rows_only_cards_are_downloaded(hub: Hub) -> None:
    source = serve(hub, TRAIN[1:], card=CARD.replace(b"cc-by", b"cc-by-nc"))
    report = mk.drift(names=[source], rows=False)
    assert [code for code, *_ in moved(report)] == [
        "card_changed",
        "license_changed",
        "data_changed",
    ]
    assert not hub.asked("*train.jsonl")


def test_a_lockfile_names_sources_and_commits(hub: Hub, tmp_path: Path, monkeypatch) -> None:
    source = serve(hub, TRAIN[1:])
    lock = tmp_path / "medqa.lock"
    mk.lock([source], lock)
    monkeypatch.setitem(
        _REGISTERED, "demo_exam", pinned(source, LATER)
    )  # the catalogue has gone on
    assert moved(mk.drift(lock, names=[source])) == [("row_removed", "demo_exam/0", "train")]
    with pytest.raises(ArgumentError, match="does not know"):
        mk.drift(lock, names=["klue"])
    with pytest.raises(LockError):
        mk.drift(tmp_path / "absent.lock")
    with pytest.raises(ArgumentError, match="list"):
        mk.drift(names="klue")


def test_a_hub_that_does_not_answer_is_told_of(hub: Hub) -> None:
    source = serve(hub, TRAIN[1:])
    hub.remove(REPO)
    assert moved(mk.drift(names=[source])) == [("unreachable", None, None)]


def test_the_command_exits_by_what_moved(hub: Hub, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(_REGISTERED, "demo_exam", serve(hub, TRAIN[1:]))
    listed = tmp_path / "moved.jsonl"
    assert main(["drift", "--names", "demo_exam", "--json", "--report", str(listed)]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "row_removed"
    assert json.loads(listed.read_text("utf-8"))["source"] == "demo_exam"
    hub.repo(REPO).move(PIN)
    assert main(["drift", "--names", "demo_exam"]) == 0
    hub.remove(REPO)
    assert main(["drift", "--names", "demo_exam", "--head"]) == 2


def _state(draw: random.Random, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(draw.sample(rows, len(rows)))


@pytest.mark.slow
@given(st.randoms(use_true_random=False), st.data())
def test_every_change_is_told_once_and_nothing_else(draw: random.Random, data) -> None:
    rows = [{"id": f"r{n}", "split": "train", "question": f"q{n}", "label": "x"} for n in range(12)]
    kinds = ["same", "row_edited", "label_changed", "split_moved", "row_removed"]
    fates = data.draw(st.lists(st.sampled_from(kinds), min_size=12, max_size=12))
    edits = {
        "row_edited": {"question": "another"},
        "label_changed": {"label": "y"},
        "split_moved": {"split": "test"},
    }
    later = [
        {**row, **edits.get(fate, {})}
        for row, fate in zip(rows, fates, strict=True)
        if fate != "row_removed"
    ]
    later += [{"id": "new", "split": "train", "question": "new", "label": "x"}]
    before, after = _state(draw, rows), _state(draw, later)
    told: dict[str, list[str]] = {}
    for change in row_changes(RowDigests.of([before]), RowDigests.of([after])):
        ids = [
            before["id"][int(b)].as_py() if b >= 0 else after["id"][int(a)].as_py()
            for b, a in zip(change.before, change.after, strict=True)
        ]
        told[change.kind] = sorted(ids)
    expected = {
        kind: sorted(f"r{n}" for n, fate in enumerate(fates) if fate == kind) for kind in kinds[1:]
    }
    assert told == {**{k: v for k, v in expected.items() if v}, "row_added": ["new"]}
