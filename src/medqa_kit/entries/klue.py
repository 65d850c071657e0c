"""KLUE: eight tasks of Korean language understanding, each with its own columns.

A raw row of ``nli``, invented::

    {"guid": "klue-nli-v1_train_00000", "source": "wikipedia", "premise": "비가 온다.",
     "hypothesis": "날씨가 맑다.", "label": 2}
"""

from dataclasses import replace
from functools import partial

import pyarrow as pa

from medqa_kit.catalog import Claim, Hub, Kernel, Layout, Part, Reading, Source, View
from medqa_kit.catalog.parts import Proof
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import pick, positions, to_lists, whole
from medqa_kit.core.arrow.hashing import content_key
from medqa_kit.core.arrow.messages import dialogues
from medqa_kit.core.arrow.ragged import rows_of
from medqa_kit.errors import ValueTypeError
from medqa_kit.normalizing.bio import spans
from medqa_kit.normalizing.labels import check_labels, class_names
from medqa_kit.schemas import DIALOGUE, LABELED, QA, TOKENS

TOPICS = ("IT과학", "경제", "사회", "생활문화", "세계", "스포츠", "정치")
INFERENCE = ("entailment", "neutral", "contradiction")
ENTITIES = (
    *(f"{mark}-{name}" for name in ("DT", "LC", "OG", "PS", "QT", "TI") for mark in "BI"),
    "O",
)
RELATIONS = (
    "no_relation", "org:dissolved", "org:founded", "org:place_of_headquarters",
    "org:alternate_names", "org:member_of", "org:members", "org:political/religious_affiliation",
    "org:product", "org:founded_by", "org:top_members/employees",
    "org:number_of_employees/members", "per:date_of_birth", "per:date_of_death",
    "per:place_of_birth", "per:place_of_death", "per:place_of_residence", "per:origin",
    "per:employee_of", "per:schools_attended", "per:alternate_names", "per:parents",
    "per:children", "per:siblings", "per:spouse", "per:other_family", "per:colleagues",
    "per:product", "per:religion", "per:title",
)  # fmt: skip

_S, _TEXTS = pa.string(), pa.list_(pa.string())
_ENTITY = pa.struct({"word": _S, "start_idx": pa.int32(), "end_idx": pa.int32(), "type": _S})
RAW = {
    "ynat": {"guid": _S, "title": _S, "label": pa.int64(), "url": _S, "date": _S},
    "sts": {"guid": _S, "source": _S, "sentence1": _S, "sentence2": _S, "labels": pa.struct(
        {"label": pa.float64(), "real-label": pa.float64(), "binary-label": pa.int64()})},
    "nli": {"guid": _S, "source": _S, "premise": _S, "hypothesis": _S, "label": pa.int64()},
    "ner": {"sentence": _S, "tokens": _TEXTS, "ner_tags": pa.list_(pa.int64())},
    "re": {"guid": _S, "sentence": _S, "subject_entity": _ENTITY, "object_entity": _ENTITY,
           "label": pa.int64(), "source": _S},
    "dp": {"sentence": _S, "index": pa.list_(pa.int32()), "word_form": _TEXTS, "lemma": _TEXTS,
           "pos": _TEXTS, "head": pa.list_(pa.int32()), "deprel": _TEXTS},
    "mrc": {"title": _S, "context": _S, "news_category": _S, "source": _S, "guid": _S,
            "is_impossible": pa.bool_(), "question_type": pa.int32(), "question": _S,
            "answers": pa.struct({"answer_start": pa.list_(pa.int32()), "text": _TEXTS})},
    "wos": {"guid": _S, "domains": _TEXTS, "dialogue": pa.list_(pa.struct(
        {"role": _S, "text": _S, "state": _TEXTS}))},
}  # fmt: skip
ROWS = {"ynat": (45678, 9107), "sts": (11668, 519), "nli": (24998, 3000), "ner": (21008, 5000),
        "re": (32470, 7765), "dp": (10000, 2000), "mrc": (17554, 5841), "wos": (8000, 1000)}  # fmt: skip


def classified(
    raw: pa.Table, *, text: str, pair: str | None = None, names: tuple[str, ...]
) -> pa.Table:
    """Name the class of a text, or of a pair of texts."""
    columns = {"id": raw["guid"], "text": raw[text]}
    if pair:
        columns["text_pair"] = raw[pair]
    return pa.table(columns | {"label": class_names(raw["label"], names, column="label")})


def inferred(raw: pa.Table) -> pa.Table:
    """Read a pair of the authors' file, whose label is the name of its class."""
    check_labels(raw["gold_label"], INFERENCE, column="gold_label")
    return pa.table({"id": raw["guid"], "text": raw["premise"], "text_pair": raw["hypothesis"],
                     "label": raw["gold_label"]})  # fmt: skip


def similarity(raw: pa.Table) -> pa.Table:
    """Take the score from 0 to 5 and the paraphrase class out of the struct ``labels``."""
    labels = whole(raw["labels"])
    same = class_names(
        pc.struct_field(labels, "binary-label"), ("negative", "positive"), column="labels"
    )
    return pa.table({"id": raw["guid"], "text": raw["sentence1"], "text_pair": raw["sentence2"],
                     "label": same, "score": pc.struct_field(labels, "label")})  # fmt: skip


def entities(raw: pa.Table) -> pa.Table:
    """Tag characters; the text is joined from them, since ``sentence`` carries markup."""
    return _entities(raw, class_names(raw["ner_tags"], ENTITIES, column="ner_tags"))


def named_entities(raw: pa.Table) -> pa.Table:
    """Read the authors' file, whose tags are names."""
    check_labels(raw["ner_tags"], ENTITIES, column="ner_tags")
    return _entities(raw, whole(raw["ner_tags"]))


def _entities(raw: pa.Table, tags: pa.Array) -> pa.Table:
    return pa.table({"id": content_key(raw["sentence"]), "text": pc.binary_join(raw["tokens"], ""),
                     "tokens": raw["tokens"], "tags": tags,
                     "spans": spans(raw["tokens"], tags, by="")})  # fmt: skip


def related(raw: pa.Table) -> pa.Table:
    """Return characters, and the subject and the object as spans; upstream's end is inclusive."""
    marked = pc.replace_substring_regex(raw["sentence"], pattern="(?s)(.)", replacement="\\1\x1f")
    characters = pc.split_pattern(pc.utf8_rtrim(marked, "\x1f"), "\x1f")
    return pa.table(
        {
            "id": raw["guid"],
            "text": raw["sentence"],
            "tokens": characters,
            "spans": to_lists([_span(raw[n]) for n in ("subject_entity", "object_entity")]),
        }
    )


def _span(entity: pa.ChunkedArray) -> pa.StructArray:
    word, start, end, label = (pc.struct_field(whole(entity), n) for n in _ENTITY.names)
    names = ["start", "end", "label", "text"]
    return pa.StructArray.from_arrays(
        [start, pc.add(end, pa.scalar(1, pa.int32())), label, word], names
    )


def parsed(raw: pa.Table) -> pa.Table:
    """Tag words with the label of their dependency; heads are in the raw columns."""
    return pa.table({"id": content_key(raw["sentence"], raw["word_form"], raw["deprel"]),
                     "text": raw["sentence"], "tokens": raw["word_form"], "tags": raw["deprel"]})  # fmt: skip


def reading_comprehension(raw: pa.Table) -> pa.Table:
    """Take the first answer; rows without an answer hold plausible ones, which are none."""
    impossible = pc.fill_null(raw["is_impossible"], False)
    texts = pc.struct_field(whole(raw["answers"]), "text")
    first = pick(texts, pa.repeat(pa.scalar(0), raw.num_rows))
    kind = pc.binary_join_element_wise("question_type", raw["question_type"].cast(_S), "=")
    tags = pc.if_else(impossible, to_lists([kind, pa.repeat("impossible", raw.num_rows)]),
                      to_lists([kind]))  # fmt: skip
    return pa.table({"id": raw["guid"], "question": raw["question"], "context": raw["context"],
                     "answer": pc.if_else(impossible, pa.scalar(None, _S), first),
                     "tags": tags})  # fmt: skip


def talked(raw: pa.Table) -> pa.Table:
    """Make turns; the system's turns carry no state."""
    turns = whole(raw["dialogue"])
    role = pc.struct_field(turns.flatten(), "role")
    strange = pc.invert(pc.is_in(role, value_set=pa.array(["user", "sys"])))
    if bad := positions(strange):
        rows = rows_of(turns, bad)
        raise ValueTypeError("a turn has a role nobody knows", rows=rows, column="dialogue",
                             expected="user or sys", hint="map it, and raise the source's version")  # fmt: skip
    role = pc.if_else(pc.equal(role, "sys"), "assistant", role)
    text = pc.struct_field(turns.flatten(), "text")
    return pa.table({"id": raw["guid"], "messages": dialogues(turns, role, text)})


VERSION_1_1 = {
    "nli": {**dict.fromkeys(("guid", "source", "premise", "hypothesis", "gold_label", "author"), _S),
            **dict.fromkeys((f"label{number}" for number in range(2, 6)), _S)},
    "sts": RAW["sts"],
    "ner": {"guid": _S, "sentence": _S, "tokens": _TEXTS, "ner_tags": _TEXTS},
    "dp": {"guid": _S, "sentence": _S,
           **dict.fromkeys(("index", "word_form", "lemma", "pos", "head", "deprel"), _TEXTS)},
}  # fmt: skip
"""Raw columns of the files the authors hand out, version 1.1."""


def _authors(hub: Layout, subset: str, normalize: Kernel) -> Layout:
    """Return the layout of a task in the authors' own files, of which the hub's are a copy."""
    blocks = "guid" not in RAW[subset]
    ending = "tsv" if blocks else "json"
    return replace(
        hub,
        distribution=f"the authors' files, version 1.1, such as klue-{subset}-v1.1_dev.{ending}",
        files=f"**/klue-{{subset}}-v1.1_{{upstream}}.{ending}",
        split_names={"validation": "dev"},
        read=Reading(format="token-blocks" if blocks else "json", header_lines=5 if blocks else 0),
        raw=pa.schema(VERSION_1_1[subset]),
        normalize=normalize,
        aliases={"source": ("genre",), "tokens": ("CHAR",), "ner_tags": ("NE_TAG",)},
        optional=tuple(name for name in VERSION_1_1[subset] if name.startswith(("author", "label"))
                       and name != "labels"),
        extra="ignore",
    )  # fmt: skip


def _layout(subset: str, schema: pa.Schema, normalize: Kernel, **views: View) -> Layout:
    return Layout(
        at=Hub("klue/klue", revision="349481ec73fff722f88e0453ca05c77a447d967c"),
        files="{subset}/{upstream}-*.parquet",
        raw=pa.schema(RAW[subset]),
        schema=schema,
        normalize=normalize,
        repeats="guid" not in RAW[subset],
        views=views,
    )


LAYOUTS = {
    "ynat": _layout("ynat", LABELED, partial(classified, text="title", names=TOPICS)),
    "sts": _layout("sts", LABELED, similarity),
    "nli": _layout("nli", LABELED, partial(classified, text="premise", pair="hypothesis",
                                           names=INFERENCE)),
    "ner": _layout("ner", TOKENS, entities),
    "re": _layout("re", LABELED, partial(classified, text="sentence", names=RELATIONS),
                  entities=View(TOKENS, related, "Characters, with subject and object as the "
                                "two spans, in this order.")),
    "dp": _layout("dp", TOKENS, parsed),
    "mrc": _layout("mrc", QA, reading_comprehension),
    "wos": _layout("wos", DIALOGUE, talked),
}  # fmt: skip
OFFICIAL = {"nli": inferred, "sts": similarity, "ner": named_entities, "dp": parsed}
LAYOUTS |= {
    subset: replace(LAYOUTS[subset], also=(_authors(LAYOUTS[subset], subset, normalize),))
    for subset, normalize in OFFICIAL.items()
}


def _parts() -> tuple[Part, ...]:
    return tuple(
        part
        for subset, (train, validation) in ROWS.items()
        for part in (
            Part(subset, "train", train, layout=LAYOUTS[subset], proof=_proof("train")),
            Part(subset, "validation", validation, layout=LAYOUTS[subset], evaluation=True,
                 proof=_proof("dev")),
        )
    )  # fmt: skip


def _proof(upstream: str) -> Proof:
    """Say how upstream's keys name their split, such as ``klue-nli-v1_train_00000``."""
    return {"guid": f"^(?:[^_]*|.*_{upstream}_.*)$"}


SOURCE = Source(
    name="klue",
    title="KLUE: Korean Language Understanding Evaluation",
    about="Eight tasks: topics, sentence similarity, inference, entities, relations, dependencies, "
    "reading comprehension and dialogue states.",
    language=("ko",),
    layout=LAYOUTS["ynat"],
    parts=_parts(),
    license=(Claim("CC-BY-SA-4.0", "front matter of the card of klue/klue"),),
    citation="""@misc{park2021klue,
  title         = {KLUE: Korean Language Understanding Evaluation},
  author        = {Sungjoon Park and Jihyung Moon and Sungdong Kim and Won Ik Cho and others},
  year          = {2021},
  eprint        = {2105.09680},
  archivePrefix = {arXiv}
}""",
    quirks=(
        "KLUE is a benchmark without public test split: numbers are reported on validation, so "
        "train on split='train' alone.",
        "Each subset has its own columns: name one. A circulating count of 205,608 rows adds "
        "train and validation of all.",
        "mrc keeps plausible answers of questions that have none in the raw column `answers`; "
        "here such questions have no answer and the tag 'impossible'.",
        "ner tokens are characters, blanks included; the raw sentence carries inline markup, so "
        "the text is joined from the tokens.",
        "re counts its `end_idx` inclusively; view='entities' gives spans with an exclusive end.",
        "sts has hyphenated keys in `labels`; `score` is its `label` from 0 to 5, `label` the "
        "binary class, and `real-label` stays in the raw view.",
        "wos turns of the system have no state.",
        "ner and dp rows have no key upstream; theirs is a hash of the row.",
        "The files on GitHub are version 1.1 with other names (genre, gold_label, nested mrc) and the "
        "same rows; the hub copy was built from version 1. Of nli and sts (JSON) and of ner and dp (TSV "
        "with five ## lines and a ## line above each sentence) a path= to them is read as what it is, "
        "with the ids of the hub's copy. Of the other tasks it is refused.",
    ),
)
