"""Usual slips in differentiation with a tape, through time, and in convolutions by hand."""

from tests.mutants import Mutant

TAPE = "models/autodiff.py"
RNN = "models/three_step_rnn.py"
WINDOWS = "models/convolution_forms.py"
SHARE = "module.out_gradient = module.out_gradient + share"
BACK = "gradient = from_output + self.hidden_weights.T @ gradient"
LOOP = "image[r * stride + i, c * stride + j] * kernel[i, j]"

MUTANTS = [
    Mutant(
        "nothing goes on the tape",
        TAPE,
        (("        self.tape.append(self)\n", ""),),
        fails=("q9.apply_fwd",),
    ),
    Mutant(
        "a share replaces the last",
        TAPE,
        ((SHARE, "module.out_gradient = share"),),
        fails=("q9.apply_bwd",),
        mistake="the sum over paths is forgotten",
    ),
    Mutant(
        "a queue instead of a stack",
        TAPE,
        (("tape.pop().apply_bwd()", "tape.pop(0).apply_bwd()"),),
        fails=("q9.tape",),
    ),
    Mutant(
        "nothing is seeded",
        TAPE,
        (("torch.ones_like(tape[-1].out_tensor)", "torch.zeros_like(tape[-1].out_tensor)"),),
        fails=("q9.tape",),
    ),
    Mutant(
        "the tape is not emptied",
        TAPE,
        (
            (
                "    while tape:\n        tape.pop().apply_bwd()",
                "    for module in reversed(tape):\n        module.apply_bwd()",
            ),
        ),
        fails=("q9.tape",),
    ),
    Mutant(
        "the ReLU asks the gradient",
        TAPE,
        (("out_gradient * (in_tensors[0] > 0)", "out_gradient * (out_gradient > 0)"),),
        fails=("q9.backward_rules",),
        mistake="the ReLU's derivative at the wrong argument",
    ),
    Mutant(
        "one-hot is not subtracted",
        TAPE,
        (
            (
                "        gradient[torch.arange(len(self.labels)), self.labels] -= 1\n",
                "",
            ),
        ),
        fails=("q9.backward_rules",),
        mistake="one-hot is not subtracted",
    ),
    Mutant(
        "the bias's gradient is a mean",
        TAPE,
        (("out_gradient.sum(dim=0)", "out_gradient.mean(dim=0)"),),
        fails=("q9.backward_rules",),
    ),
    Mutant(
        "a product's own factor",
        TAPE,
        (
            (
                "[out_gradient * second, out_gradient * first]",
                "[out_gradient * first, out_gradient * second]",
            ),
        ),
        fails=("q9.backward_rules", "q9.apply_bwd"),
    ),
    Mutant(
        "every step starts afresh",
        RNN,
        (("self.hidden_weights @ state + ", ""),),
        fails=("q9.rnn_states",),
    ),
    Mutant(
        "the label is not subtracted",
        RNN,
        (("return self.forward(x) - y", "return self.forward(x)"),),
        fails=("q9.rnn_gradients",),
        mistake="the label is not subtracted",
    ),
    Mutant(
        "only the own step",
        RNN,
        ((BACK, "gradient = from_output"),),
        fails=("q9.rnn_gradients",),
        mistake="later steps are forgotten",
    ),
    Mutant(
        "not transposed on the way back",
        RNN,
        ((BACK, BACK.replace(".T", "")),),
        fails=("q9.rnn_gradients",),
        mistake="W_hh is not transposed on the way back",
    ),
    Mutant(
        "the state of the same step",
        RNN,
        (("self.hidden_gradients(x, y).T @ before", "self.hidden_gradients(x, y).T @ states"),),
        fails=("q9.rnn_gradients",),
        mistake="h_t stands where h_(t-1) should",
    ),
    Mutant(
        "the outer product turned",
        RNN,
        (("self.hidden_gradients(x, y).T @ before", "before.T @ self.hidden_gradients(x, y)"),),
        fails=("q9.rnn_gradients",),
        mistake="the product is transposed",
    ),
    Mutant(
        "one place too few",
        WINDOWS,
        (
            (
                "(size + 2 * padding - kernel) // stride + 1",
                "(size + 2 * padding - kernel) // stride",
            ),
        ),
        fails=("q9.sizes", "q9.convolutions", "q9.toeplitz"),
        mistake="the first place is not counted",
    ),
    Mutant(
        "padding once",
        WINDOWS,
        (("(size + 2 * padding - kernel)", "(size + padding - kernel)"),),
        fails=("q9.sizes",),
        mistake="padding on one side only",
    ),
    Mutant(
        "without channels",
        WINDOWS,
        (("(channels * kernel[0] * kernel[1] + bias)", "(kernel[0] * kernel[1] + bias)"),),
        fails=("q9.parameters",),
        mistake="the channels are forgotten",
    ),
    Mutant(
        "one bias",
        WINDOWS,
        (
            (
                "(channels * kernel[0] * kernel[1] + bias) * filters * places",
                "channels * kernel[0] * kernel[1] * filters * places + bias",
            ),
        ),
        fails=("q9.parameters",),
        mistake="a single bias for all filters",
    ),
    Mutant(
        "loops turn the kernel around",
        WINDOWS,
        ((LOOP, LOOP.replace("kernel[i, j]", "kernel[-1 - i, -1 - j]")),),
        fails=("q9.convolutions",),
        mistake="the kernel is turned around",
    ),
    Mutant(
        "a stride along one axis",
        WINDOWS,
        ((LOOP, LOOP.replace("c * stride + j", "c + j")),),
        fails=("q9.convolutions",),
    ),
    Mutant(
        "rows and columns exchanged",
        WINDOWS,
        (('"rcij,ij->rc"', '"rcij,ij->cr"'),),
        fails=("q9.convolutions",),
    ),
    Mutant(
        "the matrix turns the kernel around",
        WINDOWS,
        (
            (
                "matrix[row, row : row + len(kernel)] = kernel",
                "matrix[row, row : row + len(kernel)] = kernel.flip(0)",
            ),
        ),
        fails=("q9.toeplitz",),
        mistake="the kernel is turned around",
    ),
    Mutant(
        "the matrix transposed",
        WINDOWS,
        (
            ("    return matrix\n", "    return matrix.T\n"),
            (
                "toeplitz_matrix(kernel, len(signal)) @ signal",
                "signal @ toeplitz_matrix(kernel, len(signal))",
            ),
        ),
        fails=("q9.toeplitz",),
        mistake="the matrix is transposed",
    ),
]
