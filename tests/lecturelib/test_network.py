import copy
import zipfile

import numpy as np
import pytest

from lecturelib.gradcheck import check_gradients
from lecturelib.layers import Conv2d, Dropout, Flatten, Layer, Linear, MaxPool2d, ReLU, Tanh
from lecturelib.network import LayerSummary, Sequential, parameter_count
from lecturelib.training import CROSS_ENTROPY


def make_network(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return Sequential(
        Conv2d(1, 2, 3, rng, padding=1, dtype=dtype),
        Tanh(),
        MaxPool2d(2),
        Sequential(Flatten(), Linear(2 * 3 * 2, 4, rng, dtype=dtype)),
        ReLU(),
        Linear(4, 3, rng, dtype=dtype),
    )


NAMES = ["0.weight", "0.bias", "3.1.weight", "3.1.bias", "5.weight", "5.bias"]


def make_torchs(torch, network):
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Sequential(nn.Flatten(), nn.Linear(12, 4)),
        nn.ReLU(),
        nn.Linear(4, 3),
    )
    parameters = network.named_parameters()
    theirs.to(getattr(torch, parameters["0.weight"].data.dtype.name))
    theirs.load_state_dict({name: torch.tensor(p.data) for name, p in parameters.items()})
    return theirs


def test_parameters_are_named_as_torchs():
    torch = pytest.importorskip("torch")
    network = make_network()
    assert list(network.named_parameters()) == NAMES
    assert list(make_torchs(torch, network).state_dict()) == NAMES
    assert network.parameters() == list(network.named_parameters().values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_network_matches_torch(dtype):
    torch = pytest.importorskip("torch")
    network = make_network(dtype)
    theirs = make_torchs(torch, network)
    rng = np.random.default_rng(1)
    x, target = rng.standard_normal((5, 1, 6, 4)).astype(dtype), rng.integers(0, 3, 5)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    y, expected = network(x), theirs(tensor)
    torch.nn.functional.cross_entropy(expected, torch.from_numpy(target)).backward()
    dx = network.backward(CROSS_ENTROPY.backward(1.0, y, target))
    tolerance = {"atol": 100 * np.finfo(dtype).eps, "rtol": 1e-5}
    np.testing.assert_allclose(y, expected.detach().numpy(), **tolerance)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), **tolerance)
    for name, parameter in network.named_parameters().items():
        assert parameter.grad.dtype == dtype
        wanted = theirs.get_parameter(name).grad.numpy()
        np.testing.assert_allclose(parameter.grad, wanted, **tolerance, err_msg=name)


def test_gradient_of_a_whole_network_matches_finite_differences():
    network = make_network()
    rng = np.random.default_rng(1)
    x, target = rng.standard_normal((3, 1, 6, 4)), np.array([0, 2, 1])
    gradients = {"x": network.backward(CROSS_ENTROPY.backward(1.0, network(x), target))}
    parameters = network.named_parameters()
    gradients |= {name: parameter.grad for name, parameter in parameters.items()}
    arrays = {"x": x} | {name: parameter.data.copy() for name, parameter in parameters.items()}

    def loss(x, **values):
        for name, value in values.items():
            parameters[name].data[...] = value
        return CROSS_ENTROPY.forward(network(x), target)

    check_gradients(loss, arrays, gradients, rtol=1e-6)


def test_backward_parameters_finds_the_same_gradients():
    network = make_network()
    y = network(np.random.default_rng(1).standard_normal((2, 1, 6, 4)))
    network.backward(np.ones_like(y))
    expected = [parameter.grad for parameter in network.parameters()]
    for parameter in network.parameters():
        parameter.grad = None
    network.backward_parameters(np.ones_like(y))
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.grad, gradient)


def test_modes_reach_every_layer():
    rng = np.random.default_rng(0)
    network = Sequential(Dropout(0.5, rng), Sequential(ReLU(), Dropout(0.5, rng)))
    layers = [network, network[0], network[1], network[1][0], network[1][1]]
    assert network.eval() is network
    assert not any(layer.training for layer in layers)
    assert network.train() is network
    assert all(layer.training for layer in layers)


def test_summary_counts_layers_and_leaves_the_network_alone():
    network = make_network(np.float32)
    before = copy.deepcopy(network.named_parameters())
    summary = network.summary((1, 6, 4))
    assert summary.layers[0] == LayerSummary("0: Conv2d", (2, 6, 4), 20)
    assert summary.layers[3] == LayerSummary("3: Sequential", (4,), 52)
    assert summary.parameters == parameter_count(network) == 20 + 52 + 15
    assert len({len(line) for line in str(summary).splitlines()}) == 1
    assert network.training
    with pytest.raises(RuntimeError):  # nothing is remembered of it
        network.backward(np.ones((1, 3), np.float32))
    for name, parameter in network.named_parameters().items():
        np.testing.assert_array_equal(parameter.data, before[name].data)


def test_network_is_a_sequence_of_layers():
    network = make_network()
    assert len(network) == 6
    assert list(network) == list(network.layers)
    assert repr(network).splitlines()[4:8] == [
        "  (3): Sequential(",
        "    (0): Flatten()",
        "    (1): Linear(in_features=12, out_features=4, bias=True)",
        "  )",
    ]


def test_errors_say_in_which_layer():
    with pytest.raises(ValueError, match=r"^x: expected shape \(") as caught:
        make_network()(np.ones((1, 1, 8, 8)))
    assert caught.value.__notes__ == [
        "in layer 1 of the network, Linear",
        "in layer 3 of the network, Sequential",
    ]


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ((), ValueError, "^layers: expected at least one layer, got none$"),
        (([ReLU()],), TypeError, "^layers: expected layers, got list at 0$"),
        ((ReLU(), np.tanh), TypeError, "^layers: expected layers, got ufunc at 1$"),
    ],
)
def test_network_names_what_is_wrong(layers, error, message):
    with pytest.raises(error, match=message):
        Sequential(*layers)


def test_a_layer_may_not_come_twice():
    layer = ReLU()
    with pytest.raises(ValueError, match=r"^layers: expected different layers, got ReLU\(\) twice"):
        Sequential(layer, Tanh(), layer)
    with pytest.raises(ValueError, match=r"^layers: expected different layers, got ReLU\(\) twice"):
        Sequential(Sequential(layer), Sequential(Tanh(), layer))


def test_a_layer_of_ones_own():
    class Square(Layer):
        def forward(self, x):
            self.remember(x)
            return x**2

        def backward(self, dy):
            return 2 * self.remembered() * dy

    network = Sequential(Square(), Square())
    np.testing.assert_array_equal(network(np.array([3.0])), [81.0])
    np.testing.assert_array_equal(network.backward(np.ones(1)), [4 * 3.0**3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saved_parameters_come_back(tmp_path, dtype):
    network, other = make_network(dtype), make_network(dtype, seed=1)
    path = tmp_path / "network.weights"  # no ending is added
    path.write_text("what was here before")
    network.save(path)
    arrays = [parameter.data for parameter in other.parameters()]
    assert other.load(str(path)) is other
    for parameter, array, saved in zip(
        other.parameters(), arrays, network.parameters(), strict=True
    ):
        assert parameter.data is array  # in place: an optimizer may hold it
        np.testing.assert_array_equal(array, saved.data)
        assert array.dtype == dtype
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    network, path = make_network(), tmp_path / "network.npz"
    network.save(path)
    before = path.read_bytes()

    def fail(file, **arrays):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space left"):
        network.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def _arrays(network):
    return {name: parameter.data for name, parameter in network.named_parameters().items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("5.bias"), r"expected the parameters 5\.bias, got none of them$"),
        (lambda a: a.update(x=np.ones(1)), r"no parameters beside the network's, got \['x'\]$"),
        (
            lambda a: a.update({"5.bias": np.ones(2)}),
            r"5\.bias of shape \(3,\) and type float64, got \(2,\) and float64$",
        ),
        (
            lambda a: a.update({"5.bias": np.ones(3, np.float32)}),
            r"5\.bias of shape \(3,\) and type float64, got \(3,\) and float32$",
        ),
        (
            lambda a: a.update({"5.bias": np.array([1, "a", None], object)}),
            "expected an .npz archive of parameters, as save writes it, got Object arrays cannot",
        ),
    ],
)
def test_load_refuses_other_parameters(tmp_path, change, message):
    network, path = make_network(), tmp_path / "other.npz"
    arrays = {name: 2 * array for name, array in _arrays(network).items()}
    change(arrays)
    np.savez(path, **arrays)
    before = copy.deepcopy(_arrays(network))
    with pytest.raises(ValueError, match=message) as caught:
        network.load(path)
    assert str(caught.value).startswith(f"{path}: expected")
    for name, array in _arrays(network).items():  # as it was
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut off", b"\x80\x04K\x01."])
def test_load_refuses_other_files(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.npz: expected an \.npz archive of parameters"):
        make_network().load(path)


def test_load_refuses_a_single_array_and_a_damaged_archive(tmp_path):
    np.save(tmp_path / "single.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"single\.npy: expected an \.npz .* got a single array$"):
        make_network().load(tmp_path / "single.npy")
    path = tmp_path / "damaged.npz"
    make_network().save(path)
    content = bytearray(path.read_bytes())
    content[200] ^= 255  # a byte of an array: its checksum no longer holds
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged\.npz: expected an \.npz archive"):
        make_network().load(path)


def test_load_refuses_an_archive_wherever_it_is_damaged(tmp_path):
    network, path = make_network(), tmp_path / "damaged.npz"
    np.savez_compressed(path, **_arrays(network))
    content, refusals = path.read_bytes(), []
    for place in range(0, len(content), 5):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            network.load(path)
        except ValueError as error:  # and nothing else
            refusals.append(str(error))
    assert len(refusals) > len(content) / 20  # times and the like do not matter
    assert all(refusal.startswith(f"{path}: expected") for refusal in refusals)


def _claimed(size):
    """Return the head of an .npy file of so many numbers, and none of them."""
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({size},)}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00\x76\x00" + head.encode()


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (b"no array", "something else by the name of 5.bias"),
        (_claimed(10**15), "Unable to allocate"),
        (_claimed(10**24), "too large"),
    ],
)
def test_load_refuses_what_is_no_array(tmp_path, member, message):
    network, path = make_network(), tmp_path / "other.npz"
    np.savez(path, **{name: array for name, array in _arrays(network).items() if name != "5.bias"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("5.bias.npy", member)
    with pytest.raises(ValueError, match=rf"other\.npz: expected an \.npz .* got .*{message}"):
        network.load(path)


def test_load_of_no_file_names_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.npz"):
        make_network().load(tmp_path / "none.npz")
