"""A process that runs one test after the other, each in a fork of itself that sees a changed tree.

The heavy libraries are imported once, here; ``medqa_kit`` and the tests are not, so that each fork
reads them as they stand by then. A line of JSON on standard input names a module and a test; the
answer is a line of JSON with the exit code and what pytest wrote.

    python tests/mutants.py ROOT   # ROOT holds src/ and tests/

Exit codes are pytest's; 3 if the module cannot be imported, 9 if the test took too long.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

SECONDS = 120
HEAVY = ("_pytest.assertion.rewrite", "hypothesis", "pyarrow.compute", "pyarrow.dataset",
         "pyarrow.parquet", "pyarrow.csv", "pyarrow.json", "openpyxl", "regex", "tiktoken",
         "jsonschema", "jinja2", "xxhash", "huggingface_hub", "datasets")  # fmt: skip


class Imports:
    """Import the changed module after collection: a change that only breaks it proves nothing."""

    def __init__(self, module: str) -> None:
        self.module = module

    def pytest_collection_finish(self) -> None:
        importlib.import_module(self.module)


def child(module: str, test: str, output: Path) -> None:
    """Run one test and end the process with pytest's exit code."""
    import pytest

    out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    signal.alarm(SECONDS)
    options = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", f"tests/{test}"]
    code = pytest.main(options, plugins=[Imports(module)])
    sys.stdout.flush()
    os._exit(int(code))


def serve(root: Path, home: Path) -> None:
    sys.path.insert(0, str(root / "src"))
    os.chdir(root)
    output = home.parent / "output"
    for line in sys.stdin:
        job = json.loads(line)
        shutil.rmtree(home, ignore_errors=True)  # no result of another tree is to be found there
        pid = os.fork()
        if not pid:
            child(job["module"], job["test"], output)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        written = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        answer = {"code": 9 if code == -signal.SIGALRM else code, "output": written[-4000:]}
        sys.__stdout__.write(json.dumps(answer) + "\n")
        sys.__stdout__.flush()


def main() -> None:
    root = Path(sys.argv[1])
    sys.path.insert(0, str(root / "tests"))
    from hub import Hub

    with tempfile.TemporaryDirectory(prefix="medqa_kit-mutants-") as temporary:
        home = Path(temporary) / "hf"
        with Hub() as hub:  # only to learn two ports that are free
            ports = hub.ports
            os.environ.update(hub.environment(str(home)))
        os.environ["MEDQA_KIT_TEST_HUB"] = "{} {}".format(*ports)
        del sys.modules["hub"], sys.modules["hub_http"]
        for name in HEAVY:
            importlib.import_module(name)
        serve(root, home)


if __name__ == "__main__":
    main()
