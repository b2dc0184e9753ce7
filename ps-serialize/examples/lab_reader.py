import sys
from proxystore.serialize import deserialize
print(deserialize(sys.stdin.buffer.read()))
