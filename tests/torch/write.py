"""Writes the checkpoints that `torch.rs` reads, with the real PyTorch, and what is in them.

`pip install torch==2.15.0 numpy==2.4.6 safetensors==0.8.0`, then `python write.py`. The files are committed, since PyTorch is large.
"""

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


def described(value, path="", found=None):
    """Every tensor by its name, as PyTorch itself has it in C order, and every other value as text."""
    found = {} if found is None else found
    if isinstance(value, torch.Tensor):
        plain = value.detach().clone(memory_format=torch.contiguous_format)
        data = plain.reshape(-1).view(torch.uint8) if plain.numel() else plain.reshape(-1)
        found[path] = {
            "dtype": str(value.dtype),
            "shape": list(value.shape),
            "data": bytes(data.tolist()).hex() if plain.numel() else "",
        }
    elif isinstance(value, (dict, list, tuple)) and value and not isinstance(value, torch.Size):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            described(inner, f"{path}.{key}" if path else str(key), found)
    else:
        found[path] = {"value": repr(value)}
    return found


def write_described(name, value):
    write(name, value)
    (FOLDER / f"{name}.json").write_text(json.dumps(described(value), indent=0) + "\n")


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

weights = {"half": torch.arange(4).to(torch.bfloat16), "eighth": torch.ones(2, 1, dtype=torch.float8_e4m3fn)}
(FOLDER / "weights.st").write_bytes(safetensors.torch.save(weights, {"format": "pt"}))

# What is refused.
write("module", nn.Linear(1, 1))
write("sparse", torch.eye(2).to_sparse())
write("complex128", torch.zeros(1, dtype=torch.complex128))
write("conjugated", torch.tensor([1 + 2j], dtype=torch.complex64).conj())
write("legacy", {"x": torch.ones(1)}, _use_new_zipfile_serialization=False)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    write("quantized", torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8))
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), FOLDER / "torchscript.pt")
