"""What a student handed in for the older edition: one file, every model with loss and training."""

import torch
from torch import nn, no_grad, optim
from torch.nn import Linear, Module, Parameter
from torch.nn.functional import cross_entropy, mse_loss, relu
from torch.utils.data import DataLoader


class PerceptronModel(Module):
    def __init__(self, dimensions):
        super().__init__()
        self.w = Parameter(torch.ones(1, dimensions))

    def get_weights(self):
        return self.w

    def run(self, x):
        return torch.tensordot(self.w, x, dims=2)

    def get_prediction(self, x):
        return 1 if self.run(x) >= 0 else -1

    def train(self, dataset):
        with no_grad():
            mistakes = 1
            while mistakes > 0:
                mistakes = 0
                for sample in DataLoader(dataset, batch_size=1, shuffle=True):
                    if self.get_prediction(sample["x"]) != sample["label"]:
                        self.w += sample["label"] * sample["x"]
                        mistakes += 1


class RegressionModel(Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = Linear(1, 200)
        self.hidden2 = Linear(200, 100)
        self.out = Linear(100, 1)

    def forward(self, x):
        return self.out(relu(self.hidden2(relu(self.hidden1(x)))))

    def get_loss(self, x, y):
        return mse_loss(self.forward(x), y)

    def train(self, dataset):
        optimizer = optim.Adam(self.parameters(), lr=0.002)
        average = 1.0
        while average > 0.01:
            total, batches = 0.0, 0
            for batch in DataLoader(dataset, batch_size=20, shuffle=True):
                optimizer.zero_grad()
                loss = self.get_loss(batch["x"], batch["label"])
                loss.backward()
                optimizer.step()
                total, batches = total + loss.item(), batches + 1
            average = total / batches


class DigitClassificationModel(Module):
    def __init__(self):
        super().__init__()
        self.batch_size = 50
        self.layers = nn.Sequential(Linear(784, 250), nn.ReLU(), nn.Dropout(0.1), Linear(250, 10))

    def run(self, x):
        return self.layers(x)

    def get_loss(self, x, y):
        self.loss = cross_entropy(self.run(x), y)
        return self.loss

    def train(self, dataset):
        optimizer = optim.Adam(self.parameters(), lr=0.001)
        for epoch in range(10):
            for batch in DataLoader(dataset, batch_size=self.batch_size, shuffle=True):
                optimizer.zero_grad()
                self.get_loss(batch["x"], batch["label"]).backward()
                optimizer.step()
            accuracy = dataset.get_validation_accuracy()
            print("epoch", epoch, "accuracy", accuracy)
            if accuracy > 0.98:
                break


class LanguageIDModel(Module):
    def __init__(self):
        self.num_chars = 47
        self.languages = ["English", "Spanish", "Finnish", "Dutch", "Polish"]
        super().__init__()
        self.first = Linear(self.num_chars, 250)
        self.again = Linear(250, 250)
        self.out = Linear(250, len(self.languages))

    def run(self, xs):
        h = relu(self.first(xs[0]))
        for i in range(1, len(xs)):
            h = relu(self.first(xs[i]) + self.again(h))
        return self.out(h)

    def get_loss(self, xs, y):
        return cross_entropy(self.run(xs), y)

    def train(self, dataset):
        optimizer = optim.Adam(self.parameters(), lr=0.001)
        for _ in range(20):
            for batch in DataLoader(dataset, batch_size=64, shuffle=True):
                optimizer.zero_grad()
                self.get_loss(torch.movedim(batch["x"], 0, 1), batch["label"]).backward()
                optimizer.step()
            if dataset.get_validation_accuracy() > 0.85:
                return


def Convolve(input, weight):
    rows, columns = weight.shape
    out = torch.zeros(input.shape[0] - rows + 1, input.shape[1] - columns + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = torch.sum(input[i : i + rows, j : j + columns] * weight)
    return out


class Attention(Module):
    def __init__(self, layer_size, block_size):
        super().__init__()
        self.k_layer = Linear(layer_size, layer_size)
        self.q_layer = Linear(layer_size, layer_size)
        self.v_layer = Linear(layer_size, layer_size)
        mask = torch.tril(torch.ones(block_size, block_size))
        self.register_buffer("mask", mask.view(1, 1, block_size, block_size))
        self.layer_size = layer_size

    def forward(self, x):
        T = x.shape[1]
        k, q, v = self.k_layer(x), self.q_layer(x), self.v_layer(x)
        scores = torch.matmul(q, torch.movedim(k, 1, 2)) / self.layer_size**0.5
        scores = scores.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))[0]
        return torch.matmul(torch.softmax(scores, dim=-1), v)


class DigitConvolutionalModel(Module):
    def __init__(self):
        super().__init__()
        self.convolution_weights = Parameter(torch.ones((3, 3)))
        self.hidden = Linear(26 * 26, 100)
        self.out = Linear(100, 10)

    def run(self, x):
        return self(x)

    def forward(self, x):
        x = x.reshape(len(x), 28, 28)
        kernel = self.convolution_weights
        x = torch.stack([(w * kernel).sum((2, 3)) for w in x.unfold(1, 3, 1).unfold(2, 3, 1)])
        return self.out(relu(self.hidden(x.flatten(start_dim=1))))

    def get_loss(self, x, y):
        return cross_entropy(self(x), y)

    def train_model(self, dataset):
        optimizer = optim.Adam(self.parameters(), lr=0.001)
        for _ in range(15):
            for batch in DataLoader(dataset, batch_size=20, shuffle=True):
                optimizer.zero_grad()
                self.get_loss(batch["x"], batch["label"]).backward()
                optimizer.step()
