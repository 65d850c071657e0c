"""The cleaner of NamuWiki markup, rule by rule, and the laws of a kernel."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.quality.namuwiki import StripNamuMarkup


def clean(text: str) -> str:
    return StripNamuMarkup()(pa.table({"text": [text]}))["text"].to_pylist()[0]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("[[파일:위.png|width=50%]]위", "위"),
        ("위\n[[분류:질병]]", "위\n"),
        ("[[위(장기)|위]]와 [[간]]", "위와 간"),
        ("'''굵게''' ''기울여''", "굵게 기울여"),
        ("== 개요 ==\n글", "개요\n글"),
        ("=== 증상 ===", "증상"),
        ("==# 접힌 제목 #==", "접힌 제목"),
        ("[목차]글[각주]", "글"),
        ("글[* 이것은 [[각주]]다]이다", "글이다"),
        ("[include(틀:질병)]글[youtube(abc)]", "글"),
        ("{{{+1 크게}}} {{{#red 빨강}}} {{{그대로}}}", "크게 빨강 그대로"),
        ("{{{#!folding [펼치기]\n속 {{{+1 글}}}}}}", "속 글"),
        ("~~지움~~남음 --지움--남음", "남음 남음"),
        ("__밑줄__ x^^2^^ H,,2,,O", "밑줄 x2 H2O"),
        ("## 주석\n글\n----\n끝", "글\n끝"),
        ("|| 표 || 는 || 남는다 ||", "|| 표 || 는 || 남는다 ||"),
        ("집합 {a} 와 [1] 과 it's", "집합 {a} 와 [1] 과 it's"),
        ("a == b 이고 a -- b", "a == b 이고 a -- b"),
    ],
)
def test_rules(marked: str, plain: str) -> None:
    assert clean(marked) == plain


TEXT = st.text("가나[]{}'|*= \n-~#+1", max_size=40)


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_rows_are_independent(a: list[str], b: list[str]) -> None:
    kernel = pickle.loads(pickle.dumps(StripNamuMarkup()))
    both, first, two = (
        kernel(
            pa.table({"text": pa.array(t, pa.string()), "n": pa.array(range(len(t)), pa.int8())})
        )
        for t in (a + b, a, b)
    )
    assert both["text"].to_pylist() == first["text"].to_pylist() + two["text"].to_pylist()
    assert both.column_names == ["text", "n"]
    assert first.schema == both.schema


def test_null_stays_and_the_input_is_untouched() -> None:
    table = pa.table({"text": ["'''a'''", None]})
    assert StripNamuMarkup()(table)["text"].to_pylist() == ["a", None]
    assert table["text"].to_pylist() == ["'''a'''", None]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_the_type_of_the_column_stays(kind: pa.DataType) -> None:
    table = pa.table({"text": pa.chunked_array([["'''a'''"], [None, "b"]]).cast(kind)})
    rows = StripNamuMarkup()(table)
    assert rows.schema == table.schema
    assert rows["text"].to_pylist() == ["a", None, "b"]


def test_wrong_arguments_and_a_missing_column() -> None:
    with pytest.raises(ArgumentError, match="depth="):
        StripNamuMarkup(depth=-1)
    with pytest.raises(ArgumentError, match="column="):
        StripNamuMarkup(column="")
    with pytest.raises(FormattingError, match="column 'body'"):
        StripNamuMarkup(column="body")(pa.table({"text": ["a"]}))
