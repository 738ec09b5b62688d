"""Usual slips in the perceptrons and in the mini CNN."""

from tests.mutants import Mutant

PRIMAL = "models/multiclass_perceptron.py"
KERNEL = "models/kernel_perceptron.py"
CNN = "models/mini_cnn.py"
TIE = "return int((scores == scores.max()).nonzero()[0])"
LOOKED_AT = """        predicted = self.predict(x)
        if predicted == label:
            return False
"""
TIE_IS_WRONG = """        scores = self.scores(x)
        others = scores.clone()
        others[label] = -torch.inf
        predicted = lowest_of_the_best(others)
        if others[predicted] < scores[label]:
            return False
"""
STEP = """        self.weights[label] += x
        self.weights[predicted] -= x
"""
SLOPE = "return -label * torch.sigmoid(-label * self.forward(x).prediction)"
W_STEP = "self.w = self.w - learning_rate * w_gradient"
V_STEP = "self.v = self.v - learning_rate * v_gradient"
LATE = """        self.w = self.w - learning_rate * self.w_gradient(x, label)
        # END"""
BY_HAND = ("q9.v_gradient", "q9.w_gradient")

MUTANTS = [
    Mutant(
        "weights drawn at random",
        PRIMAL,
        (("torch.zeros(classes, features,", "torch.rand(classes, features,"),),
        fails=("q9.scores",),
    ),
    Mutant(
        "the loss is not cut off",
        PRIMAL,
        (
            (
                "return max(0.0, float(wrong.max() - scores[label]))",
                "return float(wrong.max() - scores[label])",
            ),
        ),
        fails=("q9.loss",),
        mistake="the loss is not cut off at 0",
    ),
    Mutant(
        "the loss is turned around",
        PRIMAL,
        (("float(wrong.max() - scores[label])", "float(scores[label] - wrong.max())"),),
        fails=("q9.loss",),
        mistake="the loss is turned around",
    ),
    Mutant(
        "the gradient's sign",
        PRIMAL,
        (
            ("gradient[predicted] = x", "gradient[predicted] = -x"),
            ("gradient[label] = -x", "gradient[label] = x"),
        ),
        fails=("q9.gradient",),
        mistake="the gradient has the wrong sign",
    ),
    Mutant(
        "a gradient for the predicted class only",
        PRIMAL,
        (("            gradient[label] = -x\n", ""),),
        fails=("q9.gradient",),
        mistake="only the predicted class has a gradient",
    ),
    Mutant(
        "a gradient for the right class only",
        PRIMAL,
        (("            gradient[predicted] = x\n", ""),),
        fails=("q9.gradient",),
        mistake="only the right class has a gradient",
    ),
    Mutant(
        "the update's sign",
        PRIMAL,
        ((STEP, STEP.replace("+=", "=-").replace("-=", "+=").replace("=-", "-=")),),
        fails=("q9.update",),
        mistake="the update has the wrong sign",
    ),
    Mutant(
        "only the right class moves",
        PRIMAL,
        (("        self.weights[predicted] -= x\n", ""),),
        fails=("q9.update",),
        mistake="only the right class is changed",
    ),
    Mutant(
        "only the predicted class moves",
        PRIMAL,
        (("        self.weights[label] += x\n", ""),),
        fails=("q9.update",),
        mistake="only the predicted class is changed",
    ),
    Mutant(
        "twice the step",
        PRIMAL,
        ((STEP, STEP.replace("= x", "= 2 * x")),),
        fails=("q9.update",),
        mistake="the learning rate is not 1",
    ),
    Mutant(
        "the last class wins a tie",
        PRIMAL,
        ((TIE, TIE.replace("[0]", "[-1]")),),
        fails=("q9.update", "q9.kernel_update"),
        mistake="the highest class wins a tie",
    ),
    Mutant(
        "a mistake at every tie",
        PRIMAL,
        ((LOOKED_AT, TIE_IS_WRONG),),
        fails=("q9.update",),
        mistake="a tie counts as a mistake",
    ),
    Mutant(
        "every example is added",
        PRIMAL,
        (
            ("        if predicted == label:\n            return False\n", ""),
            ("        self.weights[predicted] -= x\n", ""),
        ),
        fails=("q9.update",),
        mistake="every example is added, mistake or not",
    ),
    Mutant(
        "no offset",
        KERNEL,
        (("(a @ b.T + offset) ** degree", "(a @ b.T) ** degree"),),
        fails=("q9.kernels",),
        mistake="the offset is forgotten",
    ),
    Mutant(
        "no degree",
        KERNEL,
        (("(a @ b.T + offset) ** degree", "a @ b.T + offset"),),
        fails=("q9.kernels",),
        mistake="the degree is forgotten",
    ),
    Mutant(
        "the distance itself",
        KERNEL,
        (("torch.exp(-gamma * squared)", "torch.exp(-gamma * squared.sqrt())"),),
        fails=("q9.kernels",),
        mistake="the distance is not squared",
    ),
    Mutant(
        "far is near",
        KERNEL,
        (("torch.exp(-gamma * squared)", "torch.exp(gamma * squared)"),),
        fails=("q9.kernels",),
        mistake="the exponent has the wrong sign",
    ),
    Mutant(
        "the kernel is not used",
        KERNEL,
        (("self.kernel(self.inputs, x[None, :])[:, 0]", "self.inputs @ x"),),
        fails=("q9.kernel_scores",),
        mistake="inner products instead of the kernel",
    ),
    Mutant(
        "coefficients with the wrong sign",
        KERNEL,
        (
            ("self.coefficients[label, index] += 1", "self.coefficients[label, index] -= 1"),
            (
                "self.coefficients[predicted, index] -= 1",
                "self.coefficients[predicted, index] += 1",
            ),
        ),
        fails=("q9.kernel_update",),
        mistake="the update has the wrong sign",
    ),
    Mutant(
        "only the predicted class's coefficient",
        KERNEL,
        (("        self.coefficients[label, index] += 1\n", ""),),
        fails=("q9.kernel_update",),
        mistake="only the predicted class is changed",
    ),
    Mutant(
        "the filter is turned around",
        CNN,
        (("a = windows @ self.w  #", "a = windows @ self.w.flip(0)  #"),),
        fails=("q9.forward",),
        mistake="the filter is turned around",
    ),
    Mutant(
        "the sigmoid's argument",
        CNN,
        ((SLOPE, SLOPE.replace("sigmoid(-label", "sigmoid(label")),),
        fails=BY_HAND,
        mistake="the sigmoid has the wrong sign inside",
    ),
    Mutant(
        "the label is forgotten",
        CNN,
        ((SLOPE, SLOPE.replace("return -label *", "return -1 *")),),
        fails=BY_HAND,
        mistake="the label is forgotten",
    ),
    Mutant(
        "the loss's slope has the wrong sign",
        CNN,
        ((SLOPE, SLOPE.replace("return -label *", "return label *")),),
        fails=BY_HAND,
        mistake="the gradient has the wrong sign",
    ),
    Mutant(
        "a in place of o",
        CNN,
        (
            (
                "self.loss_gradient(x, label) * self.forward(x).o",
                "self.loss_gradient(x, label) * self.forward(x).a",
            ),
        ),
        fails=("q9.v_gradient",),
        mistake="a stands where o should",
    ),
    Mutant(
        "one path only",
        CNN,
        (("torch.stack([a_gradient @ x[:2], a_gradient @ x[1:]])", "a_gradient * x[[0, 2]]"),),
        fails=("q9.w_gradient",),
        mistake="the sum over both paths is forgotten",
    ),
    Mutant(
        "on at zero",
        CNN,
        (("(self.forward(x).a > 0)", "(self.forward(x).a >= 0)"),),
        fails=("q9.w_gradient",),
        mistake="the ReLU is on at zero",
    ),
    Mutant(
        "straight through the ReLU",
        CNN,
        (("* self.v * on  # (2,)", "* self.v  # (2,)"),),
        fails=("q9.w_gradient",),
        mistake="the ReLU's derivative is left out",
    ),
    Mutant(
        "the ReLU asks the gradient",
        CNN,
        (("(self.forward(x).a > 0)", "(self.loss_gradient(x, label) * self.v > 0)"),),
        fails=("q9.w_gradient",),
        mistake="the ReLU's derivative at the wrong argument",
    ),
    Mutant(
        "uphill",
        CNN,
        ((V_STEP, V_STEP.replace("v - l", "v + l")), (W_STEP, W_STEP.replace("w - l", "w + l"))),
        fails=("q9.step",),
        mistake="the step has the wrong sign",
    ),
    Mutant(
        "the filter stays",
        CNN,
        ((f"        {W_STEP}\n", ""),),
        fails=("q9.step",),
        mistake="only v is changed",
    ),
    Mutant(
        "v first",
        CNN,
        (
            (W_STEP, V_STEP),
            (
                f"        {V_STEP}\n        # END",
                LATE,
            ),
        ),
        fails=("q9.step",),
        mistake="the filter's gradient is taken with the new v",
    ),
    Mutant(
        "stops after some steps",
        CNN,
        (
            (
                "        # BEGIN SOLUTION q9.step",
                "        self.steps = getattr(self, 'steps', 0) + 1\n"
                "        if self.steps > 20:\n            return\n"
                "        # BEGIN SOLUTION q9.step",
            ),
        ),
        fails=("q9.learns",),
    ),
]
