"""To be written."""


class MulticlassPerceptron:
    pass
