"""Names that circulate for the same thing: what a check asks for, and what else is accepted."""

from __future__ import annotations

# (module, name) -> other places and spellings, tried in this order after the name itself.
SPELLINGS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    # The homework's own file comes first; here the network stands in models/numpy_mlp.py.
    **{
        ("neural_networks", name): (("models", name),)
        for name in (
            "DataSplit",
            "backward_pass",
            "forward_pass",
            "gradient_checker",
            "linear_layer",
            "magnitude_checker",
            "miniBatchGradientDescent",
            "predict_label",
            "relu",
            "softmax_cross_entropy",
        )
    },
    # So does rnn.py; here the networks stand in models/rnn_lm.py and the training in train_lm.py.
    **{
        ("rnn", name): (("models", name),)
        for name in ("RNN", "RNNCell", "RNNLanguageModel", "SelfAttention")
    },
    **{("rnn", name): (("train_lm", name),) for name in ("train", "validate")},
    # The homework's own three files come first here, too; ours stand in models/nmt/.
    ("utils", "pad_sents"): (("models", "pad_sents"),),
    ("model_embeddings", "ModelEmbeddings"): (("models", "ModelEmbeddings"),),
    ("nmt_model", "NMT"): (("models", "NMT"),),
    ("models", "AttentionBlock"): (("models", "Attention"), ("models", "Attention_Block")),
    ("models", "TransformerBlock"): (
        ("models", "Transformer_Block"),
        ("gpt_model", "TransformerBlock"),
        ("gpt_model", "Transformer_Block"),
    ),
    ("models", "CharacterGPT"): (
        ("models", "Character_GPT"),
        ("gpt_model", "CharacterGPT"),
        ("gpt_model", "Character_GPT"),
        ("gpt_model", "GPT"),
    ),
    ("models", "Convolve"): (("models", "convolve"),),
    ("losses", "digitconvolution_loss"): (("losses", "digitconvolution_Loss"),),
    ("train", "train_digitconvolution"): (
        ("train", "Train_DigitConvolution"),
        ("train", "train_digitconvolutional"),
    ),
}

# In an older edition, everything stands in models.py: a class has its own loss and training as
# methods, and `run` for `forward`. (module, name) -> the class, and what the method may be called.
IN_A_CLASS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("losses", "regression_loss"): ("RegressionModel", ("get_loss",)),
    ("losses", "digitclassifier_loss"): ("DigitClassificationModel", ("get_loss",)),
    ("losses", "languageid_loss"): ("LanguageIDModel", ("get_loss",)),
    ("losses", "digitconvolution_loss"): ("DigitConvolutionalModel", ("get_loss",)),
    ("train", "train_perceptron"): ("PerceptronModel", ("train_model", "train")),
    ("train", "train_regression"): ("RegressionModel", ("train_model", "train")),
    ("train", "train_digitclassifier"): ("DigitClassificationModel", ("train_model", "train")),
    ("train", "train_languageid"): ("LanguageIDModel", ("train_model", "train")),
    ("train", "train_digitconvolution"): ("DigitConvolutionalModel", ("train_model", "train")),
}

# Homework modules that a submission may hold; each resolves in the submission and nowhere else.
HOMEWORK_MODULES = (
    "models",
    "losses",
    "train",
    "gpt_model",
    "neural_networks",
    "rnn",
    "train_lm",
    *("nmt_model", "model_embeddings", "utils", "vocab"),  # each of q11's files imports the next
)

# What it may hold beside Python: a text, one line for each thing that was asked.
HOMEWORK_TEXTS = ("outputs/test_outputs.txt",)


def accepted(module: str, name: str) -> tuple[tuple[str, str], ...]:
    """Every (module, name) under which a wanted name may be found, the canonical one first."""
    return ((module, name), *SPELLINGS.get((module, name), ()))
