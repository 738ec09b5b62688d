"""What a student hands in: the training loops, all by hand."""

import torch
from torch import movedim, no_grad, optim, tensor
from torch.utils.data import DataLoader

from losses import (
    digitclassifier_loss,
    digitconvolution_Loss,
    languageid_loss,
    regression_loss,
)


def train_perceptron(model, dataset):
    with no_grad():
        dataloader = DataLoader(dataset, batch_size=1, shuffle=True)
        converged = False
        while not converged:
            converged = True
            for batch in dataloader:
                x, y = batch["x"], batch["label"]
                if model.get_prediction(x) != y:
                    model.w += y * x
                    converged = False


def train_regression(model, dataset):
    # Students look at the arrays, too.
    x, y = tensor(dataset.x, dtype=torch.float32), tensor(dataset.y, dtype=torch.float32)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    dataloader = DataLoader(dataset, batch_size=20, shuffle=True)
    loss = float("inf")
    while loss > 0.005:
        for batch in dataloader:
            optimizer.zero_grad()
            regression_loss(model(batch["x"]), batch["label"]).backward()
            optimizer.step()
        with no_grad():
            loss = regression_loss(model(x), y).item()


def train_digitclassifier(model, dataset):
    model.train()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    for epoch in range(10):
        for batch in DataLoader(dataset, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = digitclassifier_loss(model(batch["x"]), batch["label"])
            loss.backward()
            optimizer.step()
        accuracy = dataset.get_validation_accuracy()
        print(f"epoch {epoch}: loss {loss.item():.4f}, validation accuracy {accuracy:.4f}")
        if accuracy > 0.98:
            break


def train_languageid(model, dataset):
    model.train()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    for _ in range(20):
        for batch in DataLoader(dataset, batch_size=64, shuffle=True):
            x = movedim(batch["x"], 1, 0)
            optimizer.zero_grad()
            loss = languageid_loss(model(x), batch["label"])
            loss.backward()
            optimizer.step()
        if dataset.get_validation_accuracy() > 0.85:
            break


def Train_DigitConvolution(model, dataset):
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    for _ in range(15):
        for batch in DataLoader(dataset, batch_size=20, shuffle=True):
            optimizer.zero_grad()
            digitconvolution_Loss(model(batch["x"]), batch["label"]).backward()
            optimizer.step()
