"""Parts of the link: what is read comes back as the component's value, what makes no sense is a sentence."""

import gradio as gr
import pytest

from ricap_explorer.ui import link


@pytest.fixture
def parts() -> list[link.Part]:
    return [
        link.number("opacity", gr.Slider(0, 1, 0.55)),
        link.switch("cells", gr.Checkbox(False)),
        link.choice("scale", gr.Radio(["own", "shared"], value="own"), ["own", "shared"]),
        link.choices("runs", gr.CheckboxGroup(["a", "b"]), ["a", "b"]),
    ]


def test_what_a_link_says_is_each_component_s_value(parts):
    params = {"opacity": "0.2", "cells": "on", "scale": "shared", "runs": "b,a", "other": "x"}
    assert link.read_parts(parts, params) == ([0.2, True, "shared", ["b", "a"]], [])


def test_a_link_may_say_that_nothing_is_chosen(parts):
    assert link.read_parts(parts, {"runs": link.NONE})[0][3] == []
    assert f'|| "{link.NONE}"' in parts[3].write


def test_what_a_link_does_not_say_stays(parts):
    updates, sentences = link.read_parts(parts, {})
    assert updates == [gr.skip()] * 4 and not sentences


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"opacity": "2"}, "opacity must be a number from 0 to 1; got '2'"),
        ({"opacity": "nan"}, "opacity must be a number from 0 to 1; got 'nan'"),
        ({"opacity": "much"}, "opacity must be a number from 0 to 1; got 'much'"),
        ({"cells": "1"}, "cells must be one of on, off; got '1'"),
        ({"runs": "a,c"}, "runs must be of those that the page lists; got 'c'"),
    ],
)
def test_what_makes_no_sense_is_told_and_the_rest_holds(params, sentence, parts):
    updates, sentences = link.read_parts(parts, {"scale": "shared"} | params)
    assert sentences == [sentence] and updates[2] == "shared" and updates.count(gr.skip()) == 3
