"""KM-BERT, a Korean medical language model. Weights, not rows: there is nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="km_bert",
    title="KM-BERT",
    about="A BERT model pre-trained on Korean medical text, in several vocabularies.",
    language=("ko",),
    layout=NoData(
        "it is a model: weights are published, the corpus it was trained on is not",
        see="https://github.com/KU-RIAS/KM-BERT-Korean-Medical-BERT for the weights; kbmc or "
        "kormedmcqa for Korean medical rows",
        access="model",
    ),
    license=(Claim(None, "repository KU-RIAS/KM-BERT-Korean-Medical-BERT: no licence file"),),
    citation="""@article{kmbert2022,
  title   = {A pre-trained {BERT} for {Korean} medical natural language processing},
  journal = {Scientific Reports},
  year    = {2022},
  doi     = {10.1038/s41598-022-17806-8}
}""",
    quirks=(
        "Its training text is described in three ways: the authors' README names textbooks, health "
        "news and research articles; a guide names AI-Hub and 28 specialties.",
    ),
)
