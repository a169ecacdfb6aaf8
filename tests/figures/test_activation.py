"""A map taken apart, drawn."""

import numpy as np

from ricap_explorer.figures.activation import AGAINST, activation
from ricap_explorer.figures.looks import Photo
from ricap_explorer.lesson.activation import Apart, Term


def test_features_that_together_speak_against_the_class_are_told_as_that():
    term = Term(7, 2.0, 1.0, np.full((2, 2), 2.0, np.float32))
    for rest, told in ((np.full((2, 2), -1.0, np.float32), True), (np.full((2, 2), 1.0, np.float32), False)):
        apart = Apart(0, 0.5, (term,), rest, 9, term.values + rest, 0.1)
        markup = activation(Photo("data:,", "a dog"), apart, "dog")
        assert (AGAINST in markup) == told and "nothing in the image" not in markup
