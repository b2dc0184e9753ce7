"""Runs a WebAssembly program for WASI: `python wasi.py PROGRAM ARGUMENT…`, with the package wasmtime."""

import sys

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

engine = Engine()
store = Store(engine)
config = WasiConfig()
config.argv = sys.argv[1:]
config.inherit_env()
config.inherit_stdout()
config.inherit_stderr()
config.preopen_dir("/", "/")
store.set_wasi(config)
module = Module.from_file(engine, sys.argv[1])
linker = Linker(engine)
linker.define_wasi()
# Functions for threads, which an older C library does not have, and which nothing calls.
linker.define_unknown_imports_as_traps(module)
try:
    linker.instantiate(store, module).exports(store)["_start"](store)
except ExitTrap as end:
    sys.exit(end.code)
