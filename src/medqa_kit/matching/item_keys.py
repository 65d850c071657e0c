"""What items are known by: 128 bits of their letters, whatever the order and the marks of their options, and families."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.errors import SchemaError
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Keys, key_sums
from medqa_kit.matching.kernels.constants import GOLDEN, THIRD
from medqa_kit.matching.letters import Letters, Stretches, spellings
from medqa_kit.matching.row_texts import text_column

_DIGITS = "123456789"
_ALPHABETS = ("ABCDEFGHIJ", "abcdefghij", _DIGITS, "①②③④⑤⑥⑦⑧⑨⑩", "❶❷❸❹❺❻❼❽❾❿", "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽",
              "㉠㉡㉢㉣㉤㉥㉦㉧㉨㉩", "ⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙ", "ⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿ", "ᄀᄂᄃᄅᄆ", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ",
              "가나다라마바사아자차", "កខគឃងចឆជឈញ")  # fmt: skip
_LABELS = [label for alphabet in _ALPHABETS for label in alphabet]
_RANK = np.array([i for alphabet in _ALPHABETS for i in range(len(alphabet))], np.int64)
_ALPHABET = np.array([i for i, alphabet in enumerate(_ALPHABETS) for _ in alphabet], np.int64)
_SIGNS = "".join(_ALPHABETS[3:9])
_LABELLED = (
    rf"^\s*(?:[(\[（<]?\s*(?P<label>[A-Ja-j1-9ㄱ-ㅎ가나다라마바사아자차ក-ញ])\s*[)\]）>.:．、]"
    rf"|(?P<sign>[{_SIGNS}]))(?P<text>[^0-9](?s:.*)|\s+[0-9](?s:.*))$"
)


def item_keys(stems: pa.Array, options: pa.ListArray) -> Keys:
    """Return the key of each item: its stem and the multiset of its options.

    Args:
        stems: ``string[n]``.
        options: ``list<string>[n]``; an empty list for open questions.

    Example:
        >>> def key(stem: str, options: list[str]) -> list[list[int]]:
        ...     return item_keys(pa.array([stem]), pa.array([options])).tolist()
        >>> key("Drug of choice?", ["A. x", "B. y"]) == key("drug of CHOICE", ["y", "x"])
        True
        >>> key("Drug of choice?", ["x", "y"]) == key("Drug of choice?", ["x", "z"])
        False
    """
    return keys_of_items(spellings(stems).stretches, spellings(options.values).stretches, options)


def keys_of_items(stems: Stretches, texts: Stretches, options: pa.ListArray) -> Keys:
    """Return the key of each item whose texts are decoded already: what :func:`item_keys` returns.

    Args:
        stems: The letters of its stem.
        texts: The letters of ``options.values``.
        options: ``list<string>[n]``.
    """
    keys = stretch_keys(texts)
    bare, labelled = _unlabelled(options)
    if labelled.any():
        keys[labelled] = stretch_keys(spellings(bare.filter(pa.array(labelled))).stretches)
    sums = key_sums(_stirred(keys ^ GOLDEN), options.offsets.to_numpy())
    both: Keys = _stirred(stretch_keys(stems)) + sums
    return both


def text_keys(texts: Letters) -> Keys:
    """Return 128 bits of each text.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> keys = text_keys(letters(pa.array(["Angina", "ANGINA!", "asthma"])))
        >>> bool((keys[0] == keys[1]).all()), bool((keys[0] == keys[2]).all())
        (True, False)
    """
    return stretch_keys(Stretches(texts.codes, texts.offsets[:-1], texts.offsets[1:]))


def stretch_keys(stretches: Stretches) -> Keys:
    """Return 128 bits of each text, equal to those of :func:`text_keys`."""
    keys: Keys = kernels().text_hashes(*map(np.ascontiguousarray, stretches))
    return keys


def _stirred(keys: Keys) -> Keys:
    """Mix both halves into each other, so that sums of keys do not cancel out."""
    high, low = keys[:, 0], keys[:, 1]
    return np.stack(
        [scattered(high ^ scattered(low)), scattered(low ^ scattered(high + THIRD))], axis=1
    )


def unlabelled(options: pa.ListArray) -> pa.ListArray:
    """Take labels such as ``A.``, ``(2)`` or ``③`` off options that carry a full set of them.

    Only a row whose labels are the first ones of one alphabet, each once, loses them: "1.5 mg"
    beside "2.5 mg" stays what it is.

    Example:
        >>> unlabelled(pa.array([["(B) x", "(A) y"], ["1.5 mg", "2.5 mg"]])).to_pylist()
        [['x', 'y'], ['1.5 mg', '2.5 mg']]
    """
    return pa.ListArray.from_arrays(options.offsets, _unlabelled(options)[0])


def _unlabelled(options: pa.ListArray) -> tuple[pa.Array, Mask]:
    """Return the texts of options without labels, and which of them had one."""
    values, offsets = options.values, options.offsets.to_numpy().astype(np.int64)
    counts = np.diff(offsets)
    full = np.flatnonzero(counts > 1)
    first = values.take(pa.array(offsets[:-1][full]))
    seem = pc.match_substring_regex(first, _LABELLED).to_numpy(zero_copy_only=False)
    rows = full[seem.astype(bool)]
    mask = np.zeros(len(values), np.bool_)
    if not len(rows):
        return values, mask
    counted = counts[rows]
    begin = np.cumsum(counted) - counted
    owner = np.repeat(np.arange(len(rows)), counted)
    place = np.arange(len(owner)) - begin[owner] + offsets[rows][owner]
    parts = pc.extract_regex(values.take(pa.array(place)), _LABELLED)
    label = _first_filled(pc.struct_field(parts, "label"), pc.struct_field(parts, "sign"))
    index = pc.index_in(label, value_set=pa.array(_LABELS)).fill_null(-1).to_numpy()
    bit = np.where(index >= 0, np.int64(1) << _RANK[index], 0)
    alphabet = np.where(index >= 0, _ALPHABET[index], -1)
    lowest, highest = np.minimum.reduceat(alphabet, begin), np.maximum.reduceat(alphabet, begin)
    ordered = np.bitwise_or.reduceat(bit, begin) == (np.int64(1) << counted) - 1
    good = (ordered & (lowest == highest) & (lowest >= 0))[owner]
    mask[place[good]] = True
    bare = pc.utf8_trim_whitespace(pc.struct_field(parts, "text").filter(pa.array(good)))
    return pc.replace_with_mask(values, pa.array(mask), bare), mask


def _first_filled(first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.fill_null(first, ""), ""), second, first)


def stated_families(batch: pa.RecordBatch) -> pa.Array:
    """Return the family of each row, null where it has none, or a blank one such as files of CSV have.

    Raises:
        SchemaError: The column holds lists or structs, which name no family.

    Example:
        >>> stated_families(pa.record_batch({"id": ["a", "b"], "family": ["f", " "]})).to_pylist()
        ['f', None]
    """
    names = batch.schema.names
    if "family" in names and pa.types.is_nested(type_ := batch.schema.field("family").type):
        raise SchemaError(
            "the column 'family' names no families",
            expected="one text a row",
            found=str(type_),
            hint="give rows of one family the same text, or leave the column out",
        )
    texts = text_column(batch, "family")
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), None, texts)


def family_names(batch: pa.RecordBatch) -> pa.Array:
    """Return the family of each row; one that was made of nothing is its own, and its id names it for what is made of it.

    Example:
        >>> family_names(pa.record_batch({"id": ["a", "a#2"], "family": [None, "a"]})).to_pylist()
        ['a', 'a']
    """
    return pc.coalesce(stated_families(batch), text_column(batch, "id"))
