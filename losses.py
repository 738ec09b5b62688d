"""Questions 2 to 5: one loss per question.

A loss is one number that is small when the predictions are good, and whose gradient says how to
make them better. Regression uses the mean squared error, classification the cross-entropy.

Shapes: `B` batch, `K` classes.
"""

from torch import Tensor
from torch.nn import functional


def regression_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Measure the mean squared error (question 2).

    Args:
        prediction: ``(B, 1) float32``.
        target: ``(B, 1) float32``.

    Returns:
        The mean of the squared differences, ``() float32``, without a factor one half.

    Raises:
        ValueError: when the shapes differ.
    """
    _require_same_shape("prediction", prediction, target)
    # BEGIN SOLUTION q2.loss: the mean of the squared differences
    return functional.mse_loss(prediction, target)
    # END SOLUTION q2.loss


def digitclassifier_loss(scores: Tensor, one_hot: Tensor) -> Tensor:
    """Measure the cross-entropy of digit scores (question 3).

    Args:
        scores: ``(B, K) float32``, before any softmax.
        one_hot: the true classes, ``(B, K) float32``, a single one in each row.

    Returns:
        The mean over the batch of -log softmax(scores) at the true class, ``() float32``.

    Raises:
        ValueError: when the shapes differ.
    """
    _require_same_shape("scores", scores, one_hot)
    # BEGIN SOLUTION q3.loss: the cross-entropy
    # PyTorch takes class probabilities as targets too, so the one-hot rows go in as they are.
    return functional.cross_entropy(scores, one_hot)
    # END SOLUTION q3.loss


def languageid_loss(scores: Tensor, one_hot: Tensor) -> Tensor:
    """Measure the cross-entropy of language scores (question 4).

    Args:
        scores: ``(B, K) float32``, before any softmax.
        one_hot: the true languages, ``(B, K) float32``, a single one in each row.

    Returns:
        The mean over the batch of -log softmax(scores) at the true class, ``() float32``.

    Raises:
        ValueError: when the shapes differ.
    """
    _require_same_shape("scores", scores, one_hot)
    # BEGIN SOLUTION q4.loss: the cross-entropy
    return functional.cross_entropy(scores, one_hot)
    # END SOLUTION q4.loss


def digitconvolution_loss(scores: Tensor, one_hot: Tensor) -> Tensor:
    """Measure the cross-entropy of the convolutional network's scores (question 5).

    Args:
        scores: ``(B, K) float32``, before any softmax.
        one_hot: the true classes, ``(B, K) float32``, a single one in each row.

    Returns:
        The mean over the batch of -log softmax(scores) at the true class, ``() float32``.

    Raises:
        ValueError: when the shapes differ.
    """
    _require_same_shape("scores", scores, one_hot)
    # BEGIN SOLUTION q5.loss: the cross-entropy
    return functional.cross_entropy(scores, one_hot)
    # END SOLUTION q5.loss


def _require_same_shape(name: str, given: Tensor, target: Tensor) -> None:
    # PyTorch would broadcast (B,) against (B, 1) into (B, B) and average the wrong numbers.
    if given.shape != target.shape:
        raise ValueError(
            f"{name} and target must have the same shape: expected {tuple(target.shape)}, "
            f"got {tuple(given.shape)}; check the last layer of the model"
        )
