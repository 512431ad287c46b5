"""Networks: sizes there and back, the published starts and output, refusals."""

import pytest
import torch
from torch import nn

from foundation.errors import UserError
from models.networks import EfficientNetwork, PlainNetwork, PoolingNetwork

NETWORKS = (EfficientNetwork, PlainNetwork, PoolingNetwork)
SHAPES = [(channels, size, size) for channels in (1, 3) for size in (28, 32, 64, 96, 128)] + [(3, 64, 48), (1, 37, 53)]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_images_come_back_in_their_size(network, shape):
    net = network(shape, latent_dimensions=7, filters=16)
    means, log_variances = net.encode(torch.rand(2, *shape))
    assert means.shape == (2, 7)
    assert (log_variances is None) == (network is PoolingNetwork)
    assert net.decode(means).shape == (2, *shape)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("shape", [(2, 64, 64), (3, 2, 64), (3, 64), (3, 1024, 1024)], ids=str)
def test_other_images_are_refused_with_the_sizes_that_work(network, shape):
    with pytest.raises(UserError, match="pixels a side|needs images"):
        network(shape)


def test_parameters_of_the_published_sizes():
    """Counted by hand from the layers that the study's configuration names: 64x64x3, n = 128, D = 10."""
    convolutions = (3 * 32 + 32 * 64 + 64 * 128) * 16 + 32 + 64 + 128
    normalisations = 2 * (32 + 64 + 128) + 2 * 8192
    heads = 2 * (8192 * 10 + 10)
    back = 10 * 8192 + 8192 + (128 * 64 + 64 * 32 + 32 * 3) * 16 + 64 + 32 + 3
    assert sum(p.numel() for p in EfficientNetwork((3, 64, 64)).parameters()) == convolutions + normalisations + heads + back


def test_published_start_leaves_the_heads_to_pytorch():
    net = EfficientNetwork((3, 64, 64))
    for module in (net.features, net.decoder):
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                assert torch.all(layer.bias == 0.01)
    assert not torch.any(net.mean.bias == 0.01)


def test_paper_output_is_the_published_tanh():
    torch.manual_seed(0)
    net = EfficientNetwork((1, 32, 32), filters=16, output="paper")
    plain = EfficientNetwork((1, 32, 32), filters=16)
    plain.load_state_dict(net.state_dict())
    codes = torch.randn(3, 10)
    before = torch.nn.functional.leaky_relu(plain.decode(codes), 0.02)
    torch.testing.assert_close(torch.sigmoid(net.decode(codes)), (torch.tanh(before) + 1) / 2)


def test_unknown_output_is_refused():
    with pytest.raises(UserError, match="logits or paper"):
        EfficientNetwork((1, 32, 32), output="sigmoid")
