"""Group elements one by one: where they stand, what they do, their powers, what they may not do; and their schedules."""

import math

import pytest
import torch

from datasets.actions import ActionSpace
from foundation.errors import UserError
from models.groups.action_map import elements_of
from models.groups.eigenvalue_angles import turning_angles
from models.groups.elements import GroupElements, moved
from models.groups.structure import LABELS, Structure
from models.schedules import Constant, Exploration, Schedule
from training.noise import noise

FLATLAND = ActionSpace(("y", "x", "y", "x"), (-1, -1, 1, 1), (-0.952, -0.952, 0.952, 0.952))


def made(dimensions=4, seed=0, **settings):
    with noise(seed, "init"):
        return GroupElements(dimensions, **settings)


def set_angles(elements, values):
    with torch.no_grad():
        elements.angle.raw.copy_(torch.tensor(values))


def rotation(angle):
    return torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def test_every_pair_has_one_element_of_each_label_in_its_own_place():
    elements = made(structure=("0", "c+", "c-"))
    set_angles(elements, [0.5, -0.6, 0.7, -0.8])
    assert elements.names == ("0 0", "c+ 0", "c- 0", "0 1", "c+ 1", "c- 1")
    matrices, identity = elements.matrices(), torch.eye(4)
    blocks = {1: (0, 0.5), 2: (0, -0.6), 4: (2, 0.7), 5: (2, -0.8)}
    for k, matrix in enumerate(matrices):
        expected = identity.clone()
        if k in blocks:
            first, angle = blocks[k]
            expected[first : first + 2, first : first + 2] = rotation(angle)
        torch.testing.assert_close(matrix, expected)
    torch.testing.assert_close(elements.angles(), torch.tensor([0, 0.5, -0.6, 0, 0.7, -0.8]))
    assert elements.orders().tolist()[1] == pytest.approx(2 * math.pi / 0.5)
    torch.testing.assert_close(elements.determinants(), torch.ones(6))


@pytest.mark.parametrize("label", LABELS)
def test_each_label_alone_mixed_and_as_released(label):
    """Five dimensions: the last one is in no pair, and a block of four that begins with the second pair has to begin earlier."""
    sizes = {"m3": 3, "m4": 4}
    for settings in ({}, {"released": True}, {"change_of_basis": "free"}, {"change_of_basis": "orthogonal"}):
        alone = made(5, structure=(label,), **settings)
        assert len(alone) == 2
        matrices = alone.matrices()
        assert matrices.shape == (2, 5, 5) and torch.isfinite(matrices).all() and torch.isfinite(alone.penalty())
        for k, matrix in enumerate(matrices):
            size = sizes.get(label, 2)
            first = 0 if settings.get("released") and size > 2 else min(2 * k, 5 - size)
            outside = matrix - torch.eye(5)
            outside[first : first + size, first : first + size] = 0
            assert outside.abs().max() == 0, (label, settings)
    mixed = made(4, structure=("c", "m", label) if label not in ("c", "m") else ("c", "m"))
    loss = moved(mixed.matrices(), torch.randn(7, 4)).square().sum() + mixed.penalty()
    loss.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in mixed.parameters())


def test_where_angles_start():
    for label, low, high in (("c+", 0, 1), ("c-", -1, 0), ("cn", 0, 1), ("CN", 0, 1), ("c", -1, 1)):
        angles = made(400, structure=(label,)).angles()
        assert angles.min() >= low and angles.max() <= high and angles.max() - angles.min() > 0.9 * (high - low), label
    assert torch.all(made(400, structure=("c",), released=True).angles() == 0)
    within = made(400, structure=("c+", "c-"), start_angles=(0.5, 0.6)).angles().abs()
    assert within.min() >= 0.5 and within.max() <= 0.6


def test_matrices_start_near_the_identity_or_as_released_all_ones():
    blocks = made(structure=("m",)).blocks["m"]
    assert (blocks - torch.eye(2)).abs().max() < 0.5 and torch.linalg.det(blocks).abs().min() > 0.3
    assert torch.all(made(structure=("m",), released=True).blocks["m"] == 1)


def test_powers_are_powers_of_matrices():
    elements = made(structure=("c", "m", "m3", "ddn", "0", "CN"))
    with torch.no_grad():
        elements.basis.weight.add_(0.2 * torch.randn_like(elements.basis.weight))
    one = elements.matrices()
    torch.testing.assert_close(elements.matrices(3), one @ one @ one, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(elements.matrices(-1) @ one, torch.eye(4).expand_as(one), rtol=1e-4, atol=1e-4)
    turns = made(structure=("c+", "0"))
    torch.testing.assert_close(turns.matrices(0.5) @ turns.matrices(0.5), turns.matrices())
    with pytest.raises(UserError, match="only rotations have a power 0.5"):
        elements.matrices(0.5)


def test_a_swap_has_order_two_and_turns_nothing_else():
    elements = made(structure=("ddn",))
    matrix = elements.matrices()[1]
    assert (matrix @ torch.tensor([1.0, 2, 3, 4])).tolist() == [1, 2, 4, 3]
    assert elements.orders().tolist() == pytest.approx([2, 2]) and elements.determinants().tolist() == pytest.approx([-1, -1])


def test_angles_may_be_kept_from_zero_from_the_other_sign_and_from_growing():
    plain = {"structure": ("c+", "c-"), "start_angles": (0.5, 1.0)}
    for bounds in ({"smallest_angle": 0.3}, {"smallest_angle": 0.3, "largest_angle": 2.0}):
        elements = made(**plain, keep_signs=True, **bounds)
        start = elements.angles()
        assert start.abs().min() >= 0.5 and start.abs().max() <= 1 and start.sign().tolist() == [1, -1, 1, -1]
        for raw in (-30.0, 30.0):
            set_angles(elements, [raw] * 4)
            angles = elements.angles()
            assert angles.sign().tolist() == [1, -1, 1, -1] and angles.abs().min() >= 0.3 - 1e-6
            assert angles.abs().max() <= bounds.get("largest_angle", 31) + 1e-6
    free = made(**plain, smallest_angle=0.3)
    set_angles(free, [0.0, -1e-6, 2.0, -2.0])
    assert free.angles().tolist() == pytest.approx([0.3, -0.3, 2.3, -2.3], abs=1e-5)
    with pytest.raises(UserError, match="keep_signs"):
        made(largest_angle=2.0)
    with pytest.raises(UserError, match="hold something"):
        made(smallest_angle=2.0, keep_signs=True, largest_angle=1.0)


def test_penalties_are_those_of_the_release_on_request():
    settings = {"structure": ("c", "m", "m3"), "change_of_basis": "free"}
    ours, theirs = made(**settings), made(**settings, released=True)
    theirs.load_state_dict(ours.state_dict())
    with torch.no_grad():
        for elements in (ours, theirs):
            elements.basis.weight.mul_(1.5)
    columns = 6 * 4 * 0.5
    determinants = {label: (torch.linalg.det(ours.blocks[label]) - 1).abs().sum() for label in ("m", "m3")}
    torch.testing.assert_close(ours.penalty(), columns + determinants["m"] + determinants["m3"])
    torch.testing.assert_close(theirs.penalty(), columns + determinants["m"] + 0.1 * ours.angles()[[0, 3]].abs().sum())
    assert made(structure=("m",), change_of_basis="orthogonal", penalty_weight=0.0).penalty().item() == 0


def test_bases_change_coordinates_and_orthogonal_ones_stay_orthogonal():
    for kind in ("free", "orthogonal"):
        elements = made(structure=("c+",), change_of_basis=kind)
        plain = elements.matrices()
        with torch.no_grad():
            elements.basis.weight.add_(0.3 * torch.randn(elements.basis.weight.shape, generator=torch.Generator().manual_seed(0)))
        basis = elements.basis.matrices()
        expected = torch.linalg.inv(basis) @ plain @ basis
        torch.testing.assert_close(elements.matrices(), expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(turning_angles(elements.matrices()), elements.angles().abs(), rtol=1e-3, atol=1e-3)
        condition = float(elements.terms()["condition"])
        assert (condition == pytest.approx(1, abs=1e-4)) == (kind == "orthogonal")
    based = made(structure=("c+", "CN", "0"))
    assert based.get_buffer("based").tolist() == [1, 4]


def test_turning_angles_in_any_basis():
    basis = torch.randn(4, 4, generator=torch.Generator().manual_seed(1))
    for angle in (0.1, 0.952, 2.5):
        matrix = torch.eye(4)
        matrix[2:, 2:] = rotation(-angle)
        assert float(turning_angles(torch.linalg.inv(basis) @ matrix @ basis)) == pytest.approx(angle, abs=1e-4)
    assert turning_angles(torch.stack([torch.eye(3), torch.diag(torch.tensor([1.0, -1, 1]))])).tolist() == pytest.approx([0, math.pi])


def test_a_restart_draws_the_chosen_elements_alone():
    for settings in ({}, {"keep_signs": True, "smallest_angle": 0.2}, {"structure": ("m", "c", "CN")}):
        elements = made(**settings)
        with torch.no_grad():
            for parameter in elements.parameters():
                parameter.add_(0.05)
        before = elements.matrices()
        chosen = torch.zeros(len(elements), dtype=torch.bool)
        chosen[1] = True
        with noise(3, "restart"):
            elements.restart(chosen)
        changed = [not torch.equal(one, other) for one, other in zip(before, elements.matrices(), strict=True)]
        assert changed == chosen.tolist()


def test_mistakes_are_named():
    with pytest.raises(UserError, match="made of c, c"):
        made(structure=("c*",))
    with pytest.raises(UserError, match="needs 4 latent dimensions, not 3"):
        made(3, structure=("m4",))
    with pytest.raises(UserError, match="none, free or orthogonal"):
        made(change_of_basis="cob")


def test_actions_find_the_element_of_their_axis_and_direction():
    """FlatLand numbers y -, x -, y +, x +: inverse pairs are 0 and 2, 1 and 3, not 0 and 1."""
    assert elements_of(FLATLAND, Structure(4, ("c+", "c-"))) == [(1, 1), (3, 1), (0, 1), (2, 1)]
    assert elements_of(FLATLAND, Structure(6, ("0", "c-", "c+"))) == [(1, 1), (4, 1), (2, 1), (5, 1)]
    assert elements_of(FLATLAND, Structure(4, ("m", "m"))) == [(1, 1), (3, 1), (0, 1), (2, 1)]
    assert elements_of(FLATLAND, Structure(4, ("c",))) == [(0, -1), (1, -1), (0, 1), (1, 1)]
    with pytest.raises(UserError, match="raise latent_dimensions to 4"):
        elements_of(FLATLAND, Structure(2, ("c+", "c-")))
    with pytest.raises(UserError, match="reveal no actions"):
        elements_of(ActionSpace(), Structure(4, ("c",)))
    with pytest.raises(UserError, match="no element is left"):
        elements_of(FLATLAND, Structure(4, ("0",)))


def test_schedules_are_functions_of_the_step():
    line, curve = Schedule(1.0, 0.0, 100, begin=50), Schedule(1.0, 0.01, 100, geometric=True)
    assert [line(step) for step in (0, 50, 75, 100, 1000)] == [1, 1, 0.5, 0, 0]
    assert [curve(step) for step in (0, 50, 100)] == pytest.approx([1, 0.1, 0.01])
    assert Constant(0.3)(7) == 0.3
    weight, released = 0.2, Exploration(policy_weight=0.2, epsilon=0.1)
    for call in range(5):
        assert released(call) == pytest.approx(1 - weight)
        weight += (1 - weight) * 0.1
    for wrong in ({"end": 0}, {"end": 10, "begin": 10}, {"end": 5, "geometric": True, "last": 0.0}):
        with pytest.raises(UserError):
            Schedule(1.0, **{"last": 0.5, **wrong})
