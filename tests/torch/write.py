"""Writes the checkpoints that `main.rs` reads, with the real PyTorch, and what is in them.

`pip install torch==2.15.0 numpy==2.4.6 safetensors==0.8.0`, then `python write.py`. The files are committed, since PyTorch is large.
"""

import collections
import json
import pathlib
import warnings

import safetensors.torch
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
torch.manual_seed(7)


def write(name, value, **options):
    torch.save(value, FOLDER / f"{name}.pt", **options)


def described(value, path=None, found=None):
    """Every tensor by its name, as PyTorch itself has it in C order, and every other value as text."""
    found = {} if found is None else found
    if isinstance(value, torch.UntypedStorage):
        value = torch.tensor([], dtype=torch.uint8).set_(value)
    elif isinstance(value, torch.storage.TypedStorage):
        value = torch.tensor([], dtype=value.dtype).set_(value._untyped_storage)
    if isinstance(value, torch.Tensor):
        plain = value.detach().clone(memory_format=torch.contiguous_format)
        if value.dtype == torch.bool:
            # Every byte but 0 is true, and 1 is written.
            plain = torch.tensor(plain.reshape(-1).tolist(), dtype=torch.bool)
        data = plain.reshape(-1).view(torch.uint8) if plain.numel() else plain.reshape(-1)
        found[path or ""] = {
            "dtype": str(value.dtype),
            "shape": list(value.shape),
            "data": bytes(data.tolist()).hex() if plain.numel() else "",
        }
    elif isinstance(value, (dict, list, tuple)) and value and not isinstance(value, torch.Size):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            described(inner, str(key) if path is None else f"{path}.{key}", found)
    else:
        found[path or ""] = {"value": repr(value)}
    return found


def describe(name, value):
    (FOLDER / f"{name}.json").write_text(json.dumps(described(value), indent=0) + "\n")


def write_described(name, value):
    write(name, value)
    describe(name, value)


model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Conv1d(1, 2, 3, dtype=torch.bfloat16))
optimizer = torch.optim.Adam(model[0].parameters(), lr=0.5)
model[0](torch.ones(1, 3)).sum().backward()
optimizer.step()
write_described("state_dict", model.state_dict())
write_described(
    "nested",
    {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "lr": 0.25,
        "name": "größe",
        "none": None,
        "best": True,
        "huge": 2**70,
        "betas": (0.5, [torch.ones(2), {"deep": torch.zeros(1, dtype=torch.int8)}]),
        7: torch.tensor(7),
        "empty": {},
        "size": torch.Size([2, 3]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "parameter": nn.Parameter(torch.ones(2)),
    },
)
write_described("tensor", torch.arange(6.0).reshape(2, 3))

DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.int64, torch.uint64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
]  # fmt: skip
write_described("dtypes", {str(dtype): torch.tensor([0.0, 1.0, 2.0]).to(dtype) for dtype in DTYPES})

base = torch.arange(60.0).reshape(3, 4, 5)
write_described(
    "strided",
    {
        "base": base,
        "transposed": base.permute(2, 0, 1),
        "row": base[1],
        "column": base[:, 2, :],
        "every other": base[:, ::2, ::3],
        "inner part": base[1:, 1:3, 1:4],
        "expanded": torch.arange(3.0).reshape(3, 1).expand(3, 4),
        "0-d": base[2, 3, 4],
        "empty": base[:0],
        "empty inside": torch.zeros(2, 0, 3),
        "ones": base[:1, :, :1],
        "channels last": torch.arange(48.0).reshape(2, 3, 2, 4).to(memory_format=torch.channels_last),
        "scalar of a storage": base[0, 0, 1],
    },
)

# What `weights_only=True` reads beside state dicts.
ones = torch.ones(2)
tagged = nn.Parameter(torch.arange(3.0))
tagged.tag = "x"
tagged.more = {"inner": [torch.ones(1)]}
marked = torch.arange(2, dtype=torch.int16)
marked.tag = 3
counted = collections.Counter("abca")
ordered = collections.OrderedDict(b=1, a=ones)
ordered.tag = "x"
strange = {
    "counter": counted,
    "empty counter": collections.Counter(),
    "counter of numbers": collections.Counter({3: 2, 0.5: 1, (1, "a"): 4}),
    "defaultdict": collections.defaultdict(list, {"a": [1, ones], "b": []}),
    "defaultdict of defaultdicts": collections.defaultdict(dict, {1: collections.defaultdict(None, {2: "x"})}),
    "empty defaultdict": collections.defaultdict(int),
    "ordered": ordered,
    "parameter": tagged,
    "frozen parameter": nn.Parameter(ones, requires_grad=False),
    "tensor": marked,
    "buffer": nn.Buffer(torch.arange(2.0)),
    "passing buffer": nn.Buffer(torch.zeros(1), persistent=False),
    "parameter of a buffer": nn.Parameter(nn.Buffer(torch.ones(1))),
    "buffers": [nn.Buffer(torch.ones(1)), (nn.Buffer(torch.zeros(2, dtype=torch.int8)),)],
    "bytes": torch.arange(3, dtype=torch.uint8).untyped_storage(),
    "floats": torch.arange(3.0).storage(),
    "flags": torch.tensor([7, 0, 1], dtype=torch.uint8).view(torch.bool).storage(),
    "no floats": torch.tensor([]).storage(),
    "shared": [ones, ones[1:], ones],
    "set": {3},
    "set of types": {torch.float16},
    "set of tuples": {(1, (torch.int8, torch.Size([2])))},
    "no size": torch.Size([]),
    "gpu": torch.device("cuda", 1),
    "quantized type": torch.quint8,
    "complex type": torch.complex128,
    "small type": torch.uint4,
    "layout": torch.sparse_csr,
    "quantization": torch.per_channel_affine,
    "complex": 1 - 2j,
    "octets": b"\x00\xff",
    "array": bytearray(b"ab"),
    "infinite": float("-inf"),
    "": {"": 1},
    0.5: 0.25,
    -0.0: 1,
    1e-7: ones,
    1e22: 2,
    float("inf"): 3,
    True: 4,
    None: 5,
    -3: 6,
    2**70: 7,
    (): 8,
    (1,): 9,
    (1, "a"): ones,
    (None, (True, 2.5), "it's", 'say "it\'s"', "größe\n\u200b"): 10,
    torch.float32: 11,
    torch.device("cpu"): 12,
    torch.device("cuda", 1): 13,
    torch.Size([2, 3]): 14,
    (torch.int8, torch.device("cpu"), torch.device("cuda", 0), torch.Size([])): 15,
}
for protocol in range(6):
    write(f"protocol_{protocol}", strange, pickle_protocol=protocol)
describe("protocols", strange)

octets = torch.tensor([[2, 0, 255], [1, 0, 128]], dtype=torch.uint8)
write_described(
    "bools",
    {
        "all": octets.view(torch.bool),
        "row": octets.view(torch.bool)[1],
        "columns": octets.view(torch.bool).T,
        "one": octets.view(torch.bool)[0, 2],
        "none": octets.view(torch.bool)[:0],
        "storage": octets.clone().view(torch.bool).storage(),
        "good": torch.tensor([True, False]),
        "bytes": octets.clone(),
    },
)


def stepped(make):
    parameter = nn.Parameter(torch.ones(2, 1))
    optimizer = make([parameter])
    for _ in range(2):
        optimizer.step(lambda: (optimizer.zero_grad(), (parameter**2).sum().backward(), parameter.sum())[2])
    return optimizer.state_dict()


def scheduled(make):
    optimizer = torch.optim.SGD([nn.Parameter(ones)], lr=0.5, momentum=0.5)
    scheduler = make(optimizer)
    optimizer.step()
    scheduler.step(*[1.0] * isinstance(scheduler, lr.ReduceLROnPlateau))
    return scheduler.state_dict()


optim, lr = torch.optim, torch.optim.lr_scheduler
write_described(
    "training",
    {
        "optimizers": {
            make.__name__: stepped(make)
            for make in (
                optim.Adadelta, optim.Adafactor, optim.Adagrad, optim.Adam, optim.Adamax, optim.AdamW, optim.ASGD,
                optim.LBFGS, optim.Muon, optim.NAdam, optim.RAdam, optim.RMSprop, optim.Rprop, optim.SGD,
            )
        },
        "schedulers": {
            name: scheduled(make)
            for name, make in {
                "LambdaLR": lambda it: lr.LambdaLR(it, lambda epoch: 0.5),
                "StepLR": lambda it: lr.StepLR(it, 2),
                "MultiStepLR": lambda it: lr.MultiStepLR(it, [3, 5, 5]),
                "ConstantLR": lr.ConstantLR,
                "LinearLR": lr.LinearLR,
                "ExponentialLR": lambda it: lr.ExponentialLR(it, 0.5),
                "PolynomialLR": lr.PolynomialLR,
                "CosineAnnealingLR": lambda it: lr.CosineAnnealingLR(it, 5),
                "CosineAnnealingWarmRestarts": lambda it: lr.CosineAnnealingWarmRestarts(it, 5),
                "ReduceLROnPlateau": lr.ReduceLROnPlateau,
                "CyclicLR": lambda it: lr.CyclicLR(it, 0.25, 0.5),
                "OneCycleLR": lambda it: lr.OneCycleLR(it, 0.5, total_steps=9),
                "SequentialLR": lambda it: lr.SequentialLR(it, [lr.ConstantLR(it), lr.MultiStepLR(it, [3])], [2]),
            }.items()
        },
    },
)  # fmt: skip

weights = {"half": torch.arange(4).to(torch.bfloat16), "eighth": torch.ones(2, 1, dtype=torch.float8_e4m3fn)}
(FOLDER / "weights.st").write_bytes(safetensors.torch.save(weights, {"format": "pt"}))

# What is refused.
write("module", nn.Linear(1, 1))
write("sparse", torch.eye(2).to_sparse())
write("complex128", torch.zeros(1, dtype=torch.complex128))
write("conjugated", torch.tensor([1 + 2j], dtype=torch.complex64).conj())
write("legacy", {"x": torch.ones(1)}, _use_new_zipfile_serialization=False)
write("legacy_text", {"x": ones}, _use_new_zipfile_serialization=False, pickle_protocol=0)
write("complex32", {"a": torch.zeros(1, dtype=torch.complex32)})
write("bits16", {"a": octets[:, :2].clone().view(torch.bits16)})
write("float4", [torch.zeros(2, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)])
write("meta", {"a": torch.empty(3, device="meta")})
write("sparse_rows", {"a": torch.eye(2).to_sparse_csr()})
write("jagged", {"a": torch.nested.nested_tensor([ones, ones[1:]], layout=torch.jagged)})
write("lazy", nn.LazyLinear(1).state_dict())
write("optimizer", optimizer)
write("tensor_key", {ones: 1})
write("bytes_key", {b"a": 1})
write("set_of_tensors", {"a": {ones}})
write("class", {"a": torch.FloatStorage})
write("one_name", {1: {"a": 2}, "1": {"b": 3}})
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    quantized = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)
    write("quantized", quantized)
    write("quantized_storage", {"a": quantized.storage()})
    write("nested_tensors", {"a": torch.nested.nested_tensor([ones, ones[1:]])})
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), FOLDER / "torchscript.pt")
