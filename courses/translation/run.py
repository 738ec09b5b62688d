r"""Train the translator of q11, and translate with it.

Examples:
  python -m courses.translation.run train --save-to=runs/nmt/model.bin
  python -m courses.translation.run train --train-src=en_es_data/train.es --train-tgt=\
en_es_data/train.en --dev-src=en_es_data/dev.es --dev-tgt=en_es_data/dev.en --vocab=vocab.json
  python -m courses.translation.run train --save-to=runs/nmt/model.bin --resume
  torchrun --nproc_per_node=2 -m courses.translation.run train --batch-size=64
  python -m courses.translation.run decode runs/nmt/model.bin en_es_data/test.es \
en_es_data/test.en outputs/test_outputs.txt

Usage:
  run.py train [options]
  run.py decode [options] MODEL_PATH TEST_SOURCE_FILE OUTPUT_FILE
  run.py decode [options] MODEL_PATH TEST_SOURCE_FILE TEST_TARGET_FILE OUTPUT_FILE
  run.py (-h | --help)

Options:
  -h --help                     Show this.
  --cuda                        The same as --device=cuda.
  --device=<device>             auto, cpu or cuda [default: auto].
  --train-src=<file>            Sentences to learn from [default: en_es_data/train.es].
  --train-tgt=<file>            Their translations [default: en_es_data/train.en].
  --dev-src=<file>              Sentences to measure on [default: en_es_data/dev.es].
  --dev-tgt=<file>              Their translations [default: en_es_data/dev.en].
  --vocab=<file>                The words, of vocab.py [default: vocab.json].
  --seed=<int>                  Makes a training repeatable [default: 0].
  --batch-size=<int>            Sentences in a batch, of all processes [default: 32].
  --embed-size=<int>            Width of the embeddings [default: 256].
  --hidden-size=<int>           Width of the LSTMs [default: 256].
  --attention=<name>            multiplicative, dot or additive [default: multiplicative].
  --clip-grad=<float>           A longer gradient is cut to this length [default: 5.0].
  --log-every=<int>             Iterations between two lines [default: 10].
  --max-epoch=<int>             Passes over the data [default: 30].
  --input-feed                  The decoder reads its last output as well: it always does.
  --patience=<int>              As many validations in a row that are no better are a trial: back
                                to the best model, with a smaller learning rate [default: 5].
  --max-num-trial=<int>         This trial ends the training; there is no restart [default: 5].
  --lr-decay=<float>            What a restart multiplies the learning rate with [default: 0.5].
  --beam-size=<int>             Hypotheses that are pursued [default: 5].
  --lr=<float>                  Learning rate [default: 0.001].
  --uniform-init=<float>        Weights begin between this and minus this [default: 0.1].
  --save-to=<file>              The model [default: model.bin].
  --valid-niter=<int>           Iterations between two validations [default: 2000].
  --dropout=<float>             How much is dropped in training [default: 0.3].
  --max-decoding-time-step=<int>  The most words of a translation [default: 70].
  --resume                      Go on with the training beside --save-to.
  --restart                     Throw the training beside --save-to away.

Exit code: 0 done, 1 a part is not written yet or a loss is no longer a number, 2 the command line
or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from courses.commands import number, run_command

if TYPE_CHECKING:
    from courses.translation.nmt_settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Train or translate, as the command line says; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    stopped = (
        "nothing is written" if words[:1] == ["decode"] else "--resume goes on from the last save"
    )
    return run_command("run", __doc__, words, _work, stopped)


def _work(arguments: Mapping[str, Any]) -> None:
    if arguments["--cuda"]:
        arguments = {**arguments, "--device": "cuda"}
    if arguments["train"]:
        from courses.translation.training_run import train

        train(arguments, choose_settings(arguments))
    else:
        from courses.translation.decoding import decode

        decode(arguments)


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options of the same names."""
    from courses.translation.nmt_settings import Settings

    kinds = {"int": int, "float": float, "str": str}
    return Settings(
        **{
            it.name: number(arguments, f"--{it.name.replace('_', '-')}", kinds[it.type])
            for it in fields(Settings)
        }
    )


if __name__ == "__main__":
    sys.exit(main())
