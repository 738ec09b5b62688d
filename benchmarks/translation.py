"""How fast does q11's translator train and search, in how much memory, next to a plain one?

    python benchmarks/translation.py                    on the CPU, about four minutes
    python benchmarks/translation.py --quick            small sizes, seconds; judges nothing
    python benchmarks/translation.py --model model.bin  search with a trained model
    python benchmarks/translation.py --cuda             on a GPU

Training steps (forward, loss, backward, clipping, Adam) by `models.NMT` and `train.fit`, as
`courses.translation` trains, next to the homework's recipe; both get the same tensors. Then the
translations of 1,000 sentences by beam search, next to one sentence at a time; those are fewer,
every tenth in the order of their lengths, and their time is scaled up. Then the memory of one
training step with 50,000 words a language, each in a process of its own: how far its peak lies
above what the model takes, gradients and Adam's memory included.

It is first proved that both compute the same. Contestants take turns on one thread, in seconds of
processor time; the median ratio of the rounds counts. Exits with 1 where ours trains less than
twice as fast (5 times on a GPU), searches less than 10 times as fast or takes more than half of
the memory.

The sentences are those of `python -m data es_en` where they are to be had, otherwise drawn with
lengths like theirs. Without --model the searching model is random, but for a cell of the encoder
that counts the words and one of the decoder that counts down, so that translations become about as
long as their sentences.
"""

from __future__ import annotations

import argparse
import copy
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # read once, when torch is imported
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from hardware import clock_of
from plain_translation import CLIP_NORM, PlainTranslator, plain_search, plain_step, plain_steps
from recurrent_lm import race
from torch import Tensor, optim
from translation_cases import counting_model, sentence_pairs

from courses.translation.batching import Batch, Examples, shuffled
from data.sentence_pairs import SentencePairs
from models.nmt import NMT, Vocab, VocabEntry
from train import FitOptions, fit, to_device

FASTER_TRAINING, FASTER_TRAINING_ON_GPU, FASTER_SEARCH, SHARE_OF_MEMORY = 2.0, 5.0, 10.0, 0.5
DROPOUT = 0.3
BEAM, MOST_WORDS = 5, 70
STATUS = Path("/proc/self/status")  # Linux tells there what a process takes


@dataclass(frozen=True)
class Sizes:
    """What is measured, and how often."""

    width: int = 256  # of embeddings and hidden states
    batch_size: int = 64
    pairs: int = 30_000  # that the vocabulary is made of, at most
    steps: int = 6  # in a round of training
    rounds: int = 5
    sentences: int = 1000  # to translate
    every: int = 10  # of which the plain search gets one
    search_rounds: int = 3
    many_words: int = 50_000  # of each language, for the memory
    length: int = 40  # of sentences, for the memory


QUICK = Sizes(
    width=64, batch_size=16, pairs=2000, steps=2, rounds=2, sentences=40, search_rounds=2,
    many_words=5000, length=10,
)  # fmt: skip


def plain_twin(model: NMT) -> PlainTranslator:
    """The plain translator with the same weights and mode, on the same device."""
    words, width = model.vocab, model.hidden_size
    twin = PlainTranslator(len(words.src), len(words.tgt), width, width, model.dropout_rate)
    twin.load_state_dict(model.state_dict())
    twin.train(model.training)
    return twin.to(model.device).to(model.target_vocab_projection.weight.dtype)


def ours(model: NMT) -> Callable[[list[Batch]], float]:
    """The course's way to train, on a GPU under autocast; gives the mean loss of the batches."""
    optimizer = optim.Adam(model.parameters(), fused=True)
    options = FitOptions(epochs=1, clip_norm=CLIP_NORM)
    weight = model.target_vocab_projection.weight
    few_digits = weight.is_cuda and weight.dtype == torch.float32

    def loss(batch: Batch) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16, enabled=few_digits):
            return model.loss(*batch) / len(batch[1])

    return lambda batches: fit(model, batches, loss, optimizer, options)[0].loss


def plain(model: PlainTranslator) -> Callable[[list[Batch]], float]:
    """The plain way to train."""
    return partial(plain_steps, model, optim.Adam(model.parameters()))


def expect_the_same_training(model: NMT, batch: Batch) -> None:
    """Both have to compute and learn the same, in float64 and with the same words dropped."""
    exact = copy.deepcopy(model).double()
    twin = plain_twin(exact)
    losses = []
    for way in (ours(exact), plain(twin)):
        torch.manual_seed(1)
        losses.append(way([batch]))
    if abs(losses[0] - losses[1]) > 1e-6 * losses[1]:  # `fit` adds up in float32
        raise RuntimeError(f"the loss is {losses[0]}, the plain one {losses[1]}")
    twins = dict(twin.named_parameters())
    for name, parameter in exact.named_parameters():
        torch.testing.assert_close(twins[name].grad, parameter.grad)
        torch.testing.assert_close(twins[name], parameter)


def compare_training(
    sizes: Sizes, pairs: SentencePairs, vocab: Vocab, device: torch.device
) -> float:
    """Measure training in two ways, print, and return the ratio."""
    examples = Examples(pairs, vocab)
    order = shuffled(len(examples), 0)[: sizes.steps * sizes.batch_size]
    numbers = [order[at : at + sizes.batch_size] for at in range(0, len(order), sizes.batch_size)]
    batches = [to_device(examples.batch(some), device) for some in numbers]
    model = NMT(sizes.width, sizes.width, vocab, DROPOUT).to(device)
    expect_the_same_training(model, to_device(examples.batch(order[:8]), device))
    ways = plain(plain_twin(model)), ours(model)
    for way in ways:
        way(batches[:1])  # what is only slow the first time
    slow, fast = (partial(way, batches) for way in ways)
    ratio, slow_time, fast_time = race(slow, fast, sizes.rounds, clock_of(device))
    words = sum(examples.words(some) for some in numbers)
    print(
        f"training: plain {words / slow_time:,.0f} words a second, ours {words / fast_time:,.0f}, "
        f"{ratio:.2f} times as fast (median of {sizes.rounds} rounds of {sizes.steps} batches of "
        f"{sizes.batch_size}; {len(vocab.src):,} and {len(vocab.tgt):,} words, E = H = "
        f"{sizes.width})",
        flush=True,
    )
    return ratio


def expect_the_same_search(model: NMT, sentences: list[list[str]]) -> None:
    """Both have to find the same translations, in float64."""
    exact = copy.deepcopy(model).double()
    twin = plain_twin(exact)
    for sentence, found in zip(
        sentences, exact.beam_search_batch(sentences, BEAM, MOST_WORDS), strict=True
    ):
        (ids,) = model.vocab.src.words2indices([sentence])
        wanted, greedy = (plain_search(twin, ids, beam, MOST_WORDS) for beam in (BEAM, 1))
        if greedy[0][1] > wanted[0][1] + 1e-9:  # ours does not lose it
            wanted = [*greedy, *wanted[: BEAM - 1]]
        if [one.value for one in found] != [
            model.vocab.tgt.indices2words(words) for words, _ in wanted
        ]:
            raise RuntimeError(f"{' '.join(sentence)}: the two searches find different things")
        scores = torch.tensor([[one.score for one in found], [score for _, score in wanted]])
        torch.testing.assert_close(*scores)


def compare_search(sizes: Sizes, model: NMT, sentences: list[list[str]]) -> float:
    """Measure searching in two ways, print, and return the ratio."""
    by_length = sorted(sentences, key=len)
    some = by_length[sizes.every // 2 :: sizes.every]
    expect_the_same_search(model, some[:: max(1, len(some) // 8)])
    twin, ids = plain_twin(model), model.vocab.src.words2indices(some)
    scale = len(sentences) / len(some)
    ratio, slow, fast = race(
        lambda: [plain_search(twin, one, BEAM, MOST_WORDS) for one in ids],
        lambda: model.beam_search_batch(sentences, BEAM, MOST_WORDS),
        sizes.search_rounds,
        clock_of(model.device),
    )
    words = [len(it[0].value) for it in model.beam_search_batch(some, BEAM, MOST_WORDS)]
    print(
        f"search: {len(sentences):,} sentences at beam {BEAM}, {sum(words) / len(words):.1f} words "
        f"in the mean: one at a time {slow * scale:.1f} s (scaled up from {len(some)}), ours "
        f"{fast:.1f} s, {ratio * scale:.2f} times as fast (median of {sizes.search_rounds} rounds)",
        flush=True,
    )
    return ratio * scale


def measure_memory(sizes: Sizes, who: str, device: torch.device) -> None:
    """Train one step and print how far the peak lay above what was taken before, in bytes."""
    entry = VocabEntry.build([[f"w{at}" for at in range(sizes.many_words)]], sizes.many_words, 1)
    model = NMT(sizes.width, sizes.width, Vocab(entry, entry), DROPOUT).to(device)
    # As many words are predicted as read: the last word is asked for, the first is not.
    shape = sizes.length, sizes.batch_size
    tokens = torch.randint(4, len(entry), (sizes.length + 1, sizes.batch_size), device=device)
    batch = tokens[:-1], [shape[0]] * shape[1], tokens
    step: Callable[[], object] = partial(ours(model), [batch])
    if who == "plain":
        twin = plain_twin(model)
        del model
        step = partial(plain_step, twin, optim.Adam(twin.parameters()), batch)
    before = taken(device, "VmRSS")
    step()
    print(taken(device, "VmHWM") - before)


def taken(device: torch.device, what: str) -> int:
    """Bytes that are taken now (`VmRSS`) or were taken at most (`VmHWM`)."""
    if device.type == "cuda":
        most = what == "VmHWM"
        return torch.cuda.max_memory_allocated() if most else torch.cuda.memory_allocated()
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def compare_memory(sizes: Sizes, flags: list[str]) -> float:
    """Measure memory in two fresh processes, print, and return ours' share."""
    found = {}
    for who in ("plain", "ours"):
        command = [sys.executable, __file__, "--memory-of", who, *flags]
        done = subprocess.run(  # noqa: S603 - our own command line
            command, check=True, capture_output=True, text=True
        )
        found[who] = int(done.stdout)
    share = found["ours"] / found["plain"]
    print(
        f"memory of a training step, {sizes.many_words:,} words, {sizes.batch_size} sentences of "
        f"{sizes.length} words: plain {found['plain'] / 2**20:,.0f} MiB, ours "
        f"{found['ours'] / 2**20:,.0f} MiB, {share:.0%}",
        flush=True,
    )
    return share


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes; judges nothing")
    parser.add_argument("--cuda", action="store_true", help="on a GPU")
    parser.add_argument("--model", metavar="FILE", help="search with what NMT.save wrote")
    parser.add_argument("--memory-of", choices=("plain", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cuda and not torch.cuda.is_available():
        parser.error("PyTorch finds no GPU here; leave --cuda out")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    device = torch.device("cuda" if options.cuda else "cpu")
    sizes = QUICK if options.quick else Sizes()
    if options.memory_of:
        measure_memory(sizes, options.memory_of, device)
        return 0
    train, test = sentence_pairs(sizes.pairs, sizes.sentences)
    vocab = Vocab.build(train.source, train.target)
    model = NMT.load(options.model) if options.model else counting_model(sizes.width, vocab)
    results = {
        "training": compare_training(sizes, train, vocab, device),
        "search": compare_search(sizes, model.to(device).eval(), test.source),
    }
    share = None
    if options.cuda or STATUS.exists():
        asked = {"--quick": options.quick, "--cuda": options.cuda}
        share = compare_memory(sizes, [flag for flag, given in asked.items() if given])
    else:
        print("memory: not measured; that takes Linux or --cuda")
    if options.quick:
        print("not judged: the sizes are small")
        return 0
    least = FASTER_TRAINING_ON_GPU if options.cuda else FASTER_TRAINING
    print(
        f"asked: training at least {least:g} times as fast, search {FASTER_SEARCH:g} times, at "
        f"most {SHARE_OF_MEMORY:.0%} of the memory"
    )
    reached = results["training"] >= least and results["search"] >= FASTER_SEARCH
    return 0 if reached and (share is None or share <= SHARE_OF_MEMORY) else 1


if __name__ == "__main__":
    sys.exit(main())
