"""What cards tell, new and old."""

import pytest

from ricap_explorer.cards import kept_size, least_crop, partner, run_name, same_crops
from ricap_explorer.experiments import all_runs, read_tables
from ricap_explorer.training import TrainConfig

CARD = {"image_size": 32, "crop": "resized", "crop_scale": 0.25}


def test_every_wanted_run_and_its_settings_have_one_name():
    runs = all_runs(read_tables())
    assert len(runs) > 300
    for run in runs:
        assert run.name == TrainConfig(**run.settings).name


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "my-pets_looknet_ricap_s3"),
        ({"tag": None}, "my-pets_looknet_ricap_s3"),
        ({"tag": "c50"}, "my-pets_looknet_ricap-c50_s3"),
    ],
)
def test_a_name_holds_the_tag_and_no_folder(settings, name):
    assert run_name({"dataset": "my/pets", "model": "looknet", "method": "ricap", "seed": 3} | settings) == name


def test_images_were_kept_at_the_networks_own_size_where_the_card_tells_no_other():
    assert kept_size(CARD) == 32 and kept_size(CARD | {"store_size": 48}) == 48


def test_only_resized_crops_have_a_least_share_and_so_had_all_before_there_were_others():
    assert least_crop(CARD) == 0.25 and least_crop({"crop_scale": 0.35}) == 0.35
    assert least_crop(CARD | {"crop": "padded"}) is None and least_crop({}) is None


def test_crops_are_the_same_where_their_size_says_nothing():
    padded = [CARD | {"crop": "padded", "crop_scale": share} for share in (0.25, 1.0)]
    assert same_crops(*padded) and not same_crops(padded[0], padded[0] | {"crop": "none"})
    resized = [one | {"crop": "resized"} for one in padded]
    assert not same_crops(*resized) and not same_crops(*({"crop_scale": share} for share in (0.25, 1.0)))


def test_without_a_standard_network_there_is_no_partner():
    card = {"method": "ricap", "model": "looknet", "model_arguments": {}, "epochs": 3}
    assert partner(card, [card, card | {"method": "standard", "epochs": 4}]) is None
    assert partner(card, [card, card | {"method": "standard"}]) == 1
