"""The networks of every homework, one noun per file; ``import models`` serves them all."""

from models.attention import AttentionBlock
from models.char_gpt import CharacterGPT, TransformerBlock
from models.convolution import Convolve, DigitConvolutionalModel
from models.digits import DigitClassificationModel
from models.language_id import LanguageIDModel
from models.perceptron import PerceptronModel
from models.regression import RegressionModel

__all__ = [
    "AttentionBlock",
    "CharacterGPT",
    "Convolve",
    "DigitClassificationModel",
    "DigitConvolutionalModel",
    "LanguageIDModel",
    "PerceptronModel",
    "RegressionModel",
    "TransformerBlock",
]
