"""One student's whole homework in one file, as it was handed out: classes, functions, a main."""

import argparse
import json
import time

import numpy as np


class DataSplit:
    def __init__(self, X, Y):
        self.X = X
        self.Y = Y
        self.N, self.d = self.X.shape

    def get_example(self, idx):
        batchX = np.zeros((len(idx), self.d))
        batchY = np.zeros((len(idx), 1))
        for i in range(len(idx)):
            batchX[i] = self.X[idx[i]]
            batchY[i] = self.Y[idx[i]]
        return batchX, batchY


class linear_layer:
    def __init__(self, input_D, output_D):
        self.params = {}
        self.params["W"] = np.random.normal(loc=0, scale=0.1, size=(input_D, output_D))
        self.params["b"] = np.random.normal(loc=0, scale=0.1, size=(1, output_D))
        self.gradient = {}
        self.gradient["W"] = np.zeros((input_D, output_D))
        self.gradient["b"] = np.zeros((1, output_D))

    def forward(self, X):
        out = np.dot(X, self.params["W"]) + self.params["b"]
        return out

    def backward(self, X, grad):
        self.gradient["W"] = np.dot(X.T, grad)
        self.gradient["b"] = np.dot(np.ones((1, X.shape[0])), grad)
        back = np.dot(grad, self.params["W"].T)
        return back


class relu:
    def __init__(self):
        self.mask = None

    def forward(self, X):
        self.mask = (X > 0.0).astype(float)
        return X * self.mask

    def backward(self, X, grad):
        return np.multiply(grad, self.mask)


class softmax_cross_entropy:
    def __init__(self):
        self.onehot = None
        self.prob = None

    def forward(self, X, Y):
        self.onehot = np.zeros(X.shape)
        for n in range(len(X)):
            self.onehot[n, int(np.ravel(Y)[n])] = 1.0
        e = np.exp(X - np.amax(X, axis=1, keepdims=True))
        self.prob = e / np.sum(e, axis=1, keepdims=True)
        return -np.sum(np.log(np.sum(self.prob * self.onehot, axis=1))) / X.shape[0]

    def backward(self, X, Y):
        return (self.prob - self.onehot) / X.shape[0]


def miniBatchGradientDescent(model, _learning_rate):
    for module_name in model:
        module = model[module_name]
        if hasattr(module, "params"):
            for key in module.params:
                g = module.gradient[key]
                module.params[key] = module.params[key] - _learning_rate * g
    return model


def predict_label(f):
    return np.argmax(f, axis=1).astype(float).reshape((f.shape[0], -1))


def forward_pass(model, x, y):
    a1 = model["L1"].forward(x)
    h1 = model["nonlinear1"].forward(a1)
    a2 = model["L2"].forward(h1)
    loss = model["loss"].forward(a2, y)
    return a1, h1, a2, loss


def backward_pass(model, x, a1, h1, a2, y):
    d_a2 = model["loss"].backward(a2, y)
    d_h1 = model["L2"].backward(h1, d_a2)
    d_a1 = model["nonlinear1"].backward(a1, d_h1)
    model["L1"].backward(x, d_a1)


def magnitude_checker(DataSet, model):
    for size in (50, 5000):
        x, y = DataSet.get_example(np.arange(size) % DataSet.N)
        a1, h1, a2, _ = forward_pass(model, x, y)
        backward_pass(model, x, a1, h1, a2, y)
        print("batch size", size, "magnitude of the gradient:", end=" ")
        print(np.sum(np.abs(model["L1"].gradient["W"])))


def gradient_checker(DataSet, model):
    x, y = DataSet.get_example(np.arange(5))
    epsilon = 1e-3
    for layer_name in ["L1", "L2"]:
        for param_name in ["W", "b"]:
            a1, h1, a2, _ = forward_pass(model, x, y)
            backward_pass(model, x, a1, h1, a2, y)
            bp = model[layer_name].gradient[param_name][0][0]

            model[layer_name].params[param_name][0][0] += epsilon
            f_plus = forward_pass(model, x, y)[-1]
            model[layer_name].params[param_name][0][0] -= 2 * epsilon
            f_minus = forward_pass(model, x, y)[-1]
            model[layer_name].params[param_name][0][0] += epsilon

            approx = (f_plus - f_minus) / (2 * epsilon)
            print("checking", layer_name, param_name)
            print(f"  bp: {bp:.5f}  approximation: {approx:.5f}")


def accuracy(model, split, size):
    right = 0
    for i in range(int(np.floor(split.N / size))):
        x, y = split.get_example(np.arange(i * size, (i + 1) * size))
        _, _, a2, _ = forward_pass(model, x, y)
        right += np.sum(predict_label(a2) == y)
    return right / split.N


def main(args, train, val, test):
    np.random.seed(args.random_seed)
    order = np.random.permutation(train.N)
    train = DataSplit(train.X[order], train.Y[order])
    model = {}
    model["L1"] = linear_layer(input_D=train.d, output_D=128)
    model["nonlinear1"] = relu()
    model["L2"] = linear_layer(input_D=128, output_D=10)
    model["loss"] = softmax_cross_entropy()
    if args.check_magnitude:
        magnitude_checker(train, model)
    if args.check_gradient:
        gradient_checker(train, model)
    size, begin = args.minibatch_size, time.time()
    history = {"train": [], "val": []}
    for t in range(args.num_epoch):
        for i in range(int(np.floor(train.N / size))):
            x, y = train.get_example(np.arange(i * size, (i + 1) * size))
            a1, h1, a2, _ = forward_pass(model, x, y)
            backward_pass(model, x, a1, h1, a2, y)
            model = miniBatchGradientDescent(model, args.learning_rate)
        history["train"].append(accuracy(model, train, size))
        history["val"].append(accuracy(model, val, size))
        print("At epoch " + str(t + 1), history["train"][-1], history["val"][-1])
    history["test"] = accuracy(model, test, size)
    history["time"] = time.time() - begin
    with open(f"MLP_lr{args.learning_rate}_b{size}.json", "w") as f:
        json.dump(history, f)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--random_seed", default=42, type=int)
    parser.add_argument("--learning_rate", default=0.01, type=float)
    parser.add_argument("--num_epoch", default=10, type=int)
    parser.add_argument("--minibatch_size", default=1, type=int)
    parser.add_argument("--check_gradient", action="store_true")
    parser.add_argument("--check_magnitude", action="store_true")
    arrays = [np.load(name + ".npz") for name in ("train", "val", "test")]
    main(parser.parse_args(), *[DataSplit(a["x"], a["y"]) for a in arrays])
