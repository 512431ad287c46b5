"""The drawn characters: each colour dyes its part and nothing else, motions move, left is the mirror of right."""

import numpy as np
import pytest

from datasets.rendered import sprites
from datasets.rendered.sprites import BODIES, HAIRS, PANTS, SHIRTS, RenderedSprites
from foundation.randomness import stream

NAMES = sprites.SPACE.names


@pytest.fixture(scope="module")
def dataset():
    return RenderedSprites()


def picture(dataset, **factors):
    """One image [3, 64, 64] as an array; factors that are not named are 0."""
    return dataset.get_img_by_latent(np.array([factors.get(name, 0) for name in NAMES]), stream(0, "unused")).numpy()


def differs(one, other):
    return np.abs(one - other).max(axis=0) > 0


def motion(dataset, action, direction, **factors):
    return np.stack([picture(dataset, action=action, direction=direction, frame=frame, **factors) for frame in range(8)])


PLACES = {"hair": (8, 30), "body": (12, 62), "shirt": (28, 48), "pants": (38, 58)}
"""Rows within which a part of a standing figure is found."""


@pytest.mark.parametrize(("name", "dyes"), [("body", BODIES), ("shirt", SHIRTS), ("pants", PANTS[:4]), ("hair", HAIRS)])
def test_a_colour_dyes_its_part_and_nothing_else(dataset, name, dyes):
    pictures = [picture(dataset, direction=1, **{name: value}) for value in range(len(dyes))]
    parts = [differs(pictures[0], other) for other in pictures[1:]]
    changed = np.any(parts, axis=0)
    rows = np.nonzero(changed)[0]
    assert changed.sum() > 40 and rows.min() >= PLACES[name][0] and rows.max() <= PLACES[name][1]
    for other, dye in zip(pictures, dyes, strict=True):
        middle = np.median(other[:, changed], axis=1) * 255
        assert (middle <= np.array(dye) + 1).all() and (middle >= 0.4 * np.array(dye)).all()
    for second in set(PLACES) - {name}:
        again = differs(picture(dataset, direction=1, **{name: 0, second: 1}), picture(dataset, direction=1, **{name: 1, second: 1}))
        assert (again <= changed).mean() == 1, f"{second} lets {name} change other pixels"


def test_a_dyed_part_is_its_colour_at_most_and_near_it_where_it_is_lit(dataset):
    for value, dye in enumerate(SHIRTS):
        chest = picture(dataset, direction=1, shirt=value)[:, 36, 31] * 255
        assert (chest <= np.array(dye) + 1).all() and (chest >= 0.7 * np.array(dye) - 2).all()


@pytest.mark.parametrize("action", range(3))
def test_left_is_the_mirror_of_right_and_front_is_neither(dataset, action):
    left, front, right = (motion(dataset, action, direction, body=1, pants=4, hair=5) for direction in range(3))
    assert np.array_equal(left, right[..., ::-1])
    assert not np.array_equal(front, left) and not np.array_equal(front, right)


@pytest.mark.parametrize("direction", range(3))
def test_who_it_is_does_not_change_how_it_moves(dataset, direction):
    for pants in (0, 4):
        shapes = []
        for body, shirt, hair in ((0, 1, 0), (3, 3, 4)):
            pictures = motion(dataset, 0, direction, body=body, shirt=shirt, hair=hair, pants=pants)
            shapes.append(pictures.max(axis=1) > 0.1)
        assert (shapes[0] == shapes[1]).mean() > 0.995


def test_a_skirt_is_another_shape(dataset):
    trousers, skirt = (picture(dataset, direction=1, pants=pants)[:, 42:56].max(axis=0) > 0.1 for pants in (3, 4))
    assert skirt.sum() > 1.1 * trousers.sum()


def test_a_walk_goes_round_a_spell_keeps_sparkling_and_a_blow_is_held_as_published(dataset):
    for direction in range(3):
        walk, spell, slash = (motion(dataset, action, direction) for action in range(3))
        assert len({frame.tobytes() for frame in walk}) == 8
        step = np.abs(np.diff(walk, axis=0, append=walk[:1])).mean(axis=(1, 2, 3))
        assert step[-1] < 2 * step[:-1].mean(), "the last frame leads to the first"
        assert len({frame.tobytes() for frame in spell}) == 8
        assert np.array_equal(slash[5], slash[6]) and np.array_equal(slash[6], slash[7])
        assert len({frame.tobytes() for frame in slash}) == 6


def test_a_spell_shines_and_a_sword_is_steel(dataset):
    for direction in range(3):
        walk, spell, slash = (motion(dataset, action, direction, shirt=2, body=2, hair=3) for action in range(3))
        blue = [(pictures[5][2] > 0.75).sum() for pictures in (walk, spell)]
        assert blue[1] > blue[0] + 10
        assert differs(slash[0], slash[4]).sum() > 200


def test_the_figure_stands_on_black_and_inside_the_picture(dataset):
    for action in range(2):
        for direction in range(3):
            edge = motion(dataset, action, direction, pants=4)
            edge[:, :, 2:-2, 2:-2] = 0
            assert edge.max() < 0.3
    assert picture(dataset)[:, 0].max() == 0


def test_sequences_are_840_characters_in_nine_motions(dataset):
    sequences = dataset.sequences
    assert len(sequences) == 840 * 9 and (sequences.lengths == 8).all()
    first = dataset.factors[sequences.starts]
    assert len(np.unique(first[:, :4], axis=0)) == 840 and len(np.unique(first[:, :6], axis=0)) == 7560
    assert (first[:, 6] == 0).all()
