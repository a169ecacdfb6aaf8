"""Networks by name, their arguments as values and as text."""

import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.models import MODELS, create_model, model_arguments, parse_arguments


def test_unknown_names_list_the_known():
    with pytest.raises(InputError, match=f"^model must be one of {', '.join(MODELS)}; got 'resnet'$"):
        create_model("resnet")
    with pytest.raises(InputError, match="^looknet takes the arguments width, depth; got dropout$"):
        create_model("looknet", dropout=1)
    with pytest.raises(InputError, match="got name$"):
        create_model("looknet", name=1)
    with pytest.raises(InputError, match="^wide_resnet50_2 takes no arguments; got depth$"):
        create_model("wide_resnet50_2", depth=50)


def test_arguments_are_filled_in():
    assert model_arguments("looknet", depth=5) == {"width": 64, "depth": 5}
    assert model_arguments("wide_resnet", width=2) == {"depth": 28, "width": 2, "dropout": 0.3}
    assert model_arguments("wide_resnet50_2") == {}


@pytest.mark.parametrize("name", MODELS)
def test_every_argument_has_a_default_that_a_text_can_say(name):
    defaults = model_arguments(name)
    assert all(type(value) in (bool, int, float) for value in defaults.values())
    text = ",".join(f"{key}={value}" for key, value in defaults.items())
    assert repr(parse_arguments(name, text)) == repr(defaults)  # repr: 0 is not 0.0, 1 not True


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        ("wide_resnet", "", {}),
        ("wide_resnet", "  ", {}),
        ("wide_resnet50_2", "", {}),
        ("wide_resnet", "depth=28,width=10,dropout=0.3", {"depth": 28, "width": 10, "dropout": 0.3}),
        ("wide_resnet", " width = 2 , depth = 16 ", {"width": 2, "depth": 16}),
        ("wide_resnet", "dropout=0", {"dropout": 0.0}),
        ("wide_resnet", "dropout=1e-2", {"dropout": 0.01}),
        ("wide_resnet", "dropout=.5", {"dropout": 0.5}),
        ("pyramidnet", "bottleneck=false,alpha=48", {"bottleneck": False, "alpha": 48}),
        ("pyramidnet", "bottleneck=True", {"bottleneck": True}),
        ("looknet", "depth=-3", {"depth": -3}),  # the network refuses it, and says what it allows
    ],
)
def test_text_becomes_values(name, text, arguments):
    assert repr(parse_arguments(name, text)) == repr(arguments)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("wide_resnet", "depth", "arguments must be name=value with commas between"),
        ("wide_resnet", "depth=", "arguments must be name=value"),
        ("wide_resnet", "=28", "arguments must be name=value"),
        ("wide_resnet", "depth=28,", "arguments must be name=value"),
        ("wide_resnet", ",", "arguments must be name=value"),
        ("wide_resnet", "depth=28 width=10", "depth must be a whole number; got '28 width=10'"),
        ("wide_resnet", "depth=28,depth=16", "depth must be given once"),
        ("wide_resnet", "height=3", "wide_resnet takes the arguments depth, width, dropout; got height"),
        ("wide_resnet", "num_classes=3", "wide_resnet takes the arguments depth, width, dropout; got num_classes"),
        ("wide_resnet", "depth=28.0", "depth must be a whole number; got '28.0'"),
        ("wide_resnet", "depth=2_8", "depth must be a whole number"),
        ("wide_resnet", "depth=" + "9" * 5000, "depth must be a whole number"),
        ("wide_resnet", "depth=true", "depth must be a whole number"),
        ("wide_resnet", "dropout=nan", "dropout must be a number; got 'nan'"),
        ("wide_resnet", "dropout=inf", "dropout must be a number"),
        ("wide_resnet", "dropout=.", "dropout must be a number"),
        ("pyramidnet", "bottleneck=1", "bottleneck must be true or false; got '1'"),
        ("wide_resnet50_2", "depth=50", "wide_resnet50_2 takes no arguments; got depth"),
        ("resnet", "depth=28", "model must be one of "),
    ],
)
def test_bad_text_is_told(name, text, told):
    with pytest.raises(InputError) as caught:
        parse_arguments(name, text)
    assert str(caught.value).startswith(told) and "; got" in str(caught.value)
