"""The group systems' networks: published parameter counts, layers, sizes there and back; and their SELU."""

import pytest
import torch
from torch import nn

from foundation.errors import UserError
from models.group_networks import BetaCelebNetwork, BetaShapesNetwork, ForwardNetwork, LaterBias
from models.selu import SELU

PUBLISHED = {BetaShapesNetwork: 14_174_904, BetaCelebNetwork: 759_625, ForwardNetwork: 431_593}


def count(*modules):
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


@pytest.mark.parametrize(("network", "parameters"), PUBLISHED.items())
def test_parameters_are_as_many_as_published(network, parameters):
    assert count(network((1, 64, 64), latent_dimensions=4)) == parameters


def test_both_halves_of_the_forward_network_are_as_large_as_published():
    network = ForwardNetwork((1, 64, 64))
    assert count(network.features, network.mean, network.log_variance) == 248_968 and count(network.decoder) == 182_625


def test_wider_channels_for_noise():
    network = ForwardNetwork((1, 64, 64), widths=(32, 64, 64, 32), decoder_widths=(32, 128, 64, 32))
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    assert [layer.in_channels for layer in convolutions] == [1, 32, 64, 64, 32, 128, 64, 32]
    assert convolutions[-1].out_channels == 1


@pytest.mark.parametrize("network", PUBLISHED)
@pytest.mark.parametrize("shape", [(1, 64, 64), (3, 32, 32), (1, 28, 28), (3, 64, 48)], ids=str)
def test_images_come_back_in_their_size(network, shape):
    net = network(shape, latent_dimensions=5)
    means, log_variances = net.encode(torch.rand(2, *shape))
    assert means.shape == log_variances.shape == (2, 5)
    assert net.decode(means).shape == (2, *shape)


def test_activations_are_the_published_ones():
    shapes, celeb, forward = (network((1, 64, 64)) for network in PUBLISHED)
    kinds = {nn.ReLU, nn.Tanh, SELU}

    def found(part):
        return {type(layer) for layer in part.modules()} & kinds

    assert [found(shapes.features), found(shapes.decoder)] == [{nn.ReLU}, {nn.Tanh}]
    assert [found(celeb.features), found(celeb.decoder)] == [{nn.ReLU}, {nn.ReLU}]
    assert [found(forward.features), found(forward.decoder)] == [{SELU}, {SELU}]
    assert all(isinstance(network.decoder[-1], nn.ConvTranspose2d | nn.Unflatten) for network in (shapes, celeb, forward))


def test_the_code_is_bounded_by_the_released_selu_and_free_without_it():
    images = torch.rand(64, 1, 64, 64)
    for activation, bounded in (("selu", True), ("linear", False)):
        torch.manual_seed(0)
        net = ForwardNetwork((1, 64, 64), code_activation=activation)
        with torch.no_grad():
            for head in (net.mean, net.log_variance):
                head[0].bias.fill_(-5)
            assert all(bool((part > -1.7582).all()) == bounded for part in net.encode(images))
    with pytest.raises(UserError, match="linear or selu"):
        ForwardNetwork((1, 64, 64), code_activation="tanh")


def test_a_later_bias_changes_nothing():
    torch.manual_seed(0)
    ours, theirs = (kind(3, 5, 4, stride=2, padding=1, output_padding=(1, 0)) for kind in (LaterBias, nn.ConvTranspose2d))
    theirs.load_state_dict(ours.state_dict())
    values = torch.randn(2, 3, 6, 7)
    torch.testing.assert_close(ours(values), theirs(values))
    for layer in (ours, theirs):
        layer(values).square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(7, 5), (1, 3), (40, 32, 32, 32)], ids=str)
def test_selu_and_its_gradient_are_torchs(dtype, shape):
    """Also in several pieces, in whatever memory format, at infinity."""
    values = (3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))).to(dtype)
    values.view(-1)[:3] = torch.tensor([-float("inf"), 0.0, 80.0], dtype=dtype)
    if len(shape) == 4:
        values = values.to(memory_format=torch.channels_last)
    ours, theirs = (values.clone().requires_grad_() for _ in range(2))
    exact = torch.selu(theirs.double())
    result = SELU()(ours)
    assert result.dtype == dtype and result.stride() == values.stride()
    relative = 1e-6 if dtype == torch.float32 else 8e-3
    torch.testing.assert_close(result.double(), exact, rtol=relative, atol=1e-6)
    result.backward(torch.ones_like(result))
    exact.sum().backward()
    torch.testing.assert_close(ours.grad.double(), theirs.grad.double(), rtol=relative, atol=relative)


def test_selu_passes_on_what_is_not_a_number():
    assert torch.isnan(SELU()(torch.tensor([[float("nan"), 1.0]]))).tolist() == [[True, False]]


def test_selu_trains_under_autocast():
    net = ForwardNetwork((1, 32, 32))
    with torch.autocast("cpu", torch.bfloat16):
        means, _ = net.encode(torch.rand(3, 1, 32, 32))
        loss = net.decode(means).float().square().mean()
    loss.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for name, p in net.named_parameters() if "log_variance" not in name)
