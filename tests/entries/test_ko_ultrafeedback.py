"""Ko-UltraFeedback: equal replies are refused, prompts are families, no commercial use."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.ko_ultrafeedback import NAMES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")


def test_equal_replies_are_refused_or_set_aside(hub, tmp_path) -> None:
    rows = [("지구의 위성은?", "달입니다.", "달입니다."), ("한 시간은?", "60분", "100분")]
    table = pa.Table.from_pylist([dict(zip(NAMES, row, strict=True)) for row in rows])
    file = tmp_path / "train-0.parquet"
    pq.write_table(table, file)
    with pytest.raises(mk.errors.RowError, match="the same"):
        mk.load("ko_ultrafeedback", split="train", path=file)
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 2"):
        data = mk.load("ko_ultrafeedback", split="train", path=file, on_bad="drop")
    assert data["chosen"][:] == ["60분"]


def test_pairs_of_one_prompt_are_one_family(hub) -> None:
    rows = mk.load("ko_ultrafeedback", split="train", origin="sample")
    assert rows[0]["family"] == rows[1]["family"], "one prompt, two pairs"
    assert rows[0]["chosen"] == "1기압에서 섭씨 100도입니다."


def test_lists_of_messages_are_another_layout(hub, tmp_path) -> None:
    turn = [{"role": "user", "content": "a"}]
    (tmp_path / "data").mkdir()
    table = pa.table({"prompt": ["a"], "chosen": [turn], "rejected": [turn]})
    pq.write_table(table, tmp_path / "data" / "train-0.parquet")
    with pytest.raises(mk.errors.SchemaMovedError, match="chosen"):
        mk.load("ko_ultrafeedback", split="train", path=tmp_path)


def test_the_key_is_a_hash_of_prompt_and_both_replies(hub, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    rows = [("가", "나", "다"), ("가", "다", "나"), ("가", "나", "라"), ("가", "나", "다")]
    table = pa.Table.from_pylist([dict(zip(NAMES, row, strict=True)) for row in rows])
    pq.write_table(table, tmp_path / "data" / "train-0.parquet")
    ids = mk.load("ko_ultrafeedback", split="train", path=tmp_path)["id"][:]
    assert len({i.partition("~")[0] for i in ids}) == 3
    assert ids[3] == ids[0] + "~2"


def test_the_count_the_pin_and_the_descent() -> None:
    source = mk.source("ko_ultrafeedback")
    assert source.rows == 61_966
    assert source.at.revision == "3efc698dc29338e27b6e1de02628c292ffa5c472"
    [parent] = source.derived_from
    assert parent.name == "ultrafeedback_binarized"
    assert "Synatra-7B-Translation" in parent.how


def test_the_card_forbids_commercial_use_of_the_data() -> None:
    source = mk.source("ko_ultrafeedback")
    assert source.terms.commercial == "no"
    assert not source.terms.allows("commercial")
    assert source.terms.redistribute == "unknown", "no tag grants it"
    assert "models trained on it may be used commercially" in source.show()
    assert [claim.license for claim in source.license] == [
        "data-not-for-commercial-use",
        None,
        "model-output-terms",
    ]
