"""Logistic regressions over many features, fitted for all labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array

from news.filing.learned import STANDFIRST, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from train.headline_rows import TrainingRow

_ROUNDS = 150
_CLOSE = 1e-5
_OF_INTERCEPTS = 0.01
"""Factor of the regularisation of intercepts, relative to that of weights."""
_STEEPEST = 30
_USUAL = 30
"""Headlines with a feature whose factor is 1."""


def matrix(rows: Sequence[TrainingRow], columns: dict[int, int]) -> Any:  # noqa: ANN401 - scipy has no types
    """Return a sparse matrix, rows by features, with the values that `learned.logits` uses.

    Args:
        rows: The headlines.
        columns: Hash of a feature → its column. Other features are left out.
    """
    values: list[float] = []
    places: list[int] = []
    ends = [0]
    for row in rows:
        # Sorted, so that sums are equal to the last digit in every run.
        in_title = sorted(columns[one] for one in row.title if one in columns)
        in_standfirst = sorted(columns[one] for one in row.standfirst if one in columns)
        each = share(len(in_title) + STANDFIRST * len(in_standfirst))
        places += in_title + in_standfirst
        values += [each] * len(in_title) + [each * STANDFIRST] * len(in_standfirst)
        ends.append(len(places))
    return csr_array((values, places, ends), shape=(len(rows), len(columns)))


def fit(
    features: Any,  # noqa: ANN401
    labels: Any,  # noqa: ANN401
    weights: Any,  # noqa: ANN401
    penalties: Any,  # noqa: ANN401
    rarity: float = 0.0,
) -> tuple[Any, Any]:
    """Return the weights (features by labels) and intercepts that minimise the regularised loss.

    Args:
        features: Rows by features, sparse.
        labels: Rows by labels, 0 or 1.
        weights: Rows by labels: the weight of each row; 0 leaves it out.
        penalties: For each label, the strength of L2 regularisation.
        rarity: How much more a rare feature may weigh than a common one; 0 for no difference.
    """
    width, count = features.shape[1], labels.shape[1]
    scales = _scales(features, rarity)
    features = csr_array(features.multiply(scales))
    turned, signs = features.T.tocsr(), 2.0 * labels - 1
    penalties = np.asarray(penalties, float)

    def loss(parameters: Any) -> tuple[float, Any]:  # noqa: ANN401
        inner = parameters[: width * count].reshape(width, count)
        intercepts = parameters[width * count :]
        margins = (features @ inner + intercepts) * signs
        slopes = -weights * signs / (1 + np.exp(np.clip(margins, -_STEEPEST, _STEEPEST)))
        of_weights = penalties * inner
        of_intercepts = _OF_INTERCEPTS * penalties * intercepts
        total = (
            (weights * np.logaddexp(0, -margins)).sum()
            + (of_weights * inner).sum() / 2
            + (of_intercepts * intercepts).sum() / 2
        )
        gradient = [(turned @ slopes + of_weights).ravel(), slopes.sum(0) + of_intercepts]
        return float(total), np.concatenate(gradient)

    found = minimize(
        loss,
        np.zeros(width * count + count),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ROUNDS, "ftol": _CLOSE},
    ).x
    weights_found = found[: width * count].reshape(width, count) * scales[:, None]
    return weights_found, found[width * count :]


def _scales(features: Any, rarity: float) -> Any:  # noqa: ANN401
    """Return for each feature the factor of its values; larger for rare ones."""
    count = features.shape[0]
    times = np.maximum(np.asarray((features > 0).sum(0)).ravel(), 1)
    return (np.log(count / times) / np.log(count / _USUAL)) ** rarity
