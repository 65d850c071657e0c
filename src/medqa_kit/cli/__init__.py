"""The command line: a thin face on the public names."""

from medqa_kit.cli.program import main

__all__ = ["main"]
