"""Which BLEU is a fair pass mark for q11? Measure what a trained reference wrote.

Usage:
    calibrate_bleu.py FILE...

Examples:
    python -m data pairs && sh run.sh vocab && sh run.sh train && sh run.sh test
    python benchmarks/calibrate_bleu.py outputs/test_outputs.txt

Each FILE holds the translations of the test sentences of one training of the reference, one seed
each, on the edition that `python -m data status` names. Its row in grading/pass_marks.json is
written anew. `cs224n-a4` needs none: there the homework's own mark holds.

The mark is 65 % of the mean, rounded down. The reference is past that after a quarter of its
training, so a right translator needs neither luck nor a GPU.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docopt import docopt
from pass_mark_rule import false_fail_rate, spread_of

import data
from grading.checks._bleu import corpus_bleu
from grading.pass_marks import TABLE, PassMark

CHECK = "q11.bleu"
SHARE = 0.65


def main() -> int:
    """Measure the files and write the row; returns the exit code."""
    arguments = docopt(__doc__)
    splits = data.load("es_en")
    assert splits.test is not None  # noqa: S101 - every edition has a test split
    found = []
    for name in arguments["FILE"]:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
        if len(lines) != len(splits.test.target):
            print(f"{name} has {len(lines):,} lines, the test part {len(splits.test.target):,}")
            return 2
        found.append(corpus_bleu([line.split() for line in lines], splits.test.target))
        print(f"{name}: BLEU {found[-1]:.2f} on {splits.edition.name}")
    mark = float(math.floor(SHARE * statistics.fmean(found)))
    row = PassMark(
        mark=mark,
        reference=round(statistics.fmean(found), 2),
        spread=round(spread_of(found), 2),
        seeds=len(found),
        false_fail_rate=float(f"{false_fail_rate(found, mark):.2g}"),
        date=date.today().isoformat(),
    )
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    table.setdefault(CHECK, {})[splits.edition.name] = asdict(row)
    TABLE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(f"a BLEU above {mark:g} passes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
