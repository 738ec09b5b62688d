"""The networks of every homework, one noun per file; ``import models`` serves them all."""

from models.attention import AttentionBlock
from models.autodiff import (
    TapeAdd,
    TapeLinear,
    TapeModule,
    TapeMultiply,
    TapeReLU,
    TapeSoftmaxCrossEntropy,
    TapeValue,
    tape_bwd,
)
from models.char_gpt import CharacterGPT, TransformerBlock
from models.convolution import Convolve, DigitConvolutionalModel
from models.convolution_forms import (
    convolve_loops,
    convolve_strided,
    convolve_toeplitz,
    output_size,
    parameter_count,
    toeplitz_matrix,
)
from models.digits import DigitClassificationModel
from models.fashion import DeeperFashionCNN, FashionCNN, FashionMLP
from models.kernel_perceptron import KernelPerceptron, linear_kernel, polynomial_kernel, rbf_kernel
from models.language_id import LanguageIDModel
from models.mini_cnn import MiniCNN
from models.multiclass_perceptron import MulticlassPerceptron
from models.nmt import NMT, Hypothesis, ModelEmbeddings, Vocab, VocabEntry, pad_sents
from models.numpy_checkers import gradient_checker, magnitude_checker
from models.numpy_mlp import (
    DataSplit,
    backward_pass,
    forward_pass,
    linear_layer,
    miniBatchGradientDescent,
    predict_label,
    relu,
    softmax_cross_entropy,
)
from models.perceptron import PerceptronModel
from models.regression import RegressionModel
from models.rnn_lm import RNN, RNNCell, RNNLanguageModel, SelfAttention
from models.three_step_rnn import ThreeStepRNN
from models.transformer import BigramLanguageModel, Block, FeedForward, Head, MultiHeadAttention

__all__ = [
    "NMT",
    "RNN",
    "AttentionBlock",
    "BigramLanguageModel",
    "Block",
    "CharacterGPT",
    "Convolve",
    "DataSplit",
    "DeeperFashionCNN",
    "DigitClassificationModel",
    "DigitConvolutionalModel",
    "FashionCNN",
    "FashionMLP",
    "FeedForward",
    "Head",
    "Hypothesis",
    "KernelPerceptron",
    "LanguageIDModel",
    "MiniCNN",
    "ModelEmbeddings",
    "MultiHeadAttention",
    "MulticlassPerceptron",
    "PerceptronModel",
    "RNNCell",
    "RNNLanguageModel",
    "RegressionModel",
    "SelfAttention",
    "TapeAdd",
    "TapeLinear",
    "TapeModule",
    "TapeMultiply",
    "TapeReLU",
    "TapeSoftmaxCrossEntropy",
    "TapeValue",
    "ThreeStepRNN",
    "TransformerBlock",
    "Vocab",
    "VocabEntry",
    "backward_pass",
    "convolve_loops",
    "convolve_strided",
    "convolve_toeplitz",
    "forward_pass",
    "gradient_checker",
    "linear_kernel",
    "linear_layer",
    "magnitude_checker",
    "miniBatchGradientDescent",
    "output_size",
    "pad_sents",
    "parameter_count",
    "polynomial_kernel",
    "predict_label",
    "rbf_kernel",
    "relu",
    "softmax_cross_entropy",
    "tape_bwd",
    "toeplitz_matrix",
]
