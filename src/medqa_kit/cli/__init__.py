"""The command line: it calls public functions and nothing else."""

from medqa_kit.cli.program import main

__all__ = ["main"]
