"""To be written."""


class Head:
    pass


class MultiHeadAttention:
    pass


class FeedForward:
    pass


class Block:
    pass


class BigramLanguageModel:
    pass
