"""``python -m ps_serialize generate ps-serialize.lock > records.py`` writes the classes of a lock as typed source."""

import argparse
import sys

from ps_serialize._load import generate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ps_serialize")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("generate", help="write the classes of a lock as typed source")
    command.add_argument("lock", help="the lock of a Rust program, such as ps-serialize.lock")
    path = parser.parse_args().lock
    try:
        print(generate(path), end="")
    except (OSError, ValueError) as error:
        sys.exit(str(error))


main()
