import lab, sys
from proxystore.serialize import deserialize
assert deserialize(sys.stdin.buffer.read()) == lab.Sample(1.5, ["dry"])
