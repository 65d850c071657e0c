"""Invented rows for the eight tasks of KLUE, in upstream's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.klue import ENTITIES, RAW

SENTENCE = "김가나는 다라병원 원장이다."


def _entity(word: str, kind: str) -> dict:
    start = SENTENCE.index(word)
    return {"word": word, "start_idx": start, "end_idx": start + len(word) - 1, "type": kind}


def _ner(marked: str, parts: list[tuple[str, str]]) -> dict:
    tags = [[f"B-{t}"] + [f"I-{t}"] * (len(p) - 1) if t else ["O"] * len(p) for p, t in parts]
    return {"sentence": marked, "tokens": list("".join(p for p, _ in parts)),
            "ner_tags": [ENTITIES.index(tag) for row in tags for tag in row]}  # fmt: skip


def _mrc(guid: str, question: str, texts: list[str], kind: int, *, impossible: bool) -> dict:
    context = "다라병원은 1987년에 문을 열었다. 초대 원장은 김가나였다."
    return {"title": "다라병원의 역사", "context": context, "news_category": None, "source": "wikipedia",
            "guid": guid, "is_impossible": impossible, "question_type": kind, "question": question,
            "answers": {"answer_start": [context.index(t) for t in texts], "text": texts}}  # fmt: skip


def _turns(*turns: tuple[str, str, list[str] | None]) -> list[dict]:
    return [dict(zip(("role", "text", "state"), turn, strict=True)) for turn in turns]


NER = _ner(
    "<김가나:PS>는 <다라병원:OG> 원장",
    [("김가나", "PS"), ("는 ", ""), ("다라병원", "OG"), (" 원장", "")],
)
ROWS = {
    "ynat": {
        "train": [
            {"guid": "ynat-v1_train_00000", "title": "독감 백신 무료 접종 시작", "label": 3,
             "url": "https://news.example/1", "date": "2020.10.01. 오전 9:00"},
            {"guid": "ynat-v1_train_00001", "title": "축구대표팀 내일 경기", "label": 5,
             "url": "https://news.example/2", "date": "2020.10.02. 오후 1:00"},
        ],
        "validation": [
            {"guid": "ynat-v1_dev_00000", "title": "새 반도체 공정 공개", "label": 0,
             "url": "https://news.example/3", "date": "2020.10.03. 오후 2:00"},
        ],
    },
    "sts": {
        "train": [
            {"guid": "klue-sts-v1_train_00000", "source": "airbnb-rtt", "sentence1": "방이 깨끗해요.",
             "sentence2": "방이 청결합니다.",
             "labels": {"label": 4.2, "real-label": 4.166666667, "binary-label": 1}},
        ],
        "validation": [
            {"guid": "klue-sts-v1_dev_00000", "source": "policy-sampled", "sentence1": "비가 온다.",
             "sentence2": "진료비가 올랐다.",
             "labels": {"label": 0.4, "real-label": 0.428571429, "binary-label": 0}},
        ],
    },
    "nli": {
        "train": [
            {"guid": f"klue-nli-v1_train_0000{i}", "source": "wikipedia", "premise": "의사가 왔다.",
             "hypothesis": h, "label": i}
            for i, h in enumerate(["누군가 왔다.", "의사는 젊다.", "아무도 오지 않았다."])
        ],
        "validation": [
            {"guid": "klue-nli-v1_dev_00000", "source": "NSMC", "premise": "재미있다.",
             "hypothesis": "지루하다.", "label": 2},
        ],
    },
    "ner": {"train": [NER, NER], "validation": [_ner("<어제:DT> 쉬었다", [("어제", "DT"), (" 쉬었다", "")])]},
    "re": {
        "train": [
            {"guid": "klue-re-v1_train_00000", "sentence": SENTENCE,
             "subject_entity": _entity("김가나", "PER"), "object_entity": _entity("다라병원", "ORG"),
             "label": 18, "source": "wikipedia"},
        ],
        "validation": [
            {"guid": "klue-re-v1_dev_00000", "sentence": SENTENCE,
             "subject_entity": _entity("다라병원", "ORG"), "object_entity": _entity("원장", "POH"),
             "label": 0, "source": "wikitree"},
        ],
    },
    "dp": {
        "train": [
            {"sentence": "의사가 왔다.", "index": [1, 2], "word_form": ["의사가", "왔다."],
             "lemma": ["의사 가", "오 았 다 ."], "pos": ["NNG+JKS", "VV+EP+EF+SF"], "head": [2, 0],
             "deprel": ["NP_SBJ", "VP"]},
        ],
        "validation": [
            {"sentence": "약을 먹는다.", "index": [1, 2], "word_form": ["약을", "먹는다."],
             "lemma": ["약 을", "먹 는다 ."], "pos": ["NNG+JKO", "VV+EF+SF"], "head": [2, 0],
             "deprel": ["NP_OBJ", "VP"]},
        ],
    },
    "mrc": {
        "train": [
            _mrc("klue-mrc-v1_train_00000", "병원이 문을 연 해는?", ["1987년", "1987"], 1, impossible=False),
            _mrc("klue-mrc-v1_train_00001", "2대 원장은?", ["김가나"], 3, impossible=True),
        ],
        "validation": [
            _mrc("klue-mrc-v1_dev_00000", "초대 원장은?", ["김가나"], 2, impossible=False),
        ],
    },
    "wos": {
        "train": [
            {"guid": "wos-v1_train_00000", "domains": ["숙소"], "dialogue": _turns(
                ("user", "가까운 숙소를 찾아요.", ["숙소-지역-근처"]),
                ("sys", "며칠 묵으시나요?", None),
                ("user", "이틀이요.", ["숙소-지역-근처", "숙소-예약 기간-2"]),
                ("sys", "예약했습니다.", []))},
        ],
        "validation": [
            {"guid": "wos-v1_dev_00000", "domains": ["식당"], "dialogue": _turns(
                ("user", "죽집 있나요?", ["식당-종류-죽"]), ("sys", "네, 있습니다.", None))},
        ],
    },
}  # fmt: skip


def write(folder: Path) -> None:
    for subset, splits in ROWS.items():
        for split, rows in splits.items():
            file = folder / subset / f"{split}-00000-of-00001.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(RAW[subset])), file)
