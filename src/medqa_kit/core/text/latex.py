r"""Commands of LaTeX that change the look of the text in braces after them, such as ``\textbf{…}``."""

from __future__ import annotations

LOOKS = (
    r"text(?:bf|it|rm|sf|tt|up|normal)?|math(?:rm|bf|it|sf|tt)|mbox|emph|underline|bm|boldsymbol"
)
"""The names of these commands, as part of a pattern; who reads more of them adds their names."""
