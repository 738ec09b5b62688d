"""Usual slips in a network from scratch."""

from tests.mutants import Mutant

FILE = "models/numpy_mlp.py"
DRAW_W = 'self.params["W"] = np.random.normal(0, 0.1, (input_D, output_D))'
DRAW_B = 'self.params["b"] = np.random.normal(0, 0.1, (1, output_D))'
ZEROS = "np.zeros_like(values) for name"
MAP = 'return X @ self.params["W"] + self.params["b"]'
GRADIENT_W = 'self.gradient["W"] = X.T @ grad'
GRADIENT_B = 'self.gradient["b"] = grad.sum(axis=0, keepdims=True)'
GRADIENT_X = 'return grad @ self.params["W"].T'
RELU = "return np.maximum(X, 0.0)"
MASK = "return np.where(X > 0, grad, 0.0)"
PARAMETERS = 'for name, values in getattr(layer, "params", {}).items():'
STEP = "values -= _learning_rate * layer.gradient[name]"
GRAD_A2 = 'grad_a2 = model["loss"].backward(a2, y)'
GRAD_H1 = 'grad_h1 = model["L2"].backward(h1, grad_a2)'
GRAD_A1 = 'grad_a1 = model["nonlinear1"].backward(a1, grad_h1)'
LAST = 'model["L1"].backward(x, grad_a1)'


def _mutant(
    name: str, edit: tuple[str, str], fails: str, mistake: str = "", *more: tuple[str, str]
) -> Mutant:
    return Mutant(name, FILE, (edit, *more), tuple(fails.split()), mistake)


MUTANTS = [
    _mutant(
        "b drawn before W",
        (DRAW_W, DRAW_B),
        "q8.init",
        "b drawn before W",
        (f"{DRAW_B}\n        self.gradient", f"{DRAW_W}\n        self.gradient"),
    ),
    _mutant(
        "a standard deviation of 1",
        (DRAW_W, DRAW_W.replace("0.1", "1")),
        "q8.init",
        "a standard deviation of 1",
    ),
    _mutant(
        "the root of 0.1 as a spread",
        (DRAW_W, DRAW_W.replace("0.1", "0.1**0.5")),
        "q8.init",
        "the variance is 0.1, not the spread",
    ),
    _mutant(
        "a bias of zeros",
        (DRAW_B, 'self.params["b"] = np.zeros((1, output_D))'),
        "q8.init",
        "starts at zero",
    ),
    _mutant(
        "nothing but zeros, so that nothing is learned",
        (DRAW_W, 'self.params["W"] = np.zeros((input_D, output_D))'),
        "q8.init q8.magnitude q8.learns",
        "every answer is the same",
        (DRAW_B, 'self.params["b"] = np.zeros((1, output_D))'),
    ),
    _mutant(
        "a bias without its first axis",
        (DRAW_B, 'self.params["b"] = np.random.normal(0, 0.1, output_D)'),
        "q8.init",
    ),
    _mutant("gradients of one", (ZEROS, "np.ones_like(values) for name"), "q8.init"),
    _mutant(
        "no bias on the way forward",
        (MAP, 'return X @ self.params["W"]'),
        "q8.linear",
        "the bias is missing",
    ),
    _mutant(
        "the bias taken away",
        (MAP, MAP.replace("+", "-")),
        "q8.linear",
        "the bias is taken away",
    ),
    _mutant(
        "the bias added to X",
        (MAP, f"X += 1\n        {MAP.replace('X @', '(X - 1) @')}"),
        "q8.linear",
        "X is changed by the call",
    ),
    _mutant(
        "the gradient of W transposed",
        (GRADIENT_W, 'self.gradient["W"] = grad.T @ X'),
        "q8.linear_gradients",
        "the gradient of W is transposed",
    ),
    _mutant(
        "no sum in the bias gradient",
        (GRADIENT_B, 'self.gradient["b"] = grad'),
        "q8.linear_gradients",
        "the gradient of b is not summed over the examples",
    ),
    _mutant(
        "the mean in the bias gradient",
        (GRADIENT_B, GRADIENT_B.replace("sum", "mean")),
        "q8.linear_gradients",
        "divided by the number of examples twice",
    ),
    _mutant(
        "divided by N twice",
        (GRADIENT_W, f"{GRADIENT_W} / len(X)"),
        "q8.linear_gradients",
        "divided by the number of examples twice",
    ),
    _mutant(
        "gradients accumulated",
        (GRADIENT_W, 'self.gradient["W"] = self.gradient["W"] + X.T @ grad'),
        "q8.linear_gradients",
        "the last pass is added up",
    ),
    _mutant(
        "nothing handed on",
        (GRADIENT_X, 'return self.gradient["W"]'),
        "q8.linear_gradients",
    ),
    _mutant(
        "the absolute value instead of ReLU",
        (RELU, "return np.abs(X)"),
        "q8.relu",
        "the absolute value",
    ),
    _mutant(
        "ReLU upside down",
        (RELU, "return np.minimum(X, 0.0)"),
        "q8.relu",
        "the positive ones are cut off",
    ),
    _mutant(
        "ReLU lets everything through",
        (RELU, "return X"),
        "q8.relu",
        "nothing is cut off",
    ),
    _mutant(
        "ReLU writes into its input",
        (RELU, "X[X < 0] = 0\n        return X.copy()"),
        "q8.relu",
        "X is changed by the call",
    ),
    _mutant(
        "ReLU's gradient at the wrong argument",
        (MASK, "return np.where(grad > 0, grad, 0.0)"),
        "q8.relu_gradients",
        "the mask is taken of the gradient",
    ),
    _mutant(
        "ReLU passes a gradient at negative inputs",
        (MASK, "return grad.copy()"),
        "q8.relu_gradients",
        "negative inputs pass a gradient",
    ),
    _mutant(
        "ReLU passes a gradient at 0",
        (MASK, "return np.where(X >= 0, grad, 0.0)"),
        "q8.relu_gradients",
        "an input of 0 passes a gradient",
    ),
    _mutant(
        "half of ReLU's gradient at 0",
        (MASK, "return grad * (np.sign(X) + 1) / 2"),
        "q8.relu_gradients",
        "half a gradient at 0",
    ),
    _mutant(
        "the mask alone",
        (MASK, "return (X > 0) * 1.0"),
        "q8.relu_gradients",
        "the incoming gradient is left out",
    ),
    _mutant("uphill", (STEP, STEP.replace("-=", "+=")), "q8.step", "the step goes uphill"),
    _mutant(
        "only W is updated",
        (PARAMETERS, 'for name, values in [*getattr(layer, "params", {}).items()][:1]:'),
        "q8.step",
        "a parameter does not move",
    ),
    _mutant(
        "new arrays, and the model as it was",
        (STEP, "values = values - _learning_rate * layer.gradient[name]"),
        "q8.step",
        "a parameter does not move",
    ),
    _mutant(
        "no learning rate",
        (STEP, "values -= layer.gradient[name]"),
        "q8.step",
        "the learning rate is left out",
    ),
    _mutant(
        "the step takes the parameter's place",
        (STEP, "values[...] = -_learning_rate * layer.gradient[name]"),
        "q8.step",
        "the gradient takes the parameter's place",
    ),
    _mutant("the parameter is lost", (STEP, "values[...] = 0"), "q8.step", "the parameter is lost"),
    _mutant(
        "the model does not come back",
        ("return model\n    # END SOLUTION q8.step", "return None"),
        "q8.step",
    ),
    _mutant(
        "the second layer gets a1",
        (GRAD_H1, GRAD_H1.replace("h1, grad_a2", "a1, grad_a2")),
        "q8.gradients",
        "L2 gets a1 instead of h1",
    ),
    _mutant(
        "the activation gets the input's wrong side",
        (GRAD_A1, GRAD_A1.replace("(a1,", "(-a1,")),
        "q8.gradients",
        "the activation's mask is the wrong way round",
    ),
    _mutant(
        "the activation gets ones",
        (GRAD_A1, GRAD_A1.replace("(a1,", "(a1 * 0 + 1,")),
        "q8.gradients",
        "the activation is left out",
    ),
    _mutant(
        "the activation is left out",
        (GRAD_A1, "grad_a1 = grad_h1"),
        "q8.order",
        "a layer is left out",
    ),
    _mutant(
        "the wrong order of the calls",
        (GRAD_H1, 'model["L1"].backward(x, a1)'),
        "q8.order",
        "the wrong order of the calls",
        (LAST, 'model["L2"].backward(h1, grad_a2)'),
        ("(a1, grad_h1)", "(a1, a1)"),
    ),
    _mutant(
        "the first layer gets the gradient of h1",
        (LAST, LAST.replace("grad_a1", "grad_h1")),
        "q8.order",
        "a gradient is not handed on",
    ),
]
