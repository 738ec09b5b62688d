"""The homework's short commands for the translator of q11, in the order in which they are needed.

Examples:
  python -m courses.translation.vocab
  python -m courses.translation train_local
  python -m courses.translation test_local
  python -m courses.translation train
  python -m courses.translation train --resume
  torchrun --nproc_per_node=4 -m courses.translation train   # on four CPU cores
  python -m courses.translation test

Usage: python -m courses.translation (train_local | test_local | train | test) [OPTION...]

  train_local  Train a small model on a few hundred short sentences: about a minute on one CPU core,
               to see that everything works. It learns a few words and how sentences end.
  test_local   Translate their test part with it.
  train        The real training. On the help pages' 28,000 sentences about an hour on one CPU
               core, or minutes with a GPU. After Ctrl-C or a crash, --resume goes on.
  test         Translate the test part into outputs/test_outputs.txt and print BLEU.

Every command is run.py with the options that it prints first; more options, or other values, may
follow, such as --device=cpu or --beam-size=10. What they mean: python -m courses.translation.run
--help

Exit code: 0 done, 1 a part is not written yet or a loss is no longer a number, 2 the command line
or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

LOCAL, REAL = Path("runs/nmt-local"), Path("runs/nmt")
TINY = {"train": 800, "dev": 50, "test": 50}

TRAIN_LOCAL = [
    "train",
    *(f"--{name}-{side}={LOCAL}/data/{name}.{language}"
      for name in ("train", "dev") for side, language in (("src", "es"), ("tgt", "en"))),
    f"--save-to={LOCAL}/model.bin", "--restart",
    "--embed-size=128", "--hidden-size=128", "--batch-size=16", "--lr=0.005",
    "--valid-niter=100", "--patience=1", "--max-num-trial=3", "--max-epoch=10",
]  # fmt: skip
# A larger batch keeps a CPU busier; its steps are fewer and may be longer. Validations are frequent
# enough to notice early when a learning rate has done its work.
TRAIN = [
    "train", f"--save-to={REAL}/model.bin", "--batch-size=64", "--lr=0.002",
    "--valid-niter=200", "--patience=1", "--max-num-trial=3",
]  # fmt: skip
TEST_LOCAL = [
    "decode", f"{LOCAL}/model.bin", f"{LOCAL}/data/test.es", f"{LOCAL}/data/test.en",
    "outputs/test_local_outputs.txt",
]  # fmt: skip
TEST = [
    "decode", f"{REAL}/model.bin", "en_es_data/test.es", "en_es_data/test.en",
    "outputs/test_outputs.txt",
]  # fmt: skip
VERBS = {"train_local": TRAIN_LOCAL, "test_local": TEST_LOCAL, "train": TRAIN, "test": TEST}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a short command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        (sys.stdout if words else sys.stderr).write(__doc__.strip() + "\n")
        return 0 if words else 2
    verb, *more = words
    if verb not in VERBS:
        sys.stderr.write(f"there is no command {verb!r}: choose one of {', '.join(VERBS)}\n")
        return 2
    from courses.translation import run

    if {"-h", "--help"} & set(more):
        print("run.py", shlex.join(VERBS[verb]), "\n", flush=True)
        return run.main(["--help"])
    if verb == "train_local":
        code = write_tiny(LOCAL / "data")
        if code:
            return code
    chosen = with_options(VERBS[verb], more)
    if os.environ.get("RANK", "0") == "0":  # torchrun starts several
        print("run.py", shlex.join(chosen), flush=True)
    return run.main(chosen)


def with_options(words: Sequence[str], more: Sequence[str]) -> list[str]:
    """Add options to a command; one that is there already is replaced."""
    given = {word.partition("=")[0] for word in more if word.startswith("--")}
    if "--resume" in given:
        given.add("--restart")  # go on with what would have been thrown away
    return [*(word for word in words if word.partition("=")[0] not in given), *more]


def write_tiny(folder: Path) -> int:
    """Write the first short sentences of every part of en_es_data; returns the exit code."""
    from courses.commands import run_command

    usage = "Usage: train_local [--help]"
    return run_command("train_local", usage, [], lambda _: _write_tiny(folder), "nothing is made")


def _write_tiny(folder: Path) -> None:
    from courses.translation.corpus import FOLDER, find_pairs
    from data.pair_folder import TINY_LONGEST, shortened

    folder.mkdir(parents=True, exist_ok=True)
    for name, most in TINY.items():
        source, target = FOLDER / f"{name}.es", FOLDER / f"{name}.en"
        short = shortened(find_pairs(source, target), most)
        if not short:
            raise ValueError(
                f"{source} and {target} have no pair of which both sentences have at most "
                f"{TINY_LONGEST} words; use train on them"
            )
        for language, sents in (("es", short.source), ("en", short.target)):
            text = "".join(" ".join(sent) + "\n" for sent in sents)
            (folder / f"{name}.{language}").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
