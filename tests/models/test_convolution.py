import pytest
import torch
from torch.nn import functional

from models import Convolve, DigitConvolutionalModel, convolution
from models.convolution import convolve_images


def library(images, weight):
    return functional.conv2d(images[:, None], weight[None, None])[:, 0]


def test_a_hand_worked_case():
    picture = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    kernel = torch.tensor([[10.0, 1.0]])
    assert Convolve(picture, kernel).tolist() == [[12.0, 23.0], [45.0, 56.0]]


def test_it_agrees_with_the_library_on_rectangles_of_every_size():
    generator = torch.Generator().manual_seed(1)
    for _ in range(200):
        rows, columns, more_rows, more_columns = torch.randint(
            0, 9, (4,), generator=generator
        ).tolist()
        weight = torch.randn(rows + 1, columns + 1, generator=generator, dtype=torch.float64)
        size = (rows + more_rows + 1, columns + more_columns + 1)
        picture = torch.randn(size, generator=generator, dtype=torch.float64)
        torch.testing.assert_close(Convolve(picture, weight), library(picture[None], weight)[0])


def test_its_gradients_are_right_for_both_arguments():
    picture = torch.randn(5, 7, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Convolve, (picture, weight))


@pytest.mark.parametrize(
    ("height", "rows"),
    [
        pytest.param(11, 3, id="usual"),
        pytest.param(5, 1, id="kernel-of-one-row"),
        pytest.param(5, 5, id="kernel-as-tall-as-the-image"),
    ],
)
def test_images_of_a_batch_do_not_touch_each_other(height, rows):
    images, weight = torch.randn(4, height, 13), torch.randn(rows, 2)
    filtered = convolve_images(images, weight)
    assert filtered.shape == (4, height - rows + 1, 12)
    one_by_one = torch.stack([Convolve(image, weight) for image in images])
    assert torch.equal(filtered, one_by_one)


def test_the_model_filters_with_its_own_kernel():
    model, images = DigitConvolutionalModel(), torch.rand(3, 784)
    assert model.convolution_weights.shape == (3, 3)
    before = model(images)
    with torch.no_grad():
        model.convolution_weights.copy_(torch.randn(3, 3))
    assert not torch.allclose(before, model(images))


def test_any_right_convolve_of_one_matrix_serves_a_whole_batch(monkeypatch):
    def loops(picture, weight):
        (height, width), (rows, columns) = picture.shape, weight.shape
        output = torch.zeros(height - rows + 1, width - columns + 1)
        for i in range(len(output)):
            for j in range(output.shape[1]):
                output[i, j] = (picture[i : i + rows, j : j + columns] * weight).sum()
        return output

    images, weight = torch.randn(3, 6, 5), torch.randn(3, 2)
    monkeypatch.setattr(convolution, "Convolve", loops)
    torch.testing.assert_close(convolve_images(images, weight), library(images, weight))
