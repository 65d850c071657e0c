"""Invented rows for MedicationQA: missing values as words and as nulls, repeated questions."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.medicationqa import RAW

PAGE = "https://example.org/"
# question, focus, type, answer, section title, url
ROWS = [
    ("can i take vitamin c with breakfast", "vitamin c", "Usage/time",
     "Vitamin C may be taken with or without food.", "How to take it", PAGE + "vitamin-c"),
    ("how to store cough syrup", "cough syrup", "Storage and disposal",
     "Keep it closed, at room temperature and out of the reach of children.", "n/a", PAGE + "syrup"),
    # one question, two legitimate answers
    ("what are throat lozenges made of", "throat lozenges", "Ingredient",
     "Mostly sugar or a sugar substitute, with flavour and a soothing agent.", "Ingredients",
     PAGE + "lozenges"),
    ("what are throat lozenges made of", "throat lozenges", "Ingredient",
     "The list is printed on the pack; menthol and honey are common.", "NA", PAGE + "lozenges-2"),
    # the row without an answer
    ("medicine for nothing in particular", "n/a", "Unanswerable", "n/a", "n/a", "n/a"),
    ("is zinc cream ok on sunburn ", "zinc cream", "Indication",
     " It protects the skin; cool the skin first. ", None, PAGE + "zinc"),  # blanks at the ends
    ("how long do eye drops keep after opening", "eye drops", "Usage/duration",
     "Four weeks.", "Storage", f"{PAGE}drops; {PAGE}drops-2"),  # several urls in one cell
    ("who makes sparkling water", "", "Not_drug_question", "Many companies do.", "n/a", None),
    # a full copy of the first row
    ("can i take vitamin c with breakfast", "vitamin c", "Usage/time",
     "Vitamin C may be taken with or without food.", "How to take it", PAGE + "vitamin-c"),
    ("what colour is a saline spray", "saline spray", "Appearance", "Clear.", "Description",
     PAGE + "saline"),
    ("may i chew a chewable tablet", "chewable tablet", "Usage",
     "Yes.\nChew it well and drink some water.", "Directions", PAGE + "chewable"),
    ("does sunscreen expire", "sunscreen", None, "Yes; see the date on the tube.", "NA", "n/a"),
]  # fmt: skip


def write(folder: Path) -> None:
    file = folder / "data" / "train-00000-of-00001-4c1b0b9f53a9e1d2.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [dict(zip(RAW.names, row, strict=True)) for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows, schema=RAW), file)
