"""Invented rows for MedMCQA, in upstream's Parquet layout; test labels are withheld."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.medmcqa import SOURCE

# question, four options, number of the right one from 0, kind, explanation, subject, topic
TRAIN = [
    ("Scurvy is due to lack of:", "Vitamin A", "Vitamin B1", "Vitamin C", "Vitamin D", 2, "single",
     "Ans. is 'c': collagen needs it.\n\nRef. an invented textbook", "Biochemistry", "Vitamins"),
    ("Longest bone of the body is", "Femur", "Tibia", "Humerus", "Ulna", 0, "single", "", "Anatomy", None),
    ("Bile is made in the", "Spleen", "Liver", "Pancreas", "Kidney", 1, "multi", "None", "Physiology",
     "Digestion"),
    ("Which one is a red blood cell?", "Erythrocyte", "Thrombocyte", "Lymphocyte", "All", 0, "multi",
     None, "Physiology", "Blood"),
    ("Number of cervical vertebrae:", "5", "7", "12", "4", 1, "single", "Seven in most mammals.",
     "Anatomy", ""),
    (" Tuning fork on the mastoid tests ", "Vision", "Smell", "Taste", "Hearing", 3, "single",
     "Bone conduction.", "ENT", "Ear"),
    ("Scurvy is due to lack of:", "Iron", "Iodine", "Ascorbic acid", "Zinc", 2, "single", None,
     "Biochemistry", "Vitamins"),
]  # fmt: skip
VALIDATION = [
    ("Vitamin K is given to newborns to prevent", "Rickets", "Bleeding", "Fever", "Colic", 1,
     "single", "It is needed for clotting factors.", "Pediatrics", None),
    ("A peak flow meter measures", "Inspiration", "Pulse", "Expiration", "Pressure", 2, "single",
     None, "Medicine", None),
    ("Sweat contains mostly", "Sodium chloride", "Iron", "Starch", "Fat", 0, "multi", "", "Physiology",
     None),
]  # fmt: skip
TEST = [
    ("Pure water has a pH of", "5", "6", "7", "8", -1, "single", "", "Biochemistry", None),
    ("The elbow joins the arm and the", "hand", "forearm", "shoulder", "wrist", -1, "multi", "",
     "Anatomy", None),
]  # fmt: skip


def write(folder: Path) -> None:
    raw = SOURCE.layout.raw
    for split, rows in {"train": TRAIN, "validation": VALIDATION, "test": TEST}.items():
        ids = (f"{split[:2].encode().hex()}0000-0000-4000-8000-{n:012d}" for n in range(len(rows)))
        made = [
            dict(zip(raw.names, (id_, *row), strict=True))
            for id_, row in zip(ids, rows, strict=True)
        ]
        file = folder / "data" / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(made, schema=raw), file)
