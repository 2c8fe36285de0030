"""Logistic regressions over many features, fitted to the same bits on every machine.

Sums of floating-point numbers depend on their order, and that of a BLAS library depends on the
processor. So does the last bit of its exponential function. Only operations are used here that IEEE
754 defines to the last bit, each sum in a fixed order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from news.filing.learned import STANDFIRST, share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from train.headline_rows import TrainingRow

_OF_INTERCEPTS = 0.01
"""Factor of the regularisation of intercepts, relative to that of weights."""
_USUAL = 30
"""Headlines with a feature whose factor is 1."""
_DIGITS = 4
"""Decimal places of the factors; the logarithms that they are made from differ in their last."""
_STEPS, _PRODUCTS, _HALVINGS = 30, 60, 20
"""Most Newton steps, products with the Hessian for one step, and halvings of a step."""
_CLOSE = 1e-4
"""Share of its first squared length at which the gradient is small enough."""
_SOLVED = 1e-2
"""The same for the residual of the equations of one step."""
_STEEPEST = 30.0
_TERMS = 14
_LOG2_E, _LN_2 = 1.4426950408889634, 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse matrix as its entries, which are in order of rows."""

    rows: Any
    columns: Any
    values: Any
    shape: tuple[int, int]

    def times(self, vector: Any) -> Any:  # noqa: ANN401
        """Return the product with a vector that has a number for each column."""
        return np.bincount(self.rows, self.values * vector[self.columns], self.shape[0])

    def turned_times(self, vector: Any) -> Any:  # noqa: ANN401
        """Return the product of the transposed matrix with a number for each row."""
        return np.bincount(self.columns, self.values * vector[self.rows], self.shape[1])

    def counts(self) -> Any:  # noqa: ANN401
        """Return the number of entries of each column."""
        return np.bincount(self.columns, minlength=self.shape[1])

    def scaled(self, factors: Any) -> Sparse:  # noqa: ANN401
        """Return the matrix with each column multiplied by its factor."""
        return Sparse(self.rows, self.columns, self.values * factors[self.columns], self.shape)


def matrix(rows: Sequence[TrainingRow], columns: Mapping[int, int]) -> Sparse:
    """Return a matrix, rows by features, with the values that `learned.logits` uses.

    Args:
        rows: The headlines.
        columns: Hash of a feature → its column. Other features are left out.
    """
    found: list[dict[int, float]] = []
    for row in rows:
        in_title = sorted(columns[one] for one in row.title if one in columns)
        in_standfirst = sorted(columns[one] for one in row.standfirst if one in columns)
        each = share(len(in_title) + STANDFIRST * len(in_standfirst))
        found.append(
            dict.fromkeys(in_title, each) | dict.fromkeys(in_standfirst, each * STANDFIRST)
        )
    return sparse(found, len(columns))


def sparse(rows: Sequence[Mapping[int, float]], width: int) -> Sparse:
    """Return a matrix of `width` columns from rows, each a mapping of column → value."""
    return Sparse(
        np.array([number for number, row in enumerate(rows) for _ in row], np.int64),
        np.array([column for row in rows for column in row], np.int64),
        np.array([value for row in rows for value in row.values()], float),
        (len(rows), width),
    )


def fit(
    features: Sparse,
    labels: Any,  # noqa: ANN401
    weights: Any,  # noqa: ANN401
    penalty: float,
    rarity: float = 0.0,
) -> tuple[Any, Any]:
    """Return the weights (features by labels) and intercepts that minimise the regularised loss.

    Args:
        features: Rows by features.
        labels: Rows by labels, 0 or 1.
        weights: Rows by labels: the weight of each row; 0 leaves it out.
        penalty: Strength of L2 regularisation.
        rarity: How much more a rare feature may weigh than a common one; 0 for no difference.
    """
    whole, unscaled = _whole(features, rarity)
    found = [
        minimum(whole, labels[:, place], weights[:, place], penalty)
        for place in range(labels.shape[1])
    ]
    return unscaled(found)


def ridge(
    features: Sparse,
    targets: Any,  # noqa: ANN401
    weights: Any,  # noqa: ANN401
    penalty: float,
) -> tuple[Any, Any]:
    """Return the weights and intercepts that minimise the regularised squared error.

    Args:
        features: Rows by features.
        targets: Rows by numbers to be told from the features.
        weights: The weight of each row.
        penalty: Strength of L2 regularisation.
    """
    whole, unscaled = _whole(features, 0.0)
    squares = Sparse(whole.rows, whole.columns, whole.values**2, whole.shape)
    diagonal = squares.turned_times(weights) + penalty
    # Solving is rough, so the means must not hide what differs from them.
    means = (targets * weights[:, None]).sum(0) / weights.sum()
    found = [
        _solved(
            lambda one: _hessian(whole, weights, penalty, one),
            whole.turned_times(weights * target),
            diagonal,
        )
        for target in (targets - means).T
    ]
    its_weights, intercepts = unscaled(found)
    return its_weights, intercepts + means


def _whole(features: Sparse, rarity: float) -> tuple[Sparse, Callable[[Any], tuple[Any, Any]]]:
    """Return the scaled features with a last column for intercepts, and how to undo it."""
    rows, columns = features.shape
    scales = _scales(features, rarity)
    # A last column of ones is the intercept; its value makes up for the common penalty.
    one = 1 / np.sqrt(_OF_INTERCEPTS)
    scaled = features.scaled(scales)
    whole = Sparse(
        np.concatenate([scaled.rows, np.arange(rows)]),
        np.concatenate([scaled.columns, np.full(rows, columns)]),
        np.concatenate([scaled.values, np.full(rows, one)]),
        (rows, columns + 1),
    )

    def unscaled(found: Any) -> tuple[Any, Any]:  # noqa: ANN401
        weights = np.stack(found, 1)
        return weights[:-1] * scales[:, None], weights[-1] * one

    return whole, unscaled


def minimum(features: Sparse, labels: Any, weights: Any, penalty: float) -> Any:  # noqa: ANN401
    """Return the weights of the features for one label, found by Newton's method.

    Args:
        features: Rows by features.
        labels: 0 or 1 for each row.
        weights: The weight of each row.
        penalty: Strength of L2 regularisation.
    """
    signs = 2.0 * labels - 1
    squares = Sparse(features.rows, features.columns, features.values**2, features.shape)
    found, margins = np.zeros(features.shape[1]), np.zeros(features.shape[0])

    def gradient(found: Any, margins: Any) -> Any:  # noqa: ANN401
        slopes = weights * signs * sigmoid(-margins * signs)
        return penalty * found - features.turned_times(slopes)

    slope = gradient(found, margins)
    first = _dot(slope, slope)
    for _ in range(_STEPS):
        if _dot(slope, slope) <= _CLOSE * first:
            break
        likely = sigmoid(margins)
        curve = weights * likely * (1 - likely)
        diagonal = squares.turned_times(curve) + penalty
        step = _solved(lambda one: _hessian(features, curve, penalty, one), -slope, diagonal)  # noqa: B023 - called at once
        moved, down = features.times(step), _dot(slope, step)
        size = 1.0
        for _ in range(_HALVINGS):
            after = gradient(found + size * step, margins + size * moved)
            # The loss is convex: it has fallen unless the slope there rises as much as half of it.
            if _dot(after, step) <= -down / 2:
                break
            size /= 2
        found, margins, slope = found + size * step, margins + size * moved, after
    return found


def _hessian(features: Sparse, curve: Any, penalty: float, vector: Any) -> Any:  # noqa: ANN401
    return features.turned_times(curve * features.times(vector)) + penalty * vector


def _solved(product: Callable[[Any], Any], right: Any, diagonal: Any) -> Any:  # noqa: ANN401
    """Return roughly the vector whose product is `right`, by conjugate gradients.

    Args:
        product: Multiplies a vector by a symmetric matrix.
        right: The right side.
        diagonal: The diagonal of the matrix.
    """
    found = np.zeros_like(right)
    rest, near = right, right / diagonal
    direction = near
    left = first = _dot(rest, near)
    for _ in range(_PRODUCTS if first else 0):
        turned = product(direction)
        size = left / _dot(direction, turned)
        found += size * direction
        rest = rest - size * turned
        near = rest / diagonal
        before, left = left, _dot(rest, near)
        if left <= _SOLVED * first:
            break
        direction = near + left / before * direction
    return found


def _dot(one: Any, other: Any) -> float:  # noqa: ANN401
    """Return the inner product, added in an order that does not depend on the processor."""
    return float((one * other).sum())


def sigmoid(logits: Any) -> Any:  # noqa: ANN401
    """Return the probabilities of these logits."""
    small = _exponential(-np.minimum(np.abs(logits), _STEEPEST))
    likely = 1 / (1 + small)
    return np.where(logits >= 0, likely, 1 - likely)


def _exponential(powers: Any) -> Any:  # noqa: ANN401
    """Return e to the given powers by the exponential series and powers of two."""
    whole = np.rint(powers * _LOG2_E)
    rest = powers - whole * _LN_2
    total = np.ones_like(powers)
    for term in range(_TERMS, 0, -1):
        total = total * rest / term + 1
    return np.ldexp(total, whole.astype(np.int64))


def _scales(features: Sparse, rarity: float) -> Any:  # noqa: ANN401
    """Return for each feature the factor of its values; larger for rare ones."""
    rows = features.shape[0]
    if not rarity:
        return np.ones(features.shape[1])
    times = np.maximum(features.counts(), 1)
    return np.round((np.log(rows / times) / np.log(rows / _USUAL)) ** rarity, _DIGITS)
