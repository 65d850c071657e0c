"""Turn upstream's rows into one of the seven schemas, without editing any text."""

from medqa_kit.normalizing.columns import RAW_ROW, Columns

__all__ = ["RAW_ROW", "Columns"]
