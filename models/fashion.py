"""To be written."""


class FashionMLP:
    pass


class FashionCNN:
    pass


class DeeperFashionCNN:
    pass
