"""To be written."""


class ThreeStepRNN:
    pass
