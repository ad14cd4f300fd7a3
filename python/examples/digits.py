# SPDX-License-Identifier: Apache-2.0
"""Recognizes handwritten digits with scikit-learn's own bundled data set.

The model is trained once, when the module is imported. With ``preload=digits`` that happens in the pool's
template, and every worker shares the trained model's memory.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

import serpentry

SIDE = 8
PIXELS = SIDE * SIDE
DARKEST = 16.0
SEED = 20
HELD_OUT = 0.25


@dataclass(frozen=True, slots=True)
class Prediction:
    """A digit from 0 to 9, and the model's probability that it is right, from 0 to 1."""

    digit: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of the held-out images that are recognized, with how many there were and the split's seed."""

    accuracy: float
    trained_on: int
    tested_on: int
    seed: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A held-out image, which the model has not seen, and the digit that it shows."""

    index: int
    image: list[float]
    label: int


_data = load_digits()
_train, _test, _train_labels, _test_labels = train_test_split(
    _data.data, _data.target, test_size=HELD_OUT, random_state=SEED, stratify=_data.target
)
_model = CalibratedClassifierCV(SVC(gamma=0.001, C=10.0), ensemble=False).fit(_train, _train_labels)
_accuracy = float(_model.score(_test, _test_labels))


@serpentry.expose
def predict(image: list[float]) -> Prediction:
    """The digit on one image: 64 values from 0 (paper) to 16 (ink), row by row."""
    return predict_batch([image])[0]


@serpentry.expose
def predict_batch(images: list[list[float]]) -> list[Prediction]:
    """The digits on many images, in order; one call for many is far cheaper than many calls."""
    if not images:
        return []
    for number, image in enumerate(images):
        if len(image) != PIXELS:
            raise ValueError(
                f"images[{number}] has {len(image)} values; {PIXELS} ({SIDE} x {SIDE}) are needed"
            )
    pixels = np.asarray(images, dtype=np.float64)
    wrong = np.argwhere(~((pixels >= 0) & (pixels <= DARKEST)))
    if len(wrong):
        number, place = (int(value) for value in wrong[0])
        raise ValueError(
            f"images[{number}][{place}] is {pixels[number, place]}; the range is 0 to {DARKEST:g}"
        )
    probabilities = _model.predict_proba(pixels)
    best = probabilities.argmax(axis=1)
    return [
        Prediction(int(_model.classes_[column]), float(row[column]))
        for row, column in zip(probabilities, best, strict=True)
    ]


@serpentry.expose
def accuracy() -> Accuracy:
    """How well the model does on the images that it was not trained on."""
    return Accuracy(_accuracy, len(_train), len(_test), SEED)


@serpentry.expose
def sample(index: int) -> Sample:
    """A held-out image to try; `index` counts from 0."""
    if not 0 <= index < len(_test):
        raise IndexError(f"there are {len(_test)} held-out images, so index runs from 0 to {len(_test) - 1}")
    return Sample(index, [float(value) for value in _test[index]], int(_test_labels[index]))
