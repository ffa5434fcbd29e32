"""SparseGPT: prune a matrix column by column; the weights right of each take over what it did.

Source: Frantar and Alistarh 2023, arXiv 2301.00774, algorithm 1.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from pielab.training import matrices, models, pruning
from pielab.training.compressors import Job
from pielab.training.sparse import sparse_bytes

LEVEL = "percent"
WORDS = "SparseGPT pruning after training"
CALIBRATES = True
OPTIONS = {
    "damping": {
        "description": "a share of the Hessian's mean diagonal that is added to it, over 0, to 1",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": 0.01,
    },
    "block": {
        "description": "a number of columns, 1 or more, in which the share of pruned weights holds",
        "type": "integer",
        "minimum": 1,
        "default": 128,
    },
}


def compress(model: models.Classifier, job: Job) -> models.Classifier:
    """Prune the model's weight matrices in place, stage by stage, and return it."""
    assert job.rows is not None
    matrices.change_calibrated(
        model,
        job.run,
        job.rows,
        matrices.sum_of_products,
        lambda weight, products: prune(
            weight, products, job.level / 100, job.options["damping"], job.options["block"]
        ),
    )
    return model


def prune(weight: Tensor, products: Tensor, share: float, damping: float, block: int) -> Tensor:
    """Return a matrix with zeros, whose other weights make up for what was pruned.

    Of each `block` of columns, with all that was handed on to them, those weights go whose loss,
    w^2 / [H^-1]_jj of the columns not yet done, is smallest.

    Parameters
    ----------
    weight : float32 (rows, columns)
    products : float64 (columns, columns)
        Sums of products of the inputs: the Hessian, up to a factor.
    share : float
        Fraction of each block; round(share * its weights) go, among equal losses the first.
    """
    work = weight.double().T.contiguous()  # (columns, rows), as it is worked through
    upper = inverse_factor(products, damping)
    work[products.diagonal() == 0] = 0  # what is always zero is read for nothing
    for start in range(0, len(work), block):
        columns = work[start : start + block]
        end = start + len(columns)
        losses = (columns / upper.diagonal()[start:end, None]).square().T
        gone = ~pruning.prune_smallest(losses, torch.ones_like(losses, dtype=torch.bool), share).T
        errors = _eliminate(columns, gone, upper[start:end, start:end])
        work[end:].addmm_(upper[start:end, end:].T, errors, alpha=-1)
    return work.T.to(weight.dtype)


def inverse_factor(products: Tensor, damping: float) -> Tensor:
    """Return U, upper triangular, with U^T U the inverse of the damped Hessian.

    Its row j, over its first element, is column j of the inverse of what is left of the Hessian
    without the columns before j, and the square of that element is the inverse's own. From the
    last column to the first the Hessian is L L^T, and U is L^-1 in that order.
    """
    hessian = products.clone()
    diagonal = hessian.diagonal()
    diagonal[diagonal == 0] = 1
    diagonal += damping * diagonal.mean()
    lower = torch.linalg.cholesky(hessian.flip(0, 1))
    unit = torch.eye(len(lower), dtype=lower.dtype, device=lower.device)
    return torch.linalg.solve_triangular(lower, unit, upper=False).flip(0, 1)


def _eliminate(weights: Tensor, gone: Tensor, upper: Tensor) -> Tensor:
    """Hand on within a block, column by column, set what is gone to zero in place; return errors.

    Parameters
    ----------
    weights, gone : float64, bool (columns, rows)
        Of the block.
    upper : float64 (columns, columns)
        The block's part of the factor.
    """
    errors, lost = torch.empty_like(weights), gone / upper.diagonal()[:, None]
    for column, row in enumerate(weights):
        row.addmv_(errors[:column].T, upper[:column, column], alpha=-1)
        torch.mul(row, lost[column], out=errors[column])
    weights.masked_fill_(gone, 0)  # exactly, and not but for rounding
    return errors


def stored_bytes(name: str, shape: tuple[int, int], level: float, options: Mapping) -> int:
    """Return the bytes of a matrix as stored: where weights are left, and these."""
    rows, columns = shape
    starts = range(0, columns, options["block"])
    sizes = [rows * min(options["block"], columns - start) for start in starts]
    kept = sum(size - round(level / 100 * size) for size in sizes)
    return sparse_bytes(rows * columns, kept, options.get("each", 4))
