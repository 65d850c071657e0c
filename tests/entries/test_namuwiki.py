"""NamuWiki: a script repository read as Parquet, parts of articles, contributors, markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.quality.namuwiki import StripNamuMarkup

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def sample(**options: Any) -> Any:
    return mk.load("namuwiki", split="train", origin="sample", **options)


def test_a_repository_with_a_script_is_read_as_parquet(hub) -> None:
    folder = SAMPLES / "namuwiki" / "wisenut-nlp-team+namu"
    assert (folder / "namu.py").exists()
    hub.repo("wisenut-nlp-team/namu").commit("2" * 40, folder)
    assert mk.load("namuwiki", split="train").num_rows == 8


def test_parts_of_an_article_are_one_family(hub) -> None:
    rows = sample()
    families: dict[str, set[str]] = {}
    for row in rows:
        families.setdefault(row["title"], set()).add(row["family"])
    assert [len(members) for members in families.values()] == [1, 1, 1, 1]
    assert len(set(rows["family"])) == 4
    assert rows[0]["id"] == "sample:namuwiki/namu/10-0"


def test_an_article_is_what_stands_before_the_hyphen(hub, tmp_path: Path) -> None:
    ids = ["1-0", "1-1", "11-0", "11"]
    rows = [
        {"namespace": 0, "title": "가나병", "text": "글", "contributors": None, "id": i}
        for i in ids
    ]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / "train-0.parquet")
    first, part, other, whole = mk.load("namuwiki", split="train", path=tmp_path)["family"]
    assert first == part
    assert other == whole != first


def test_articles_of_one_title_in_two_namespaces_are_two(hub, tmp_path: Path) -> None:
    rows = [
        {"title": "가나병", "text": "글", "contributors": "", "namespace": n} for n in ("0", "6")
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "namuwiki_20210301.parquet")
    data = mk.load("namuwiki", subset="heegyu", split="train", path=tmp_path)
    assert len(set(data["family"])) == 2
    assert not any("~" in i for i in data["id"])


def test_the_count_of_a_variant_that_was_exchanged_is_no_promise() -> None:
    counts = {part.subset: (part.rows, part.exact) for part in mk.source("namuwiki").parts}
    assert counts == {
        "namu": (None, True), "heegyu": (867_024, True), "heegyu-extracted": (571_308, False),
    }  # fmt: skip


def test_contributors_are_in_the_raw_view_only(hub) -> None:
    assert "192.0.2.1" not in str(list(sample()))
    assert sample(view="raw")[0]["contributors"] == ["user_a", "192.0.2.1"]
    assert sample(view="raw")[0]["namespace"] == 0
    whole = {"subset": "heegyu"}
    assert "192.0.2.1" not in str(list(sample(**whole)))
    assert sample(**whole, view="raw")[0]["contributors"] == "user_a,192.0.2.1"
    assert sample(**whole, view="raw")[0]["namespace"] == "0"


def test_variants_are_by_name_and_share_families(hub) -> None:
    assert set(sample()["subset"]) == {"namu"}
    whole, clean = sample(subset="heegyu"), sample(subset="heegyu-extracted")
    assert set(clean["family"]) < set(whole["family"])
    assert mk.source("namuwiki").parts[2].exact is False


def test_markup_stays_until_one_asks(hub) -> None:
    rows = sample()
    assert "[목차]" in rows[0]["text"]
    cleaned = mk.apply(rows, StripNamuMarkup())
    assert cleaned[0]["text"].strip() == "개요\n가나병은 꽃처럼 생긴 지어낸 병이다."


def test_the_friendlier_tag_does_not_count() -> None:
    source = mk.source("namuwiki")
    assert (source.terms.commercial, source.terms.share_alike) == ("no", True)
    assert {claim.license: claim.credible for claim in source.license} == {
        "CC-BY-NC-SA-2.0": True, "CC-BY-NC-SA-2.0-KR": True, "CC-BY-4.0": False,
    }  # fmt: skip


def test_cleaned_articles_may_lack_namespace_and_contributors(hub, tmp_path: Path) -> None:
    rows = {"title": ["가나병", "다라꽃"], "text": ["지어낸 병이다.", "지어낸 꽃이다."]}
    pq.write_table(pa.table(rows), tmp_path / "namuwiki.parquet")
    data = mk.load("namuwiki", subset="heegyu-extracted", split="train", path=tmp_path)
    assert data["title"][:] == rows["title"]
    with pytest.raises(mk.errors.SchemaMovedError, match="missing"):
        mk.load("namuwiki", subset="heegyu", split="train", path=tmp_path)


@pytest.mark.parametrize(("subset", "kind"), [("namu", pa.int64()), ("heegyu", pa.string())], ids=str)  # fmt: skip
def test_copies_without_contributors_are_read(tmp_path: Path, subset: str, kind: pa.DataType) -> None:  # fmt: skip
    rows = [{"namespace": 0, "title": "가나병", "text": "본문", "id": "12-0"}]
    table = pa.Table.from_pylist(rows)
    table = table.set_column(0, "namespace", table["namespace"].cast(kind))
    table = table if subset == "namu" else table.drop_columns("id")
    pq.write_table(table, tmp_path / "namu.parquet")
    (row,) = mk.load("namuwiki", subset=subset, split="train", path=tmp_path / "namu.parquet")
    assert (row["title"], row["text"]) == ("가나병", "본문")
