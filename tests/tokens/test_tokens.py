from __future__ import annotations

import base64
import hashlib
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_vocabulary
from formatting_rows import CHOICE, OPEN, qa
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.tokens import rank_files
from medqa_kit.tokens.chat_templates import render
from medqa_kit.tokens.counts import count_tokens, token_counts
from medqa_kit.tokens.packing import pack
from medqa_kit.tokens.rank_files import PATTERNS, RankFile, encoding
from medqa_kit.training.records import record


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> RankFile:
    return tiny_vocabulary.write(tmp_path_factory.mktemp("ranks"))


@given(st.lists(st.text(max_size=40) | st.none(), max_size=6))
def test_counts_are_those_of_the_encoding(tiny: RankFile, texts: list[str | None]) -> None:
    bare = encoding(tiny)
    assert count_tokens(texts, counter=tiny).to_pylist() == [
        None if text is None else len(bare.encode(text, disallowed_special=())) for text in texts
    ]


def test_words_of_the_vocabulary_are_one_token(tiny: RankFile) -> None:
    assert count_tokens(["fever", "xyz"], counter=tiny).to_pylist() == [1, 3]
    assert count_tokens(
        pa.chunked_array([["fever"], []], pa.string()), counter=encoding(tiny)
    ).to_pylist() == [1]


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|im_end|>b"])
def test_control_tokens_in_text_are_text(tiny: RankFile, text: str) -> None:
    known = replace(tiny, special=((text, 999),))
    assert count_tokens([text], counter=known) == count_tokens([text], counter=tiny)


@pytest.mark.slow
def test_a_million_blanks_are_counted(tiny: RankFile) -> None:
    """tiktoken's own answer is "Max stack size exceeded"."""
    o200k = replace(tiny, pattern="o200k_base")
    for blank in " \t\u00a0":
        text = "열" + blank * 1_000_000 + "병"
        with pytest.raises(ValueError, match="stack"):
            encoding(o200k).encode(text, disallowed_special=())
        short, long = count_tokens([text[:1001], text], counter=o200k).to_pylist()
        assert short is not None
        assert long is not None
        assert (
            long > 900 * short
        )  # no merge spans blanks in this vocabulary: as many tokens as bytes


@pytest.mark.parametrize("name", sorted(PATTERNS))
@given(st.text(max_size=60))
def test_patterns_lose_no_character(tiny: RankFile, name: str, text: str) -> None:
    vocabulary = encoding(replace(tiny, pattern=name))
    assert vocabulary.decode(vocabulary.encode(text, disallowed_special=())) == text


def test_patterns_are_those_of_tiktoken(monkeypatch: pytest.MonkeyPatch, tiny: RankFile) -> None:
    """Equal cuts on text of every kind, whatever shape the expressions have."""
    import tiktoken
    import tiktoken_ext.openai_public as official

    ranks = tiny_vocabulary.ranks()
    monkeypatch.setattr(official, "load_tiktoken_bpe", lambda *_, **__: ranks)
    text = "It's 37.5℃,  fever!!\n\n  열이\t나요…\r\nAB'LL 12345 គ្រុន ១២៣ é \n"
    for name in ("cl100k_base", "o200k_base", "r50k_base"):
        theirs = official.ENCODING_CONSTRUCTORS[name]()["pat_str"]
        reference = tiktoken.Encoding("x", pat_str=theirs, mergeable_ranks=ranks, special_tokens={})
        ours = encoding(replace(tiny, pattern=name))
        assert ours.encode(text) == reference.encode(text)


class TestFilesAreCheckedAndNeverFetched:
    """Any attempt to reach the network fails the test at once."""

    @pytest.fixture(autouse=True)
    def _offline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("something tried to read a file from the network")

        monkeypatch.setattr("tiktoken.load.read_file", refuse)
        monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
        encoding.cache_clear()

    def test_an_absent_file_is_named_with_its_place(self, tmp_path: Path) -> None:
        with pytest.raises(FormattingError) as caught:
            count_tokens(["x"], counter="o200k_base")
        text = str(caught.value)
        assert str(tmp_path / "fb374d419588a4632f3f557e76b4b70aebbca790") in text
        assert "nothing is downloaded unasked" in text
        assert "o200k_base.tiktoken" in text

    def test_the_kernel_says_so_when_it_is_made(self) -> None:
        with pytest.raises(FormattingError, match="cl100k_base"):
            token_counts(counter="cl100k_base")

    def test_an_altered_file_is_told_and_left_alone(self, tmp_path: Path) -> None:
        file = tmp_path / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
        file.write_bytes(b"altered")
        with pytest.raises(FormattingError, match="altered"):
            count_tokens(["x"], counter="cl100k_base")
        assert file.read_bytes() == b"altered"  # tiktoken would have deleted it

    def test_an_empty_cache_variable_means_no_cache(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
        with pytest.raises(FormattingError, match="not in tiktoken's cache"):
            count_tokens(["x"], counter="r50k_base")

    def test_a_file_that_is_there_is_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = b"".join(
            base64.b64encode(t) + b" %d\n" % r for t, r in tiny_vocabulary.ranks().items()
        )
        (tmp_path / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4").write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        files = dict(rank_files._FILES) | {
            "cl100k_base": (("encodings/cl100k_base.tiktoken", sha256),)
        }
        monkeypatch.setattr(rank_files, "_FILES", files)
        monkeypatch.setattr("tiktoken.load.check_hash", lambda *_: True)
        assert count_tokens(["fever"], counter="cl100k_base").to_pylist() == [1]

    @pytest.mark.parametrize("name", ["medgemma", "cl100k"])
    def test_an_unknown_name_lists_what_there_is(self, name: str) -> None:
        with pytest.raises(ArgumentError, match="o200k_base"):
            count_tokens(["x"], counter=name)


def test_rank_files_are_checked(tiny: RankFile, tmp_path: Path) -> None:
    with pytest.raises(FormattingError, match="not the one asked for"):
        count_tokens(["x"], counter=replace(tiny, sha256="0" * 64))
    with pytest.raises(FormattingError, match="cannot be read"):
        count_tokens(["x"], counter=replace(tiny, path=str(tmp_path / "absent")))
    for content, message in (
        (b"YQ== 0\nYQ\n", "line 2"),
        (b"YQ== 0\n", "255 bytes missing"),
        (b"???? 0\n", "line 1"),
        (
            b"".join(base64.b64encode(bytes([n])) + b" %d\n" % min(n, 254) for n in range(256)),
            "0 bytes missing, 1 ranks twice",
        ),
    ):
        file = tmp_path / "bad.tiktoken"
        file.write_bytes(content)
        bad = RankFile(str(file), sha256=hashlib.sha256(content).hexdigest())
        with pytest.raises(FormattingError, match=message):
            count_tokens(["x"], counter=bad)


def test_what_is_no_counter_is_told() -> None:
    with pytest.raises(ArgumentError, match="nothing that counts"):
        count_tokens(["x"], counter=3)  # type: ignore[arg-type]


def counted(table: pa.Table, **arguments: object) -> list[tuple[int, int]]:
    rows = token_counts(counter=len, **arguments)(table)  # type: ignore[arg-type]
    return list(
        zip(*(rows[f"{n}_tokens"].to_pylist() for n in ("prompt", "completion")), strict=True)
    )


@pytest.mark.parametrize("gives", ["3", -1, 1.5, None, True, [1]])
def test_a_function_that_gives_no_count_is_told(gives: Any) -> None:
    with pytest.raises(ArgumentError, match="gives no count"):
        count_tokens(["x"], counter=lambda text: gives)
    assert count_tokens(["x"], counter=lambda text: np.int64(2)).to_pylist() == [2]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_texts_of_any_type_are_counted(kind: pa.DataType) -> None:
    texts = pa.chunked_array([["가나", None], ["다"]], pa.string()).cast(kind)
    assert count_tokens(texts, counter=len).to_pylist() == [2, None, 1]
    assert count_tokens(texts.chunk(0).slice(1), counter=len).to_pylist() == [None]


class Pieces:
    """A processor of SentencePiece, as far as counting is concerned."""

    def encode(self, input: list[str]) -> list[list[int]]:
        return [list(range(len(text.split()))) for text in input]

    def get_piece_size(self) -> int:
        return 9


def test_a_processor_of_sentencepiece_counts() -> None:
    assert count_tokens(["a b", None, ""], counter=Pieces()).to_pylist() == [2, None, 0]


def test_a_tokenizer_that_cuts_and_fills_texts_counts_whole_ones_and_stays_as_it_is() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    cutting = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "[UNK]": 1}, "[UNK]"))
    cutting.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    cutting.enable_truncation(2)
    cutting.enable_padding(length=8)
    assert count_tokens(["a a a a a", "a", ""], counter=cutting).to_pylist() == [5, 1, 0]
    assert len(cutting.encode("a a a").ids) == 8


def test_prompt_and_reply_are_rendered_and_counted_as_a_whole() -> None:
    table = record("trl/prompt-completion", reasoning="none")(qa(CHOICE, OPEN))
    for row, (prompt, reply) in zip(
        table.to_pylist(), counted(table, template="gemma3"), strict=True
    ):
        turns = [*row["prompt"], *row["completion"]]
        assert prompt == len(render(row["prompt"], template="gemma3", generation_prompt=True))
        assert prompt + reply == len(render(turns, template="gemma3"))


def test_every_form_of_record_gives_the_same_counts_of_contents() -> None:
    rows = qa(CHOICE, OPEN)
    lists = counted(record("trl/prompt-completion", reasoning="none")(rows))
    assert counted(record("trl/messages", reasoning="none")(rows)) == lists
    strings = record("trl/prompt-completion/standard", settings={"separator": "\n"})(rows)
    assert counted(strings) == lists
    texts = counted(
        record("trl/language-modeling", reasoning="none", settings={"separator": "\n"})(rows)
    )
    assert [reply for _, reply in texts] == [sum(pair) for pair in lists]


def test_reasoning_counts_too_and_of_two_replies_the_longer() -> None:
    with_it = counted(record("trl/prompt-completion")(qa(CHOICE)))
    without = counted(record("trl/prompt-completion", reasoning="none")(qa(CHOICE)))
    assert with_it[0][1] - without[0][1] == len(CHOICE["rationale"]) + 1
    pair = pa.table({"prompt": ["Q"], "chosen": [" AA"], "rejected": [" BBBB"]})
    assert counted(pair) == [(1, 5)]


def test_the_kernel_is_row_local_picklable_and_repeatable(tiny: RankFile) -> None:
    kernel = pickle.loads(pickle.dumps(token_counts(counter=tiny, template="qwen2.5")))
    table = record("trl/prompt-completion")(qa(CHOICE, OPEN))
    rows = kernel(table)
    assert rows.equals(pa.concat_tables([kernel(table.slice(0, 1)), kernel(table.slice(1))]))
    assert kernel(rows).equals(rows)
    assert kernel(table.slice(0, 0)).schema == rows.schema
    with pytest.raises(FormattingError, match="nothing to count"):
        kernel(pa.table({"instruction": ["x"]}))


@given(st.lists(st.integers(0, 50), max_size=60))
def test_packing_holds_every_row_once_and_overfills_nothing(lengths: list[int]) -> None:
    plan = pack(pa.array(lengths, pa.int32()), max_tokens=50)
    groups = plan.groups.to_pylist()
    assert sorted(row for group in groups for row in group) == list(range(len(lengths)))
    assert all(sum(lengths[row] for row in group) <= 50 for group in groups)
    assert plan.tokens == sum(lengths)
    lower = -(-sum(lengths) // 50)
    assert plan.count <= 11 / 9 * max(lower, sum(n > 25 for n in lengths)) + 2
    assert plan.efficiency == (sum(lengths) / (plan.count * 50) if groups else 1)


def test_best_fit_beats_order_of_arrival_and_is_repeatable() -> None:
    lengths = pa.array([7, 3, 6, 4, 5, 5] * 50)
    plan = pack(lengths, max_tokens=10)
    assert plan.efficiency == 1
    assert plan == pack(lengths, max_tokens=10)


def test_rows_that_do_not_fit_a_sequence_are_told() -> None:
    with pytest.raises(FormattingError, match="do not fit a sequence"):
        pack(pa.array([11]), max_tokens=10)
    with pytest.raises(FormattingError, match="no length"):
        pack(pa.array([None], pa.int32()), max_tokens=10)


@pytest.mark.parametrize("lengths", [[100, 3000], (100, 3000), pa.array([100, 3000], pa.int32()),
                                     pa.chunked_array([[100], [3000]]), np.array([100, 3000])])  # fmt: skip
def test_lengths_are_packed_whatever_holds_them(lengths: Any) -> None:
    plan = pack(lengths, max_tokens=4096)
    assert (plan.bins.to_pylist(), plan.tokens) == ([0, 0], 3100)
    assert "<td" in plan._repr_html_()
    assert str(plan) == "2 rows, 3100 tokens in 1 sequences of 4096: 75.7% used"


@pytest.mark.parametrize(
    "wrong",
    [pa.array([2**63], pa.uint64()), "12", 3, ["a"], [1.5], pa.array([1.5]), pa.array(["a"])],
)
def test_what_is_no_length_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="lengths= takes"):
        pack(wrong, max_tokens=10)


@pytest.mark.parametrize("wrong", ["열", 3, [1], pa.array([1])])
def test_what_is_no_text_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="texts= takes"):
        count_tokens(wrong, counter=len)


@pytest.mark.parametrize(("argument", "wrong"), [("sha256", "beef"), ("path", ""), ("pattern", ""),
                                                 ("special", [("<s>", -1)]), ("special", ["<s>"])])  # fmt: skip
def test_a_rank_file_is_checked_when_it_is_named(argument: str, wrong: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        RankFile(**{"path": "ranks", "sha256": "0" * 64} | {argument: wrong})
    assert caught.value.argument == argument


def test_a_tokenizer_file_is_a_counter_once_it_is_read() -> None:
    with pytest.raises(ArgumentError) as caught:
        count_tokens(["혈압"], counter="tok.json")
    assert caught.value.hint == "tokenizers.Tokenizer.from_file('tok.json') is a counter"
