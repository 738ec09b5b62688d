"""What a student hands in: the losses."""

from torch.nn.functional import cross_entropy, mse_loss


def regression_loss(y_pred, y):
    return mse_loss(y_pred, y)


def digitclassifier_loss(y_pred, y):
    return cross_entropy(y_pred, y.argmax(dim=1))


def languageid_loss(y_pred, y):
    return cross_entropy(y_pred, y)


def digitconvolution_Loss(y_pred, y):
    return cross_entropy(y_pred, y)
