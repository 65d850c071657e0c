"""Korean clinical entity recognition, a paper whose data was not released. Nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="korean_clinical_ner",
    title="Korean clinical entity recognition from diagnosis text",
    about="Questions of a medical advice site, tagged with symptoms or diseases, tests and "
    "treatments, for a paper of 2020.",
    language=("ko",),
    layout=NoData(
        "the paper's data was not released",
        see="https://doi.org/10.1186/s12911-020-01241-8 for the paper; kbmc for Korean medical text "
        "with tagged entities",
    ),
    license=(Claim(None, "the data is not published, so no licence is"),),
    citation="""@article{kim2020korean,
  title   = {Korean clinical entity recognition from diagnosis text using {BERT}},
  author  = {Kim and Lee},
  journal = {BMC Medical Informatics and Decision Making},
  year    = {2020},
  doi     = {10.1186/s12911-020-01241-8}
}""",
)
