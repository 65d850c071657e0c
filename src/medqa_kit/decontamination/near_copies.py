"""Near copies of items in rows: what each pair of row and item has in common, and by which rule it matches.

A copy stands together, words of the same subject are strewn about. So the terms of a field are looked
for in one stretch of text not much longer than the field.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask, ranges
from medqa_kit.decontamination import rules
from medqa_kit.decontamination.candidates import Candidates, FormCandidates
from medqa_kit.decontamination.index import LEAST_LETTERS, FieldTerms, Index
from medqa_kit.decontamination.scores import THRESHOLDS, Answers, Scores
from medqa_kit.matching.forms.row_forms import AddedLetters
from medqa_kit.matching.item_keys import unlabelled
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Hashes
from medqa_kit.matching.letters import Letters, Stretches, letters
from medqa_kit.matching.row_fields import RowFields, lists_options
from medqa_kit.matching.terms import TextTerms, terms

_Pairs = tuple[Ints, Ints]
_Fields = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
_Judged = tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]
Judgements = tuple[_Pairs, npt.NDArray[np.int8], npt.NDArray[np.float64]]
"""Rows and items; the rule of each pair, -1 where none matches; ``float64[n, 3]``: stem, options, answer."""

_ANYWHERE = 1 << 40
"""A reach in which all terms of a text stand together."""


def near_copies(fields: RowFields, pairs: Candidates, index: Index) -> list[Judgements]:
    """Judge the pairs of row and item that have enough in common.

    Rows that are questions with options are compared field by field, and searched as one text, too: as
    the records are searched that are made of them.

    Args:
        fields: Of the rows.
        pairs: The candidates among all texts of each row.
        index: Of the items.

    Returns:
        What was found; a pair may come several times.
    """
    parts = fields.parts
    pairs = _with_stems(parts, fields, pairs, index)
    compared, wide = _compared(parts, fields, pairs, index)
    return [compared, _searched(parts, fields, wide, pairs, index)]


def _with_stems(parts: Letters, fields: RowFields, pairs: Candidates, index: Index) -> Candidates:
    """Leave out the pairs of questions whose whole text lacks the item's stem, and so does their own stem: most end here.

    Texts of several windows stay, since a stem may begin in one and end in the next.
    """
    cuts = pairs.windows
    whole = fields.own & (np.bincount(cuts.text, minlength=len(fields.own)) == 1)
    kept = ~whole[cuts.text[pairs.window]]
    at = np.flatnonzero(~kept)
    texts = Stretches(parts.codes, cuts.begins, cuts.ends)
    stem = held_shares(texts, pairs.window[at], 2 * pairs.item[at], index.terms)
    kept[at[_worth(pairs.item[at], stem, index)]] = True
    return pairs._replace(window=pairs.window[kept], item=pairs.item[kept])


def may_hold(texts: Letters, added: AddedLetters, pairs: FormCandidates, index: Index) -> Mask:
    """Mark the texts of which a form may hold an item: it may have enough terms of the item's stem.

    Args:
        texts: The texts.
        added: What their forms add to them.
        pairs: Texts and items.
        index: Of the items.
    """
    may = np.zeros(len(texts.lengths), np.bool_)
    may[pairs.text[~index.evidence.telling[pairs.item, 0]]] = True
    worth = np.flatnonzero(~may[pairs.text])
    text, item = pairs.text[worth], pairs.item[worth]
    looked, number = np.unique(text, return_inverse=True)
    stem = containment(_with_forms(texts, added, looked), number, 2 * item, replace(
        index.terms, reach=np.full_like(index.terms.reach, _ANYWHERE)
    ))  # fmt: skip
    may[text[stem >= THRESHOLDS.least_stem]] = True
    return may


def _with_forms(texts: Letters, added: AddedLetters, looked: Ints) -> TextTerms:
    """Cut some texts and what is added to them; all terms of a form of a text are among these."""
    forms = added.starts[looked + 1] - added.starts[looked]
    form = ranges(added.starts[looked], forms)
    first = np.cumsum(1 + forms) - 1 - forms  # the text comes before what is added to it
    place = np.ones(len(looked) + len(form), np.bool_)
    place[first] = False
    bounds = np.empty((2, len(place)), np.int64)
    bounds[:, ~place] = texts.offsets[looked], texts.offsets[looked + 1]
    bounds[:, place] = added.letters.offsets[form], added.letters.offsets[form + 1]
    bounds[:, place] += len(texts.codes)
    cut = terms(np.concatenate([texts.codes, added.letters.codes]), *bounds)
    return TextTerms(cut.hashes, cut.places, cut.starts[np.append(first, len(place))])


def containment(
    texts: TextTerms, text: Ints, field: Ints, fields: FieldTerms
) -> npt.NDArray[np.float64]:
    """Return the share of each field's terms that stand together in a text.

    Args:
        texts: The terms of all texts.
        text: ``int64[n]``, in order: the text of each pair.
        field: ``int64[n]``: the field of each pair.
        fields: The terms of all fields.

    Returns:
        ``float64[n]``, 0 to 1; 0 for a field without terms.
    """
    weights = kernels().contained_weights(
        *texts, text, field,
        fields.starts, fields.hashes, fields.weights, fields.totals, fields.reach,
    )  # fmt: skip
    shares: npt.NDArray[np.float64] = weights / np.maximum(fields.totals[field], 1)
    return shares


def held_shares(
    texts: Stretches, text: Ints, field: Ints, fields: FieldTerms
) -> npt.NDArray[np.float64]:
    """Return what :func:`containment` returns of texts that are cut into terms only if need be: of many pairs.

    Args:
        texts: The letters of all texts.
        text: As there, as the next two.
        field: As there.
        fields: As there.
    """
    weights = kernels().held_weights(
        *map(np.ascontiguousarray, texts), text, field,
        fields.starts, fields.hashes, fields.weights, fields.totals, fields.reach,
    )  # fmt: skip
    shares = np.zeros(len(text))
    weighing = np.flatnonzero(weights)
    shares[weighing] = weights[weighing] / fields.totals[field[weighing]]
    return shares


def agreements(fields: RowFields, row: Ints, item: Ints, index: Index) -> npt.NDArray[np.float64]:
    """Return the share of the terms of each item's right option that the row's reply holds.

    Args:
        fields: Of the rows.
        row: ``int64[n]``: the row of each pair.
        item: ``int64[n]``: the item of each pair.
        index: Of the items.

    Returns:
        ``float64[n]``, NaN where the item has no right option, or the reply is too short to tell.
    """
    rows, number = np.unique(row, return_inverse=True)
    codes, offsets = letters(fields.replies(rows))
    cut = terms(codes, offsets[:-1], offsets[1:])
    order = np.argsort(number, kind="stable")
    scores = np.empty(len(row))
    scores[order] = containment(cut, number[order], item[order], index.golds)
    is_long_gold = index.evidence.gold[item] & (np.diff(offsets)[number] >= LEAST_LETTERS)
    return np.where(is_long_gold, scores, np.nan)


def _searched(
    parts: Letters, fields: RowFields, wide: Mask, pairs: Candidates, index: Index
) -> Judgements:
    """Look for items in the texts of rows: in their first parts; pairs that are ``wide`` in all of it."""
    cuts = pairs.windows
    first = np.minimum(cuts.ends, parts.offsets[1::3][cuts.text])
    searched = np.zeros(len(cuts.text), np.bool_)
    searched[pairs.window[wide]] = True
    filled = np.flatnonzero(wide | (cuts.begins < first)[pairs.window])
    window, item = pairs.window[filled], pairs.item[filled]
    texts = Stretches(parts.codes, cuts.begins, np.where(searched, cuts.ends, first))
    stem = held_shares(texts, window, 2 * item, index.terms)
    worth = _worth(item, stem, index)
    window, item, stem = window[worth], item[worth], stem[worth]
    cut, number = _cut(texts, window)
    row = cuts.text[window]
    listed = lists_options(fields, row)
    unlisted = index.evidence.gold[item] & ~listed
    size = parts.offsets[3::3][row] - parts.offsets[:-1:3][row]
    answers = Answers(
        held=np.where(unlisted, containment(cut, number, item, index.golds), np.nan),
        agreed=agreements(fields, row, item, index),
        other=np.zeros(len(item), np.bool_),  # records that give a letter do not tell
        listed=listed,
        little_more=~listed & (size <= index.evidence.little[item]),
    )
    options = containment(cut, number, 2 * item + 1, index.terms)
    return ((row, item), *_judged(cut, number, item, (stem, options), answers, False, index))


def _cut(texts: Stretches, text: Ints) -> tuple[TextTerms, Ints]:
    """Cut the few texts that are named, in order, and repeats are; return where each is now."""
    named, number = np.unique(text, return_inverse=True)
    return terms(texts.codes, texts.begins[named], texts.ends[named]), number


def _worth(item: Ints, stem: npt.NDArray[np.float64], index: Index) -> Ints:
    """Return the pairs that a rule may apply to, by the score of the stem: most end here."""
    tells = index.evidence.telling[item, 0]
    return np.flatnonzero(~tells | (stem >= THRESHOLDS.least_stem))


def _compared(
    parts: Letters, fields: RowFields, pairs: Candidates, index: Index
) -> tuple[Judgements, Mask]:
    """Compare rows that are questions: stem with stem, options with options.

    Returns:
        What was found, and which pairs of window and item are to be looked for in all the row's text, too,
        since fields compared one by one do not decide.
    """
    row, item, pair = _pairs_of_rows(fields, pairs)
    stem_stretches = Stretches(parts.codes, parts.offsets[1::3], parts.offsets[2::3])
    stem = held_shares(stem_stretches, row, 2 * item, index.terms)
    # Options may hold what the stem lacks, or a whole item.
    undecided = np.ones(len(item), np.bool_)
    worth = _worth(item, stem, index)
    row, item, stem = row[worth], item[worth], stem[worth]
    case, number = _cut(stem_stretches, row)
    rows, listed = np.unique(row, return_inverse=True)
    cut = _each_cut(unlabelled(fields.options.take(pa.array(rows))))
    options = containment(cut, listed, 2 * item + 1, index.terms)
    agreed = agreements(fields, row, item, index)
    every = np.ones(len(item), np.bool_)
    other = agreed < THRESHOLDS.other_gold
    answers = Answers(held=agreed, agreed=agreed, other=other, listed=every, little_more=~every)
    rule, scores = _judged(case, number, item, (stem, options), answers, True, index)
    undecided[worth] = (rule < 0) | (rule == rules.REVIEW)
    wide = np.zeros(len(pairs.window), np.bool_)
    if undecided.any():
        wide[pair[0]] = undecided[pair[1]]
    return ((row, item), rule, scores), wide


def _pairs_of_rows(fields: RowFields, pairs: Candidates) -> tuple[Ints, Ints, tuple[Ints, Ints]]:
    """Return the pairs of row and item, each once, in the order of the rows, of rows that are questions.

    Returns:
        The rows, the items; and pairs of window and item, each with the pair of row and item that it is of.
    """
    text, item = pairs.windows.text[pairs.window], pairs.item
    own = np.flatnonzero(fields.own[text])
    if len(own) < len(text):
        text, item = text[own], item[own]
    if len(pairs.windows.text) == len(fields.own):  # one window each
        return text, item, (own, np.arange(len(own)))
    both, pair = np.unique(text << 32 | item, return_inverse=True)
    return both >> 32, both & 0xFFFFFFFF, (own, pair)


def _judged(
    cut: TextTerms, number: Ints, item: Ints, fields: _Fields, answers: Answers, own: bool,
    index: Index,
) -> _Judged:  # fmt: skip
    """Return the rule of each pair and its scores.

    Args:
        cut: Where the stem was looked for.
        number: ``int64[n]``, in order: which stretch of it.
        item: ``int64[n]``.
        fields: Scores of stem and options of each pair.
        answers: Of each pair.
        own: As in :func:`~medqa_kit.decontamination.rules.judge`.
        index: Of the items.
    """
    stem, options = fields
    zeros = np.zeros(len(item))
    scores = Scores(stem, options, zeros, np.ones(len(item)), zeros.copy())
    rule = rules.judge(item, scores, answers, own, index.evidence)
    closer = np.flatnonzero(rule >= 0)  # few pairs
    number, item = number[closer], item[closer]
    scores.key[closer] = containment(cut, number, 2 * item, index.keyed_terms)
    counted = index.numbers.totals[item] >= THRESHOLDS.numbers
    scores.numbers[closer[counted]] = containment(
        cut, number[counted], item[counted], index.numbers
    )
    little = answers.little_more[closer]
    scores.row[closer[little]] = _row_scores(cut, number[little], item[little], index)
    rule[closer] = rules.judge(
        item, scores.chosen(closer), answers.chosen(closer), own, index.evidence
    )
    return rule, np.column_stack([stem, options, answers.score])


def _row_scores(cut: TextTerms, number: Ints, item: Ints, index: Index) -> npt.NDArray[np.float64]:
    """Return the share of each row's terms that are terms of the item's stem or right option."""
    pair = np.arange(len(item))
    paired = _paired(pair, number, cut.starts, cut.hashes)
    known = np.concatenate([
        _paired(pair, field, fields.starts, fields.hashes)
        for field, fields in ((2 * item, index.terms), (item, index.golds))
    ])  # fmt: skip
    counts, known_counts = (np.bincount(keys >> 32, minlength=len(item))
                     for keys in (paired, paired[np.isin(paired, known)]))  # fmt: skip
    shares: npt.NDArray[np.float64] = known_counts / np.maximum(counts, 1)
    return shares


def _paired(pair: Ints, which: Ints, starts: Ints, hashes: Hashes) -> Ints:
    """Return the terms of a stretch or field of each pair, each with its pair in front."""
    counts = starts[which + 1] - starts[which]
    return np.repeat(pair, counts) << 32 | hashes[ranges(starts[which], counts)].astype(np.int64)


def _each_cut(options: pa.ListArray) -> TextTerms:
    """Cut each option by itself, so that the numbers of two of them do not run together."""
    codes, offsets = letters(options.values)
    cut = terms(codes, offsets[:-1], offsets[1:])
    return TextTerms(
        cut.hashes, np.zeros(len(cut.hashes), np.int64), cut.starts[options.offsets.to_numpy()]
    )
