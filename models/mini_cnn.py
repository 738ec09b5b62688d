"""To be written."""


class MiniCNN:
    pass
