"""The table of published sets agrees with the loaders, the configurations, and itself."""

import importlib
import re
from pathlib import Path

import pytest

from datasets.preparation.catalogue import plain_name, published
from datasets.preparation.fetching import problems_of
from datasets.preparation.listing import stand_in
from datasets.preparation.published_sets import PUBLISHED
from foundation.errors import UserError
from settings.reading import ROOT

BY_NAME = {one.name: one for one in PUBLISHED}


@pytest.fixture(params=PUBLISHED, ids=list(BY_NAME))
def one(request):
    return request.param


def test_every_loader_knows_its_structure(one):
    assert callable(importlib.import_module(one.loader).check)


def laid_out(one, root, number):
    """Something, of no use, at one of the places of each file."""
    for file in one.files:
        place = root / file.places[min(number, len(file.places) - 1)]
        if place.suffix:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"x")
        else:
            place.mkdir(parents=True)


@pytest.mark.parametrize("number", range(5))
def test_loaders_look_where_files_are_put_and_report_what_they_find(one, number, tmp_path, monkeypatch):
    monkeypatch.setenv("DISENTANGLEMENT_TRANSFER_DATA", "/nowhere")
    if number >= max(len(file.places) for file in one.files):
        pytest.skip("it has fewer places")
    laid_out(one, tmp_path, number)
    assert len(one.present(tmp_path)) == len(one.files)
    problems = problems_of(one, tmp_path)
    assert problems, "a file of one byte is no data set"
    assert not [line for line in problems if "brings it or says how" in line and "there is no" in line.partition(";")[0][:60]]


def test_a_set_that_is_not_there_is_refused_in_one_line(one, tmp_path):
    with pytest.raises(UserError, match="prepare_datasets.py fetch") as raised:
        importlib.import_module(one.loader).check(str(tmp_path), *one.edition)
    assert "\n" not in str(raised.value)


def test_hashes_and_addresses_are_of_their_form(one):
    for file in one.files:
        for hash_ in filter(None, (file.hash_, file.unpacked_hash)):
            assert re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", hash_)
        for mirror in file.mirrors:
            assert re.fullmatch(r"https?://[\w.-]+/[\w./~-]+", mirror)
            assert file.mirrors.index(mirror) == 0 or file.mirrors[0] != mirror
        for place in (*file.places, file.place):
            assert not Path(place).is_absolute() and ".." not in Path(place).parts
        assert file.bytes_ > 0
    assert one.fetched or one.by_hand


def test_no_two_sets_want_the_same_place():
    places = [file.place for one in PUBLISHED for file in one.files]
    assert len(set(places)) == len(places)


def test_every_name_in_a_configuration_finds_its_set(one):
    for name in (one.name, plain_name(one.name), one.name.upper(), *one.serves):
        assert published(name, PUBLISHED) is one
    for name in (one.name, *one.serves):
        assert (ROOT / "configs" / "datasets" / f"{plain_name(name)}.gin").is_file(), name


def test_a_stand_in_is_named_where_there_is_one(one):
    assert stand_in(one, {f"rendered_{plain_name(one.name)}", "rendered_other"}) == f"rendered_{plain_name(one.name)}"
    assert stand_in(one, {"rendered_mpi3d"}) == ("rendered_mpi3d" if one.name.startswith("mpi3d") else stand_in(one, {}))
    assert stand_in(one, {}) == ("itself, rendered" if one.name in ("dsprites", "3dshapes") else "-")


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UserError, match="no published set 'mnist'; there are dsprites, 3dshapes"):
        published("mnist", PUBLISHED)
    with pytest.raises(UserError, match="needs no file"):
        published("rendered-coil100", PUBLISHED)
