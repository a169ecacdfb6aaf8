"""Fine-tuning: a run that begins with the weights of another."""

import json

import pytest
import torch

from ricap_explorer.cards import partner
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model
from ricap_explorer.titles import recipe_title, titles_apart
from ricap_explorer.training import run as run_module
from ricap_explorer.training import train
from ricap_explorer.training.distributed import World
from ricap_explorer.training.images import open_images
from ricap_explorer.training.weights import begin_with
from ricap_explorer.zoo import read_checkpoint, write_checkpoint


@pytest.fixture
def begun(tiny, tmp_path):
    """A trained network of the classes of `pets`."""
    return train(tiny(epochs=1, tag="first", out=tmp_path / "first"))


def test_a_run_begins_with_the_weights_and_its_card_tells_which(begun, tiny, capsys):
    config = tiny(weights=str(begun), epochs=1)
    training, _ = open_images(config, World(), "resident")
    trainer = run_module._create_trainer(config, training, World(), resume=False)
    expected = read_checkpoint(begun).load().state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in trainer.model.state_dict().items())
    card = read_checkpoint(train(config)).card
    assert (card["weights"], card["weights_digest"]) == (begun.stem, read_checkpoint(begun).digest)
    assert f"begins with the weights of {begun.stem}, its classifier too" in capsys.readouterr().err


def test_the_classifier_is_new_where_the_classes_are_others(begun):
    model = create_model("looknet", 3, width=8, depth=1)
    before = model.classifier.weight.clone()
    assert not begin_with(str(begun), model, ["cat", "dog", "emu"])
    assert torch.equal(model.classifier.weight, before)
    expected = read_checkpoint(begun).load().state_dict()
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith("classifier")}
    assert len(kept) == len(expected) - 2 and all(torch.equal(value, expected[name]) for name, value in kept.items())


def test_the_network_is_that_of_the_weights(begun, tiny):
    assert tiny(weights=str(begun), arch="").model_arguments == tiny().model_arguments
    with pytest.raises(InputError, match="model must be that of the weights, looknet; got wide_resnet"):
        tiny(weights=str(begun), model="wide_resnet", arch="depth=10,width=1")
    with pytest.raises(InputError, match="arch must be that of the weights, width=8,depth=1.*; got width=16"):
        tiny(weights=str(begun), arch="width=16")


def test_weights_that_cannot_serve_are_refused(begun, tiny, tmp_path):
    with pytest.raises(InputError, match="weights must be a checkpoint's file, or the name of a published one; got x"):
        tiny(weights="x")
    found = read_checkpoint(begun)
    other = tmp_path / "other.safetensors"
    write_checkpoint(other, found.load(), found.card | {"mean": [0.5] * 3})
    with pytest.raises(InputError, match="weights must be of networks of images normalised with ImageNet's mean"):
        tiny(weights=str(other))


def test_a_published_network_is_found_by_its_name(tiny):
    name = "imagenette_looknet_standard-w32.e200.c100.lr0.1_s2"
    config = tiny(weights=name, arch="")
    assert config.model_arguments["width"] == 32 and config.recipe()["weights"] == name


def test_a_stopped_run_goes_on_though_the_file_that_it_began_with_has_changed(begun, tiny, tmp_path):
    config = tiny(weights=str(begun), epochs=2)
    assert train(config, deadline=0.0) is None
    digest = read_checkpoint(begun).digest
    write_checkpoint(begun, create_model("looknet", 2, width=8, depth=1), read_checkpoint(begun).card)
    card = read_checkpoint(train(config, resume=True)).card
    assert card["weights_digest"] == digest != read_checkpoint(begun).digest
    other = tmp_path / "other.safetensors"
    begun.rename(other)
    with pytest.raises(InputError, match="it was begun with other weights"):
        train(tiny(weights=str(other), epochs=2), resume=True)
    assert json.loads((config.folder / "config.json").read_text())["weights"] == begun.stem


def test_fine_tuned_networks_are_called_so_and_set_beside_their_like(tiny, begun):
    cards = [
        tiny(method=name, weights=given).recipe() for name in ("standard", "ricap") for given in (None, str(begun))
    ]
    cards = [card | {"model_arguments": {}, "method_settings": {}, "classes": []} for card in cards]
    assert titles_apart(cards) == ["Standard", "Standard, fine-tuned", "RICAP", "RICAP, fine-tuned"]
    assert "4 epochs, fine-tuned" in recipe_title(cards[1]) and "fine-tuned" not in recipe_title(cards[0])
    assert [partner(card, cards) for card in cards[2:]] == [0, 1]
