"""Test images moved and turned: which network still knows the clothes (3.5).

Three networks learn from the same upright images: two linear layers; 64 kernels of 7x7 with
max-pooling; and the same with 128 kernels of 2x2 and another max-pooling. Their parameters are
counted layer by layer, then all are tested on five test sets: as they are, moved up by 4 pixels,
and turned counter-clockwise by 90, 180 and 270 degrees.

Examples:
  python -m courses.mlp_from_scratch.out_of_distribution
  python -m courses.mlp_from_scratch.out_of_distribution --quick
  python -m courses.mlp_from_scratch.out_of_distribution --device cuda --out runs/on-the-gpu
  python -m courses.mlp_from_scratch.out_of_distribution --resume

Usage:
  out_of_distribution.py [options]

Options:
  --seed N            Of the first weights and of the order of the images [default: 42].
  --learning_rate X   The step size of Adam [default: 0.001].
  --minibatch_size N  Images in a batch [default: 50].
  --num_epoch N       The most epochs [default: 50].
  --patience N        Stop after so many epochs without a better validation accuracy; the best
                      epoch's weights are tested [default: 5].
  --device DEVICE     cpu or cuda [default: cpu].
  --data_dir FOLDER   Holds the four .gz files of Fashion-MNIST; fetched if not given.
  --out FOLDER        Where results go; runs/out_of_distribution if not given.
  --resume            Go on after an interruption.
  --restart           Throw earlier results in the folder away.
  --quick             A tenth of the images and two epochs: seconds instead of minutes.
  -h, --help          Show this.

Writes table.csv and table.md (networks and test sets), parameters.csv, and as .png with their .csv:
samples, accuracy.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courses.commands import choose_device, number, run_command

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from courses.experiment import Results, Row
    from courses.mlp_from_scratch.fashion_training import Images, Settings, Training

QUICK_EPOCHS = 2


def read_images(arguments: Mapping[str, Any], device: torch.device) -> list[Images]:
    """Read the training, validation and test images; some of them for ``--quick``."""
    import torch

    from courses.mlp_from_scratch.fashion_training import Images
    from courses.mlp_from_scratch.numpy_trainings import images_of

    arrays = images_of(arguments)
    return [
        Images(torch.from_numpy(x).float().to(device), torch.from_numpy(y).to(device))
        for x, y in (arrays[:2], arrays[2:4], arrays[4:])
    ]


def count_parameters(results: Results) -> dict[str, int]:
    """Work out every network's parameters layer by layer, and print the calculation."""
    from courses.experiment import markdown
    from courses.mlp_from_scratch.layer_sizes import NETWORKS, worked_out

    rows: list[Row] = []
    counts = {name: worked_out(name) for name in NETWORKS}
    for name, (layers, _) in NETWORKS.items():
        for layer in layers:
            shape = " x ".join(str(size) for size in layer.output)
            rows.append(_size_row(name, layer.name, shape, layer.sum, layer.parameters))
        rows.append(_size_row(name, "all", "", "", counts[name]))
    results.numbers("parameters", rows)
    print(markdown(rows, {"parameters": ","}), "\n")
    return counts


def _size_row(network: str, layer: str, output: str, calculation: str, parameters: int) -> Row:
    return {
        "network": network,
        "layer": layer,
        "output": output,
        "calculation": calculation,
        "parameters": parameters,
    }


def show_samples(results: Results, test: Images) -> None:
    """Draw one test image of every class, as it is and at its other places."""
    from matplotlib.figure import Figure

    from courses.mlp_from_scratch.moved_images import SIDE, TEST_SETS
    from data.fashion import CLASS_NAMES

    labels = test.y.tolist()
    chosen = [labels.index(each) for each in range(len(CLASS_NAMES)) if each in labels]
    figure = Figure(figsize=(11, 6.3), layout="constrained")
    figure.suptitle("One test image of every class, in every test set")
    grid = figure.subplots(len(TEST_SETS), len(chosen), squeeze=False)
    for line, (name, move) in zip(grid, TEST_SETS.items(), strict=True):
        for axes, image in zip(line, move(test.x[chosen]).cpu().numpy(), strict=True):
            axes.imshow(image.reshape(SIDE, SIDE), cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(name)
    for axes, place in zip(grid[0], chosen, strict=True):
        axes.set_title(CLASS_NAMES[labels[place]], fontsize=10)
    rows = [{"test image": at, "class": CLASS_NAMES[labels[at]]} for at in chosen]
    results.picture("samples", figure, rows)


def train_and_test(results: Results, name: str, training: Training, test: Images) -> dict[str, Any]:
    """Carry out a training, or what is left of it, and test its best epoch on every test set."""
    from courses.mlp_from_scratch.fashion_training import Images, accuracy
    from courses.mlp_from_scratch.moved_images import TEST_SETS

    file = name.replace(" ", "-")
    found = results.finished(file)
    if found is not None:
        print(f"{name}: done before")
        return found
    if training.restore(results, file):
        print(f"{name}: goes on after epoch {len(training.history)}")
    while not training.over:
        training.run_epoch()
        training.keep(results, file)
        epoch = training.history[-1]
        print(
            f"{name}: epoch {epoch.number}, loss {epoch.loss:.4f}, "
            f"validation accuracy {epoch.score:.4f}, {training.seconds:.1f} s",
            flush=True,
        )
    record = training.record()
    record["test accuracy"] = {
        name: accuracy(training.model, Images(move(test.x), test.y))
        for name, move in TEST_SETS.items()
    }
    return results.finish(file, record)


def plot_accuracies(rows: Sequence[Row]) -> Figure:
    """Draw a group of bars for every test set, a bar for every network."""
    from courses.mlp_from_scratch.moved_images import TEST_SETS
    from courses.pictures import one_plot

    figure, axes = one_plot("Trained on upright images only", "test set", "test accuracy (%)")
    width = 0.8 / len(rows)
    for index, row in enumerate(rows):
        places = [group + (index - (len(rows) - 1) / 2) * width for group in range(len(TEST_SETS))]
        bars = axes.bar(places, [100 * row[name] for name in TEST_SETS], width)
        bars.set_label(row["network"])
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_axisbelow(True)
    axes.axhline(10, color="gray", linestyle="--", label="guessing")
    axes.set_xticks(range(len(TEST_SETS)), TEST_SETS)
    axes.set_ylim(0, 100)
    axes.legend()
    return figure


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options."""
    from courses.mlp_from_scratch.fashion_training import Settings

    epochs = number(arguments, "--num_epoch")
    return Settings(
        seed=number(arguments, "--seed"),
        learning_rate=number(arguments, "--learning_rate", float),
        minibatch_size=number(arguments, "--minibatch_size"),
        num_epoch=min(epochs, QUICK_EPOCHS) if arguments["--quick"] else epochs,
        patience=number(arguments, "--patience"),
    )


def run(arguments: Mapping[str, Any]) -> None:
    """Count the parameters, show the test sets, train the networks, write table and plot."""
    import torch

    from courses.experiment import open_results
    from courses.mlp_from_scratch.fashion_training import Training
    from courses.mlp_from_scratch.layer_sizes import NETWORKS

    torch.set_num_threads(1)  # the same bits on any number of cores
    settings = choose_settings(arguments)
    device = choose_device(arguments["--device"], ("cpu", "cuda"))
    quick = bool(arguments["--quick"])
    train, validation, test = read_images(arguments, device)
    results = open_results(
        Path(arguments["--out"] or f"runs/out_of_distribution{'-quick' if quick else ''}"),
        {"quick": quick, **asdict(settings)},
        device=str(device),
        resume=arguments["--resume"],
        restart=arguments["--restart"],
    )
    counts = count_parameters(results)
    show_samples(results, test)
    rows = []
    for name, (_, network) in NETWORKS.items():
        torch.manual_seed(settings.seed)
        training = Training(network().to(device), train, validation, settings)
        record = train_and_test(results, name, training, test)
        rows.append({"network": name, "parameters": counts[name], **record["test accuracy"]})
    results.table(rows, {"parameters": ","} | dict.fromkeys(list(rows[0])[2:], ".4f"))
    results.picture("accuracy", plot_accuracies(rows), rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("out_of_distribution", __doc__, argv, run)


if __name__ == "__main__":
    sys.exit(main())
