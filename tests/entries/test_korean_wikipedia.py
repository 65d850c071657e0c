"""Korean Wikipedia: configuration names, paragraphs, two dumps of the same articles."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


SAMPLE = SAMPLES / "korean_wikipedia" / "wikimedia+wikipedia"


def test_the_configuration_is_no_revision_and_old_names_are_refused(hub) -> None:
    assert mk.source("korean_wikipedia").floating
    with pytest.raises(mk.errors.UnknownPartError, match=r"20231101\.ko"):
        mk.load("korean_wikipedia", subset="20220301.ko", origin="sample")
    assert any("20220301.ko" in quirk for quirk in mk.source("korean_wikipedia").quirks)


def test_the_configuration_is_a_folder_at_whatever_commit_the_hub_has(hub) -> None:
    hub.repo("wikimedia/wikipedia").commit("3" * 40, SAMPLE)
    rows = mk.load("korean_wikipedia", split="train")
    assert (rows.num_rows, set(rows["subset"])) == (10, {"20231101.ko"})
    with pytest.raises(mk.errors.MissingError, match=r"no revision '20231101\.ko'") as caught:
        mk.load("korean_wikipedia", split="train", revision="20231101.ko")
    assert "no other revision is taken in its place" in caught.value.hint


@pytest.mark.parametrize(("old", "advised"), [
    ("20220301.ko", "20231101.ko"),
    ("20221001.ko", "20231101.ko"),
    ("lcw99-20221001", "lcw99-20240501"),
])  # fmt: skip
def test_an_older_dump_is_refused_with_the_one_to_take(hub, old: str, advised: str) -> None:
    with pytest.raises(mk.errors.UnknownPartError) as caught:
        mk.load("korean_wikipedia", subset=old, split="train", origin="sample")
    assert caught.value.hint == f"did you mean {advised!r}?"


@pytest.mark.parametrize("repo", ["psyche/kowiki", "heegyu/kowikitext"])
def test_repositories_with_a_script_alone_are_refused_with_the_files_to_have(
    hub, tmp_path: Path, repo: str
) -> None:
    script = f"{repo.rpartition('/')[2]}.py"
    (tmp_path / "upstream").mkdir()
    (tmp_path / "upstream" / script).write_text("# a loading script\n")
    hub.repo(repo).commit("4" * 40, tmp_path / "upstream")
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        mk.load("korean_wikipedia", split="train", repo=repo)
    assert caught.value.expected == "20231101.ko/train-*.parquet"
    assert script in caught.value.found


def test_counts_of_the_two_editions() -> None:
    first, later = mk.source("korean_wikipedia").parts
    assert (first.rows, first.exact) == (647_897, True)
    assert (later.rows, later.exact) == (515_000, False), "upstream's round number"
    assert mk.source("korean_wikipedia").rows == 647_897, "not both: they are the same articles"


def test_both_shards_are_read_and_line_breaks_stay(hub) -> None:
    rows = mk.load("korean_wikipedia", split="train", origin="sample")
    assert rows.num_rows == 10
    assert rows[0]["text"].count("\n\n") == 2
    assert rows[0]["id"] == "sample:korean_wikipedia/20231101.ko/7"
    assert rows[0]["url"].startswith("https://ko.wikipedia.org/wiki/%")


def test_the_other_dump_is_by_name_and_shares_families(hub) -> None:
    first = mk.load("korean_wikipedia", split="train", origin="sample")
    later = mk.load("korean_wikipedia", subset="lcw99-20240501", split="train", origin="sample")
    assert later["family"][:] == first["family"][:3]
    assert not set(later["id"]) & set(first["id"])


def test_the_other_dump_may_hold_text_alone(hub, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    texts = ["글", "다른 글"]
    pq.write_table(pa.table({"text": texts}), tmp_path / "data" / "train-0.parquet")
    rows = mk.load("korean_wikipedia", subset="lcw99-20240501", split="train", path=tmp_path)
    assert (rows[0]["title"], rows[0]["family"], rows["text"][:]) == (None, None, texts)
    assert not any("~" in i for i in rows["id"]), "keys are hashes of the text, not empty ids"


def test_share_alike_rules_whatever_a_copy_says() -> None:
    source = mk.source("korean_wikipedia")
    assert source.terms.share_alike
    assert source.terms.commercial == "yes"
    assert {claim.license: claim.credible for claim in source.license} == {
        "CC-BY-SA-3.0": True, "GFDL-1.3": True, "Apache-2.0": False,
    }  # fmt: skip
