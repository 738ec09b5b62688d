"""Usual slips in convolution by hand and in the model that is built on it."""

from tests.mutants import Mutant

FILE = "models/convolution.py"
ROWS = "rows = input.shape[0] - weight.shape[0] + 1"
COLUMNS = "columns = input.shape[1] - weight.shape[1] + 1"
ZEROS = "output = input.new_zeros(rows, columns)"
STEP = "output = output + weight[i, j] * input[i : i + rows, j : j + columns]"
RETURN = "return output\n"
FEATURES = "features = filtered.flatten(start_dim=1)"
LOSS = """# BEGIN SOLUTION q5.loss: the cross-entropy
    return functional.cross_entropy(scores, one_hot)"""
TRAIN = "# BEGIN SOLUTION q5.training: minimise the loss"


def _loss(name: str, instead: str, mistake: str) -> Mutant:
    edit = (LOSS, f"return {instead}")
    return Mutant(f"loss: {name}", "losses.py", (edit,), fails=("q5.loss",), mistake=mistake)


MUTANTS = [
    Mutant(
        "padded to the same size",
        FILE,
        (
            (ROWS, "rows = input.shape[0]"),
            (
                COLUMNS,
                "columns = input.shape[1]\n    more = weight.shape[1] - 1, weight.shape[0] - 1\n"
                "    input = functional.pad(input, (0, more[0], 0, more[1]))",
            ),
        ),
        fails=("q5.shape", "q5.model"),
        mistake="the output is padded to the input's size",
    ),
    Mutant(
        "full convolution",
        FILE,
        (
            (
                ROWS,
                "more = weight.shape[1] - 1, weight.shape[0] - 1\n"
                "    input = functional.pad(input, (more[0], more[0], more[1], more[1]))\n"
                f"    {ROWS}",
            ),
        ),
        fails=("q5.shape", "q5.model"),
        mistake="the kernel may hang over the edge",
    ),
    Mutant(
        "one entry too small",
        FILE,
        ((ROWS, ROWS[:-4]), (COLUMNS, COLUMNS[:-4])),
        fails=("q5.shape", "q5.model"),
        mistake="the output is one entry too small",
    ),
    Mutant(
        "one entry too large",
        FILE,
        ((RETURN, "return functional.pad(output, (0, 1, 0, 1))\n"),),
        fails=("q5.shape", "q5.model"),
        mistake="the output is one entry too large",
    ),
    Mutant(
        "the output is transposed",
        FILE,
        ((RETURN, "return output.T\n"),),
        fails=("q5.shape", "q5.model"),
        mistake="the output is transposed",
    ),
    Mutant(
        "the kernel is transposed",
        FILE,
        ((ROWS, f"weight = weight.T\n    {ROWS}"),),
        fails=("q5.shape",),
        mistake="the kernel is transposed",
    ),
    Mutant(
        "leading axes are kept",
        FILE,
        ((RETURN, "return output[None, None]\n"),),
        fails=("q5.shape",),
        mistake="leading axes are kept",
    ),
    Mutant(
        "the kernel is flipped",
        FILE,
        ((STEP, STEP.replace("weight[i, j]", "weight[-1 - i, -1 - j]")),),
        fails=("q5.example", "q5.values"),
        mistake="the kernel is flipped",
    ),
    Mutant(
        "the mean instead of the sum",
        FILE,
        ((RETURN, "return output / weight.numel()\n"),),
        fails=("q5.example", "q5.values"),
        mistake="the mean is taken instead of the sum",
    ),
    Mutant(
        "the maximum instead of the sum",
        FILE,
        (
            (ZEROS, "output = input.new_full((rows, columns), -torch.inf)"),
            (STEP, STEP.replace("output + ", "torch.maximum(output, ") + ")"),
        ),
        fails=("q5.example", "q5.values"),
        mistake="the maximum is taken instead of the sum",
    ),
    Mutant(
        "the kernel is taken to be square",
        FILE,
        (
            ("for i in range(weight.shape[0]):", "for i in range(min(weight.shape)):"),
            ("for j in range(weight.shape[1]):", "for j in range(min(weight.shape)):"),
        ),
        fails=("q5.values",),
    ),
    Mutant(
        "the kernel is taken as a plain number",
        FILE,
        ((STEP, STEP.replace("weight[i, j]", "weight[i, j].item()")),),
        fails=("q5.gradient",),
        mistake="no gradient flows through Convolve",
    ),
    Mutant(
        "the library's convolution",
        FILE,
        ((RETURN, "return torch.conv2d(input[None, None], weight[None, None])[0, 0]\n"),),
        fails=("q5.shape", "q5.model"),
        mistake="a forbidden operator",
    ),
    Mutant(
        "the library's unfold, out of sight",
        FILE,
        (
            (
                RETURN,
                'slide = getattr(functional, "unfold")\n'
                "    parts = slide(input[None, None], weight.shape)[0]\n"
                "    return (weight.flatten() @ parts).reshape(rows, columns)\n",
            ),
        ),
        fails=("q5.shape", "q5.model"),
        mistake="a forbidden operator",
    ),
    Mutant(
        "the kernel is no parameter",
        FILE,
        (("nn.Parameter(torch.ones(KERNEL, KERNEL) / KERNEL)", "torch.ones(KERNEL, KERNEL)"),),
        fails=("q5.model",),
    ),
    Mutant(
        "the batch axis is lost",
        FILE,
        (("return self.scores(parts)", "return self.scores(parts).squeeze()"),),
        fails=("q5.model",),
        mistake="the batch axis is lost",
    ),
    Mutant(
        "the linear layers get the image itself",
        FILE,
        ((FEATURES, "features = images[:, 1:-1, 1:-1].flatten(start_dim=1)"),),
        fails=("q5.through",),
        mistake="the model ignores convolution_weights",
    ),
    Mutant(
        "every image gets the same scores",
        FILE,
        ((FEATURES, "features = torch.zeros_like(filtered).flatten(start_dim=1)"),),
        fails=("q5.through",),
        mistake="the scores do not depend on the image",
    ),
    _loss(
        "the mean over classes too",
        "-(one_hot * scores.log_softmax(1)).mean()",
        "the mean is taken over the classes too",
    ),
    _loss(
        "softmax over the batch",
        "-(one_hot * scores.log_softmax(0)).sum(1).mean()",
        "softmax over the wrong axis",
    ),
    _loss("wrong sign", "-functional.cross_entropy(scores, one_hot)", "the sign is wrong"),
    _loss("squared error", "functional.mse_loss(scores, one_hot)", "a mean squared error"),
    _loss(
        "no logarithm",
        "-(one_hot * scores.softmax(1)).sum(1).mean()",
        "the logarithm is missing",
    ),
    _loss(
        "a number without a gradient",
        "functional.cross_entropy(scores, one_hot).detach()",
        "no gradient reaches the scores",
    ),
    Mutant(
        "training returns at once",
        "train.py",
        ((TRAIN, "return"),),
        fails=("q5.learns",),
    ),
    Mutant(
        "the weights become zero",
        "train.py",
        ((TRAIN, "return [part.data.zero_() for part in model.parameters()]"),),
        fails=("q5.learns",),
        mistake="every answer is the same",
    ),
    Mutant(
        "a division by zero",
        "train.py",
        ((TRAIN, "return [part.data.div_(0) for part in model.parameters()]"),),
        fails=("q5.learns",),
        mistake="the scores are not numbers",
    ),
]
