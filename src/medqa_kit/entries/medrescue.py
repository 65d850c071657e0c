"""MedRescue: the second version of the compiled Medical Training Dataset, with more first aid.

A raw row, invented::

    {"input": "What goes into a first-aid box?", "context": "",
     "output": "Plasters, bandages and gloves.", "source": "rescue_qa_dataset"}
"""

from medqa_kit.catalog import Claim, Parent, Part, Source
from medqa_kit.entries._shared.compilation import WARNING, claims, compilation_layout

SOURCE = Source(
    name="medrescue",
    title="MedRescue (compiled, version 2)",
    about="The sources of medical_training_dataset, compiled again with more questions on first aid "
    "and rescue.",
    language=("en",),
    layout=compilation_layout("ericrisco/medrescue", "*.json"),
    parts=(Part(None, "train", 86_667, exact=False),),
    license=(
        *claims("ericrisco/medrescue"),
        *(
            Claim(
                None,
                "generated from handbooks of WHO, IFRC, the US Army, FEMA and others, each with its "
                "own terms",
                applies_to=f"source:{name}",
            )
            for name in ("first_aid_qa_dataset", "rescue_qa_dataset")
        ),
    ),
    citation="""@misc{medrescue,
  title  = {MedRescue},
  author = {Eric Risco},
  year   = {2025},
  url    = {https://huggingface.co/datasets/ericrisco/medrescue}
}""",
    derived_from=(
        Parent("medical_training_dataset", "compiled again, with two sources more", "family"),
    ),
    quirks=(
        "Rows are laid out and normalised like those of medical_training_dataset; the views and what "
        "is said there of options, reasoning, missing answers and families hold here too.",
        "New values of source: first_aid_qa_dataset (2,181 rows) and rescue_qa_dataset (161). They are "
        "generated, with no known lineage, and have no family.",
        "The table of the card adds up to 85,026 and does not name extreme_firstaid_qa_dataset; the "
        "training notebook loads 86,667, which is 1,641 more: very probably those rows.",
        "Most rows also stand in medical_training_dataset: remove duplicates by question before "
        "mixing the two, or use one.",
    ),
    warning=WARNING,
)
