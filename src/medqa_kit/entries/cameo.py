"""CAMEO: emotional speech, listed by mistake as clinical case studies. There is nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="cameo",
    title="CAMEO",
    about="A collection of multilingual emotional speech corpora: audio, not text.",
    language=("mul",),
    layout=NoData(
        "it is speech audio of acted emotions, not clinical case studies, and holds no medical text",
        see="https://huggingface.co/datasets/amu-cai/CAMEO for the audio; of English sources with "
        "case vignettes medqa_usmle is one",
        access="no-rows",
    ),
    license=(Claim("CC-BY-NC-SA-4.0", "tag of the card of amu-cai/CAMEO"),),
    citation="""@article{cameo2025,
  title   = {CAMEO: Collection of Multilingual Emotional Speech Corpora},
  journal = {arXiv preprint arXiv:2505.11051},
  year    = {2025}
}""",
    quirks=(
        "One split per corpus, eight languages, with an audio column.",
        "The card of medical_training_dataset lists it as 'clinical case studies'; no row of it is "
        "there.",
    ),
)
