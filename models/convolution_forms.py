"""To be written."""


def convolve_loops() -> None:
    raise NotImplementedError


def convolve_toeplitz() -> None:
    raise NotImplementedError


def convolve_strided() -> None:
    raise NotImplementedError


def toeplitz_matrix() -> None:
    raise NotImplementedError


def output_size() -> None:
    raise NotImplementedError


def parameter_count() -> None:
    raise NotImplementedError
