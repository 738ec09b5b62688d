"""To be written."""


class KernelPerceptron:
    pass


def linear_kernel() -> None:
    raise NotImplementedError


def polynomial_kernel() -> None:
    raise NotImplementedError


def rbf_kernel() -> None:
    raise NotImplementedError
