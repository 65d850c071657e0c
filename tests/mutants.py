"""A process that runs one test after the other, each in a fork of itself that sees a changed tree.

The heavy libraries are imported once, here, and what no change is made to: all of ``medqa_kit`` but its
entries. These and the tests are not, so that each fork reads them as they stand by then. A line of JSON on standard input names a module and a test; the
answer is a line of JSON with the exit code and what pytest wrote.

    python tests/mutants.py ROOT   # ROOT holds src/ and tests/

Exit codes are pytest's; 3 if the module cannot be imported or pytest does not start, 9 if the test took too long.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

SECONDS = 120
PLUGINS = (
    "_hypothesis_pytestplugin",
    "pytest_timeout",
)  # what else is installed takes a while to begin
HEAVY = ("_pytest.assertion.rewrite", *PLUGINS, "hypothesis", "pyarrow.compute", "pyarrow.dataset",
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
    # The libraries were imported before pytest could rewrite those of them that bring plugins.
    ignored = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
    # Its own folder: that of all runs of a user is listed, and old ones removed, by every run beside it.
    temporary = f"--basetemp={output.parent / 'tests'}"
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    options = [
        "-q",
        "-x",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-W",
        ignored,
        temporary,
        *plugins,
    ]
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        code = int(pytest.main([*options, f"tests/{test}"], plugins=[Imports(module)]))
    except BaseException:
        traceback.print_exc()
    finally:  # no exception leaves the fork: as the end of a process, it would count as a failed test
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def import_unchanged(src: Path) -> None:
    """Import what is never changed: all modules of the package but entries, and no entry with them."""
    sys.path.insert(0, str(src))
    for path in sorted((src / "medqa_kit").rglob("*.py")):
        steps = path.relative_to(src).with_suffix("").parts
        if not {"entries", "samples", "__main__"} & {*steps} and "numba" not in path.name:
            importlib.import_module(".".join(steps).removesuffix(".__init__"))
    entries = [name for name in sys.modules if name.startswith("medqa_kit.entries.")]
    assert not entries, f"imported too early: {entries}"


def serve(root: Path, home: Path) -> None:
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
    from _pytest.config import default_plugins

    from hub import Hub

    with tempfile.TemporaryDirectory(prefix="medqa_kit-mutants-") as temporary:
        home = Path(temporary) / "hf"
        with Hub() as hub:  # only to learn two ports that are free
            ports = hub.ports
            os.environ.update(hub.environment(str(home)))
        os.environ["MEDQA_KIT_TEST_HUB"] = "{} {}".format(*ports)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        del sys.modules["hub"], sys.modules["hub_http"]
        for name in HEAVY:
            importlib.import_module(name)
        import_unchanged(root / "src")
        for name in default_plugins:
            importlib.import_module(f"_pytest.{name}")
        gc.freeze()  # nor do forks look through what they share
        serve(root, home)


if __name__ == "__main__":
    main()
