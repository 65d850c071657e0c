"""Invented rows for PubMedQA, in upstream's three Parquet layouts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.pubmedqa import LAYOUT

# question, sections, labels, terms, conclusion, decision
LABELED = [
    ("Does regular tooth brushing reduce caries in children?",
     ["Caries is common.", "We followed 200 children."], ["BACKGROUND", "METHODS"],
     ["Child", "Dental Caries"], "Regular brushing went with less caries.", "yes"),
    ("Do taller chairs shorten clinic visits?", ["We compared two clinics."], ["METHODS"],
     ["Furniture"], "Visits were no shorter.", "no"),
    ("Is music in waiting rooms helpful?", ["Waiting is dull.", "Forty people were asked.", "Opinions "
     "differed."], ["OBJECTIVE", "METHODS", "RESULTS"], ["Music", "Waiting Lists"],
     "Some liked it; more study is needed.", "maybe"),
    ("Can plants lower noise in wards?", ["Plants were placed in wards."], ["METHODS"], [],
     "Noise fell slightly.", "yes"),
    ("Is walking to work related to mood?", ["A survey of 90 clerks.\nTwo sites."], ["METHODS"],
     ["Walking", "Affect"], "Walkers reported a better mood.", "yes"),
]  # fmt: skip
ARTIFICIAL = [
    ("Does salt in ice water slow melting?", ["Ice melts."], ["BACKGROUND"], ["Ice"],
     "Salted water melted ice faster.", "no"),
    ("Does shade cool a courtyard?", ["We measured two yards."], ["METHODS"], ["Temperature"],
     "The shaded yard was cooler.", "yes"),
    ("Do larger cups lead to more tea drinking?", ["Cups differ."], ["BACKGROUND"], ["Tea"],
     "More tea was drunk from larger cups.", "yes"),
    ("Does colour of socks change walking speed?", ["Walkers wore socks."], ["METHODS"], [],
     "Speed did not change.", "no"),
]  # fmt: skip
UNLABELED = [
    ("Do whistles help to find hikers?", ["Hikers get lost."], ["BACKGROUND"], ["Noise"],
     "Whistles carried further than voices.", None),
    ("Are paper charts lighter than tablets?", ["Charts were weighed."], ["METHODS"], [],
     "Thin charts were.", None),
    ("Do bees visit hospital gardens?", ["Gardens were watched."], ["METHODS"], ["Bees"], "They do.", None),
]  # fmt: skip
FIELDS = {
    "pqa_labeled": LAYOUT.raw.field("context").type,
    "pqa_artificial": pa.struct(list(LAYOUT.raw.field("context").type)[:3]),
    "pqa_unlabeled": pa.struct(list(LAYOUT.raw.field("context").type)[:3]),
}


def write(folder: Path) -> None:
    every = {"pqa_labeled": LABELED, "pqa_artificial": ARTIFICIAL, "pqa_unlabeled": UNLABELED}
    for first, (subset, rows) in enumerate(every.items(), 1):
        schema = LAYOUT.raw.set(2, pa.field("context", FIELDS[subset]))
        table = pa.Table.from_pylist(
            [_row(first * 1000 + n, row) for n, row in enumerate(rows)], schema=schema
        )
        if subset == "pqa_unlabeled":
            table = table.drop_columns(["final_decision"])
        file = folder / subset / "train-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, file)


def _row(pubid: int, row: tuple) -> dict:
    question, contexts, labels, meshes, conclusion, decision = row
    context = {"contexts": contexts, "labels": labels, "meshes": meshes,
               "reasoning_required_pred": [decision] * 2, "reasoning_free_pred": [decision]}  # fmt: skip
    return {"pubid": pubid, "question": question, "context": context, "long_answer": conclusion,
            "final_decision": decision}  # fmt: skip
