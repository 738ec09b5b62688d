"""Make notebooks of the experiments, for Colab or Jupyter: generated, never edited by hand.

Examples:
  python -m courses.notebooks
  python -m courses.notebooks --execute
  python -m courses.notebooks early_stopping --out /tmp/notebooks

Usage:
  notebooks.py [NAME]... [--out FOLDER] [--execute]
  notebooks.py (-h | --help)

Options:
  --out FOLDER  Where the notebooks go [default: build/notebooks].
  --execute     Run them in their quick form, and keep what they show.
  -h, --help    Show this.

Needs: pip install jupytext nbclient ipykernel. A notebook needs this repository around it: on
Colab, upload its zip and unpack it in the first cell.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from courses.commands import run_command
from data.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
# The experiments by their names, with the course that each belongs to.
COURSES = {
    "early_stopping": "mlp_from_scratch",
    "momentum": "mlp_from_scratch",
    "out_of_distribution": "mlp_from_scratch",
    "transformer": "mlp_from_scratch",
    "width_sweep": "recurrent_lm",
    "batch_sweep": "recurrent_lm",
    "sequence_sweep": "recurrent_lm",
    "large_run": "recurrent_lm",
}
QUICK = ("--quick",)
LIMIT = 600  # seconds for a cell

SETUP = """import os, sys
from pathlib import Path

# The notebook works in the folder of the repository: the one that holds train.py.
while not Path("train.py").exists():
    if Path.cwd() == Path.cwd().parent:
        raise SystemExit("start this inside the repository (on Colab: unpack its zip first)")
    os.chdir("..")
sys.path.insert(0, os.getcwd())"""
SHOW = """from IPython.display import Image, display

for picture in sorted(OUT.glob("*.png")):
    display(Image(str(picture)))"""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the notebooks; returns the exit code."""
    return run_command("notebooks", __doc__, argv, _write, "the notebooks made so far are whole")


def _write(arguments: Mapping[str, Any]) -> None:
    names = arguments["NAME"] or list(COURSES)
    unknown = [name for name in names if name not in COURSES]
    if unknown:
        raise ValueError(f"there is no notebook {unknown[0]}; there are {', '.join(COURSES)}")
    for name in names:
        path = Path(arguments["--out"]) / f"{name}.ipynb"
        text = notebook(name, execute=arguments["--execute"])
        write_atomically(path, lambda partial, text=text: partial.write_text(text, "utf-8"))
        print(path)


def notebook(name: str, words: Sequence[str] = QUICK, *, execute: bool = False) -> str:
    """A notebook of an experiment, as the text of an .ipynb file.

    Args:
        name: of the experiment.
        words: the command line that its last cell runs.
        execute: run it, and keep its output.

    Raises:
        ValueError: if a package for notebooks is missing, or a cell fails.
    """
    try:
        import jupytext
    except ImportError:
        raise ValueError("install first: pip install jupytext nbclient ipykernel") from None
    made = jupytext.reads("\n\n".join(_cells(name, words)), fmt="py:percent")
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # not at random: the same script gives the same bytes
    if execute:
        _execute(made)
    return str(jupytext.writes(made, fmt="ipynb"))


def _cells(name: str, words: Sequence[str]) -> Iterator[str]:
    """The cells in jupytext's percent format: a script cut at its definitions."""
    script = f"courses/{COURSES[name]}/{name}.py"
    source = (ROOT / script).read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    usage = ast.get_docstring(tree) or ""
    idea = usage.partition("\n\nExamples:")[0]
    yield _markdown(f"# {idea}\n\nGenerated from `{script}`: change that.")
    yield _code("from __future__ import annotations\n\n" + SETUP)
    yield _code(f"__doc__ = {usage!r}")
    plain: list[str] = []
    for node in tree.body[1:]:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            plain.append(text)
            continue
        if plain:
            yield _code("\n".join(plain))
            plain = []
        claim = (ast.get_docstring(node) or node.name.strip("_")).partition("\n")[0]
        yield _markdown(f"**{node.name}**: {claim}")
        yield _code(text)
    yield _markdown("## Run it\n\nWithout `--quick` it takes minutes. `--resume` goes on.")
    yield _code(
        f'OUT = Path("runs/notebook-{name}")\nmain([*{[*words]!r}, "--restart", "--out", str(OUT)])'
    )
    yield _code(SHOW)


def _markdown(text: str) -> str:
    return "# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _code(text: str) -> str:
    return f"# %%\n{text}"


def _execute(made: Any) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    resources = {"metadata": {"path": str(ROOT)}}
    client = NotebookClient(made, kernel_name="python3", timeout=LIMIT, resources=resources)
    try:
        client.execute()
    except CellExecutionError as error:
        raise ValueError(f"a cell failed: {str(error).strip().splitlines()[-1]}") from error


if __name__ == "__main__":
    sys.exit(main())
