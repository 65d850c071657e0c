"""Invented sentence pairs in the files of AI-Hub 111: training as a zip, validation unpacked."""

from pathlib import Path

from tools.trees import encoded, write_files, write_zip

# sid, field, Korean, English
TRAIN = [
    [
        (1, "의료/보건", "체온을 재세요.", "Take your temperature."),
        (2, "금융/증시", "은행은 아홉 시에 문을 연다.", "The bank opens at nine."),
        (3, "의료/보건", "비타민 C는 귤에 많다.", "Oranges are rich in vitamin C."),
        (4, "기술/공학", "다리는 돌로 지었다.", "The bridge is built of stone."),
        (5, "스포츠/관광", "산길은 두 시간 걸린다.", "The mountain path takes two hours."),
        (6, "의학", "심장은 피를 내보낸다. ", "The heart pumps blood."),
    ],
    [
        (7, "보건", "손을 씻으면 병을 막을 수 있다.", "Washing hands prevents disease."),
        (8, "법률", "계약서는 두 부 만든다.", "The contract is made in duplicate."),
        (9, "의료/보건", "물을 자주 마신다.", "Drink water often."),
    ],
]
VALIDATION = [
    ("10", "의료/보건", "숨을 깊이 쉰다.", "Breathe deeply."),
    ("11", "금융/증시", "금리가 올랐다.", "Interest rates rose."),
    ("12", "의료/보건", "눈을 쉬게 한다.", "Rest your eyes."),
    ("13", "기상", "비가 온다.", "It is raining."),
]
NAMES = ("sid", "분야", "한국어", "영어")
LENGTHS = ("한국어_어절수", "영어_단어수")
OTHERS = {"길이_분류": 1, "난이도": "하", "수행기관": "어느 곳"}


def write(folder: Path) -> None:
    labels = folder / "라벨링데이터"
    train = {f"ko2en_{i}.json": _list(rows) for i, rows in enumerate(TRAIN, 1)}
    write_zip(labels / "ko2en_training_json.zip", train)
    write_files(labels / "ko2en_validation_json", {"ko2en_1.json": _list(VALIDATION, bom=True)})


def _list(rows: list[tuple], *, bom: bool = False) -> bytes:
    return encoded([_record(*row) for row in rows], bom=bom)


def _record(*row: str | int | None) -> dict:
    words = [len(str(text).split()) for text in row[2:]]
    return {
        **dict(zip(NAMES, row, strict=True)),
        **dict(zip(LENGTHS, words, strict=True)),
        **OTHERS,
    }
