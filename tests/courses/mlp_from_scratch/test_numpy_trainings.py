import numpy as np
import pytest

from courses.experiment import open_results
from courses.mlp_from_scratch.momentum import Momentum
from courses.mlp_from_scratch.numpy_trainings import fewer, train
from courses.mlp_from_scratch.training import Settings, Training
from data.fashion import homework_arrays


def test_some_images_of_every_class_are_left(fashion_folder):
    arrays = fewer(homework_arrays(fashion_folder))
    for labels, count in ((arrays.train_y, 1_000), (arrays.validation_y, 500)):
        assert np.bincount(labels).tolist() == [count // 10] * 10
    assert len(arrays.train_x) == len(arrays.train_y)


@pytest.mark.usefixtures("few_images", "ticking")
def test_a_training_stopped_after_its_best_epoch_ends_with_the_same_weights(
    fashion_folder, tmp_path, interrupt_after
):
    arrays = fewer(homework_arrays(fashion_folder))

    def training():
        settings = Settings(minibatch_size=5, num_epoch=60, early_stopping_patience=3)
        return Training(arrays, settings, Momentum(0.5))

    results, whole, halves = open_results(tmp_path, {}), training(), training()
    record = train(results, "whole", whole)
    assert whole.epochs == whole.best_epoch + 3
    interrupt_after(whole.best_epoch + 2)
    with pytest.raises(KeyboardInterrupt):
        train(results, "halves", training())
    interrupt_after.disarm()
    assert train(results, "halves", halves) == record
    for layer in ("L1", "L2"):
        for name, values in halves.model[layer].params.items():
            assert np.array_equal(values, whole.model[layer].params[name])
