"""Write how each type of result shows itself: ``python tools/write_shown.py``.

``tests/golden/shown`` holds an example of each, as a terminal and as a notebook shows it. Read the diff
before you commit it.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import shown_results
from medqa_kit.core.showing import drawing

if __name__ == "__main__":
    drawing.find_spec = lambda _: None  # charts as tables, with or without the extra
    shown_results.GOLDEN.mkdir(exist_ok=True)
    for name in shown_results.MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            for ending, text in shown_results.shown(name, Path(folder)).items():
                (shown_results.GOLDEN / f"{name}.{ending}").write_text(text, "utf-8")
