"""The training itself: what it does, and that it can be stopped anywhere."""

import math
from pathlib import Path

import pytest
import torch

from courses.translation import nmt_training
from courses.translation.batching import Examples
from courses.translation.corpus import read_pairs
from courses.translation.nmt_settings import Settings
from courses.translation.nmt_training import Training, draw_uniformly
from courses.translation.patience import Patience
from courses.translation.processes import Processes
from models import NMT, Vocab

CPU = Processes(torch.device("cpu"))
SMALL = {"batch_size": 8, "embed_size": 5, "hidden_size": 7, "lr": 0.02, "log_every": 3}


class Stopped(Exception):
    """The power went off."""


def training_of(corpus: Path, on_save=lambda better: None, **settings) -> Training:
    vocab = Vocab.load(corpus / "vocab.json")
    train, dev = (
        Examples(read_pairs(corpus / f"{name}.es", corpus / f"{name}.en"), vocab)
        for name in ("train", "dev")
    )
    return Training(Settings(**SMALL | settings), train, dev, CPU, on_save)


def weights_of(training: Training) -> dict[str, torch.Tensor]:
    return {name: it.clone() for name, it in training.model.state_dict().items()}


def same(left, right) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[it], right[it]) for it in left)


def test_it_learns_a_language_that_is_translated_word_by_word(corpus):
    training = training_of(
        corpus, batch_size=20, valid_niter=20, max_epoch=40, hidden_size=16, dropout=0.0
    )
    before = training.dev_perplexity()
    training.run()
    assert training.progress.patience.best < before / 4


@pytest.mark.parametrize("saves", [1, 4, 9, 13])
def test_a_training_that_was_stopped_ends_like_one_that_was_not(corpus, monkeypatch, saves, capsys):
    monkeypatch.setattr(nmt_training, "SAVE_EVERY", 0.0)  # after every batch
    settings = {"valid_niter": 4, "patience": 1, "max_num_trial": 9, "lr": 0.2, "max_epoch": 2}
    through = training_of(corpus, **settings)
    through.run()
    lines = capsys.readouterr().out
    assert "back to the best model" in lines  # or nothing would be known of restarts
    kept = []

    def stop(better: bool) -> None:
        tensors, about = stopped.state()
        kept.append(({name: it.clone() for name, it in tensors.items()}, about))
        if len(kept) == saves:
            raise Stopped

    stopped = training_of(corpus, stop, **settings)
    with pytest.raises(Stopped):
        stopped.run()
    resumed = training_of(corpus, **settings)
    torch.rand(saves)  # whatever was drawn before
    resumed.restore(*kept[-1])
    assert resumed.progress.iteration == saves
    resumed.run()
    assert same(weights_of(resumed), weights_of(through))
    assert same(resumed.best, through.best)
    assert resumed.progress.validations == through.progress.validations
    assert resumed.progress.part.loss == through.progress.part.loss


def test_half_the_digits_in_products_train_nearly_the_same_model(corpus, monkeypatch):
    """What a GPU does; a CPU can do it as well, only not faster."""
    usual = training_of(corpus, valid_niter=100, max_epoch=3, dropout=0.0)
    usual.run()
    half = training_of(corpus, valid_niter=100, max_epoch=3, dropout=0.0)
    monkeypatch.setattr(half, "_autocast", lambda: torch.autocast("cpu", torch.bfloat16))
    half.run()
    assert all(it.dtype == torch.float32 for it in half.model.parameters())
    assert not same(weights_of(half), weights_of(usual))
    perplexities = [it.progress.patience.best for it in (half, usual)]
    assert perplexities[0] == pytest.approx(perplexities[1], rel=0.02)


def test_saving_changes_nothing(corpus, monkeypatch):
    rarely = training_of(corpus, valid_niter=5, max_epoch=1)
    rarely.run()
    monkeypatch.setattr(nmt_training, "SAVE_EVERY", 0.0)
    often = training_of(corpus, valid_niter=5, max_epoch=1)
    often.run()
    assert same(weights_of(rarely), weights_of(often))


def test_a_restart_goes_back_to_the_best_model_and_optimizer(corpus, monkeypatch):
    training = training_of(corpus, valid_niter=2, patience=2, max_num_trial=2, lr_decay=0.25)
    found = iter([5.0, 6.0, 7.0, 8.0, 9.0])
    monkeypatch.setattr(training, "dev_perplexity", lambda: next(found))
    seen = []
    training.on_save = lambda better: seen.append(
        (training.state()[0]["now.model.h_projection.weight"].clone(), better)
    )
    training.run()
    best = training.best["model.h_projection.weight"]
    assert [better for _, better in seen] == [True, False, False, False, False]
    assert torch.equal(seen[0][0], best)
    assert not torch.equal(seen[1][0], best)
    assert torch.equal(seen[2][0], best)  # the restart
    assert not torch.equal(seen[3][0], best)
    assert training.optimizer.param_groups[0]["lr"] == 0.02 * 0.25
    steps = {it["step"].item() for it in training.optimizer.state.values()}
    assert steps == {2 + 4}  # the best one's two, and those since the restart
    assert training.progress.ended == "no better after 2 trials"
    assert training.progress.iteration == 10


def test_the_last_model_is_measured_even_if_no_validation_is_due(corpus):
    training = training_of(corpus, valid_niter=1000, max_epoch=1)
    training.run()
    assert [row["iteration"] for row in training.progress.validations] == [8]
    assert training.progress.ended == "all 1 epochs are over"


def test_more_epochs_go_on_where_the_fewer_ended(corpus):
    first = training_of(corpus, valid_niter=8, max_epoch=1)
    first.run()
    more = training_of(corpus, valid_niter=8, max_epoch=2)
    more.restore(*first.state())
    more.run()
    through = training_of(corpus, valid_niter=8, max_epoch=2)
    through.run()
    assert same(weights_of(more), weights_of(through))


@pytest.mark.parametrize("trials", [1, 2])
def test_the_validation_at_the_end_costs_no_patience(corpus, monkeypatch, trials):
    found = {5: 5.0, 8: 6.0, 10: 4.0, 15: 3.0, 16: 2.0}
    settings = {"valid_niter": 5, "patience": 1, "max_num_trial": trials}
    first, *longer = (training_of(corpus, max_epoch=it, **settings) for it in (1, 2, 2))
    for it in (first, *longer):
        monkeypatch.setattr(it, "dev_perplexity", lambda it=it: found[it.progress.iteration])
    first.run()
    assert first.progress.ended == "all 1 epochs are over"
    assert first.progress.patience == Patience(0.02, best=5.0)
    more, through = longer
    more.restore(*first.state())
    more.run()
    through.run()
    assert same(weights_of(more), weights_of(through))
    assert more.progress.patience == through.progress.patience


def test_an_early_end_stays_the_end(corpus, monkeypatch):
    training = training_of(corpus, valid_niter=1, patience=1, max_num_trial=1)
    monkeypatch.setattr(training, "dev_perplexity", lambda: 5.0)
    training.run()
    again = training_of(corpus, valid_niter=1, patience=1, max_num_trial=1, max_epoch=99)
    again.restore(*training.state())
    again.run()
    assert again.progress.iteration == training.progress.iteration == 2


@pytest.mark.filterwarnings("ignore")
def test_a_loss_that_is_no_number_ends_the_training(corpus):
    training = training_of(corpus)
    with torch.no_grad():
        training.model.h_projection.weight.fill_(math.nan)
    with pytest.raises(FloatingPointError, match=r"became nan in iteration 1: try a smaller --lr"):
        training.run()


def taught_perplexity(training: Training, corpus: Path) -> float:
    """That of the dev sentences by the model's own `forward`, each alone."""
    pairs = read_pairs(corpus / "dev.es", corpus / "dev.en")
    training.model.eval()
    total = sum(
        training.model([source], [["<s>", *target, "</s>"]]).item() for source, target in pairs
    )
    return math.exp(-total / sum(len(target) + 1 for _, target in pairs))


def test_dev_perplexity_is_that_of_the_taught_path(corpus):
    training = training_of(corpus)
    assert training.dev_perplexity() == pytest.approx(taught_perplexity(training, corpus), rel=1e-5)


def test_uniform_weights_stay_within_their_limit_and_padding_stays_zero(corpus):
    model = NMT(5, 7, Vocab.load(corpus / "vocab.json"))
    draw_uniformly(model, 0.1)
    largest = [parameter.abs().max().item() for parameter in model.parameters()]
    assert all(0.05 < it <= 0.1 for it in largest)
    for embedding in (model.model_embeddings.source, model.model_embeddings.target):
        assert not embedding.weight[0].any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"batch_size": 0}, "--batch-size is 0; give a whole number", id="batch"),
        pytest.param({"dropout": 1.0}, "--dropout is 1.0; give a number from 0", id="dropout"),
        pytest.param({"lr": math.nan}, "--lr is nan; give a number above 0", id="lr"),
        pytest.param({"lr_decay": 2.0}, "--lr-decay is 2.0", id="decay"),
        pytest.param({"uniform_init": -1.0}, "--uniform-init is -1.0", id="init"),
        pytest.param({"attention": "none"}, "--attention is none; give one of", id="attention"),
        pytest.param({"seed": -1}, "--seed is -1", id="seed"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Settings(**settings)


def state_before_words(self, Ybar_t, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks):  # noqa: N803
    """A step that joins u = [h; a], which is right as well."""
    hidden, cell = self.decoder(Ybar_t, dec_state)
    scores = (enc_hiddens_proj @ hidden[:, :, None])[:, :, 0]
    scores = scores.masked_fill(enc_masks.bool(), -math.inf)
    found = (scores.softmax(dim=1)[:, None] @ enc_hiddens)[:, 0]
    u = torch.cat([hidden, found], dim=1)
    output = self.dropout(torch.tanh(self.combined_output_projection(u)))
    return (hidden, cell), output, scores


def test_a_step_that_joins_in_the_other_order_is_trained_as_it_translates(corpus, monkeypatch):
    usual = training_of(corpus, max_epoch=2)
    monkeypatch.setattr(NMT, "step", state_before_words)
    training = training_of(corpus, max_epoch=2)
    assert (usual.fast, training.fast) == (True, False)
    training.run()
    assert training.dev_perplexity() == pytest.approx(taught_perplexity(training, corpus), rel=1e-5)


@pytest.mark.parametrize("part", ["encode", "decode", "step"])
def test_a_part_that_is_not_written_stops_a_training_before_it_begins(corpus, monkeypatch, part):
    def unwritten(self, *arguments):
        raise NotImplementedError(f"q11.{part}: to do")

    monkeypatch.setattr(NMT, part, unwritten)
    with pytest.raises(NotImplementedError, match=f"q11.{part}"):
        training_of(corpus)
