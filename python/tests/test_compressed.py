"""What `compressed` and `decompress` take, and what they refuse: the same as the Rust library."""

import array
import pickle
import unittest

import lz4.frame
import numpy as np
import ps_serialize
import zstandard
from proxystore.serialize import SerializationError, deserialize, serialize

ps_serialize.register()

TEXT = "again and " * 1000
FRAME = serialize(TEXT)


def lz4_frame(content, **options):
    return b"LZ\n\0" + lz4.frame.compress(content, **{"store_size": True} | options)


def zstd_frame(content, **options):
    return b"ZS\n\0" + zstandard.ZstdCompressor(**options).compress(content)


def skippable(content, magic=0x184D2A50):
    return magic.to_bytes(4, "little") + len(content).to_bytes(4, "little") + content


def every_other(data):
    """A view of these bytes with others between them."""
    doubled = bytearray(2 * len(data))
    doubled[::2] = data
    return memoryview(doubled)[::2]


class Compressed(unittest.TestCase):
    def assert_refused(self, error, message, function, *arguments):
        with self.assertRaises(error) as raised:
            function(*arguments)
        self.assertIn(message, str(raised.exception))

    def test_a_serializer_may_return_anything_that_is_bytes(self):
        for codec in ("lz4", "zstd"):
            for make in (bytes, bytearray, memoryview, every_other, lambda data: array.array("B", data)):
                frame = ps_serialize.compressed(codec, serializer=lambda obj: make(serialize(obj)))(TEXT)
                self.assertLess(len(frame), 200)
                self.assertIs(type(frame), bytes)
                self.assertEqual(deserialize(frame), TEXT)
            small = ps_serialize.compressed(codec, serializer=lambda obj: bytearray(serialize(obj)))("short")
            self.assertEqual((type(small), small), (bytes, b"US\nshort"))

    def test_a_serializer_that_returns_no_bytes_is_refused(self):
        for codec in ("lz4", "zstd"):
            for result in (None, 5, 5_000_000, "text", [66, 83, 10], (0,), {}, range(3), 1.5, True):
                write = ps_serialize.compressed(codec, serializer=lambda _: result)
                message = f"what the serializer returns must be bytes, but is of type {type(result).__name__!r}"
                self.assert_refused(TypeError, message, write, 0)

    def test_a_serializer_that_returns_no_frame_is_refused(self):
        for codec in ("lz4", "zstd"):
            write = ps_serialize.compressed(codec, serializer=lambda data: data)
            none = "no frame: its first 64 bytes have no newline, which ends the identifier"
            self.assert_refused(ValueError, none, write, bytes(1000))
            self.assert_refused(ValueError, none, write, b"US".ljust(64) + b"\n" + bytes(1000))
            length = "no frame: an identifier has 1 to 32 bytes, and this one has "
            self.assert_refused(ValueError, length + "0", write, b"")
            self.assert_refused(ValueError, length + "0", write, b" \t\n" + bytes(1000))
            self.assert_refused(ValueError, length + "33", write, b"i" * 33 + b"\n" + bytes(1000))
            self.assert_refused(ValueError, "no frame: ", ps_serialize.compressed(codec, serializer=pickle.dumps), TEXT)

    def test_what_is_compressed_already_stays_as_it_is(self):
        for inner in ("lz4", "zstd"):
            # Zeros become much smaller yet.
            write = ps_serialize.compressed(inner)
            for outer in ("lz4", "zstd"):
                zeros = bytes(5_000_000)
                frame = ps_serialize.compressed(outer, serializer=write)(zeros)
                self.assertEqual(frame, write(zeros))
                self.assertEqual(deserialize(frame), zeros)

    def test_a_shuffle_is_a_whole_number(self):
        for shuffle in (np.int64(8), True):
            write = ps_serialize.compressed("zstd", shuffle=shuffle)
            self.assertEqual(deserialize(write(TEXT)), TEXT)
            self.assertEqual(write(TEXT)[3], int(shuffle))
        for shuffle in (1.5, 2.0, "8", None):
            self.assert_refused(TypeError, "integer", lambda: ps_serialize.compressed("zstd", shuffle=shuffle))
        for shuffle in (-1, 256):
            message = f"a shuffle's width is 0 to 255, not {shuffle}"
            self.assert_refused(ValueError, message, lambda: ps_serialize.compressed("zstd", shuffle=shuffle))


class Decompress(unittest.TestCase):
    def assert_refused(self, message, frame):
        with self.assertRaises(ValueError) as raised:
            ps_serialize.decompress(frame)
        self.assertIn(message, str(raised.exception))
        with self.assertRaises(SerializationError) as raised:
            deserialize(frame)
        self.assertIn(message, str(raised.exception.__cause__))

    def test_anything_that_is_bytes_is_taken(self):
        for frame in (FRAME, lz4_frame(FRAME), zstd_frame(FRAME)):
            for make in (bytes, bytearray, memoryview, every_other, lambda data: array.array("B", data)):
                self.assertEqual(ps_serialize.decompress(make(frame)), FRAME)
                self.assertIs(type(ps_serialize.decompress(make(frame))), bytes)
        self.assertIs(ps_serialize.decompress(FRAME), FRAME)
        for value in (None, 5, "US\ntext", [85, 83, 10], range(3)):
            with self.assertRaises(TypeError) as raised:
                ps_serialize.decompress(value)
            self.assertEqual(str(raised.exception), f"a frame must be bytes, but is of type {type(value).__name__!r}")

    def test_lines_are_read_as_by_rust(self):
        for line in (b"ZS\n", b" ZS \t\r\n", b"ZS".ljust(63) + b"\n"):
            self.assertEqual(ps_serialize.decompress(line + zstd_frame(FRAME)[3:]), FRAME)
        for codec in (lz4_frame(FRAME)[3:], zstd_frame(FRAME)[3:]):
            self.assert_refused("no frame: its first 64 bytes have no newline", b"ZS".ljust(64) + b"\n" + codec)
        with self.assertRaises(ValueError):
            ps_serialize.decompress(b"")

    def test_skippable_frames_after_zstandards_are_passed_over(self):
        for content, magic in ((b"", 0x184D2A50), (b"padding", 0x184D2A50), (bytes(70_000), 0x184D2A5F)):
            frame = zstd_frame(FRAME) + skippable(content, magic)
            self.assertEqual(ps_serialize.decompress(frame), FRAME)
            self.assertEqual(ps_serialize.decompress(frame + skippable(b"and another")), FRAME)
        # The module writes one itself, where what it compresses becomes very large.
        zeros = bytes(200 << 20)
        frame = ps_serialize.compressed("zstd")(zeros)
        self.assertIn(skippable(b"")[:4], frame)
        self.assertEqual(deserialize(frame), zeros)

    def test_bytes_left_over_are_refused(self):
        small = zstd_frame(FRAME)
        for checksum in (False, True):
            frame = zstd_frame(FRAME, write_checksum=checksum)
            for rest in (
                b"\0",
                b"garbage",
                small[4:],
                skippable(b"padding")[:-1],
                skippable(b"")[:-1],
                skippable(b"padding") + b"\0",
                skippable(b"padding", 0x184D2A60),
                skippable(b"padding", 0x184D2A4F),
            ):
                self.assert_refused("bytes are left over after the Zstandard frame", frame + rest)
        for rest in (b"\0", b"garbage", lz4_frame(FRAME)[4:], skippable(b"")):
            self.assert_refused("bytes are left over after the LZ4 frame", lz4_frame(FRAME) + rest)
        # However the blocks are stored: as they are, repeated, and compressed.
        incompressible = serialize(np.random.default_rng(7).bytes(300_000))
        for content in (b"BS\n" + bytes(1_000_000), incompressible, incompressible + bytes(1_000_000)):
            frame = zstd_frame(content)
            self.assertEqual(ps_serialize.decompress(frame), content)
            self.assertEqual(ps_serialize.decompress(frame + skippable(b"padding")), content)
            self.assert_refused("1 bytes are left over after the Zstandard frame", frame + b"\0")

    def test_frames_that_say_no_size_are_refused(self):
        message = "it says no size of its content, or 0: "
        self.assert_refused(message, lz4_frame(FRAME, store_size=False))
        self.assert_refused(message, zstd_frame(FRAME, write_content_size=False))
        stream = zstandard.ZstdCompressor().compressobj()
        self.assert_refused(message, b"ZS\n\0" + stream.compress(FRAME) + stream.flush())

    def test_frames_that_say_a_size_of_0_are_refused(self):
        message = "it says no size of its content, or 0: "
        self.assert_refused(message, lz4_frame(b""))
        self.assert_refused(message, zstd_frame(b""))
        self.assert_refused(message, zstd_frame(b"") + zstd_frame(FRAME)[4:])
        # With one byte for the size, and blocks that have content anyway.
        frame = bytearray(zstd_frame(FRAME[:200]))
        self.assertEqual(frame[8:10], b"\x20\xc8")
        frame[9] = 0
        self.assert_refused(message, bytes(frame))
        frame[9] = 199
        self.assert_refused("the Zstandard frame can't be read", bytes(frame))

    def test_what_is_damaged_is_refused(self):
        for whole, what in ((lz4_frame(FRAME), "LZ4"), (zstd_frame(FRAME, write_checksum=True), "Zstandard")):
            for end in (*range(5, 20), len(whole) - 5, len(whole) - 1):
                self.assert_refused(f"{what} frame", whole[:end])
            self.assert_refused("the payload is empty", whole[:3])
            self.assert_refused(f"no {what} frame", whole[:4])
            self.assert_refused(f"no {what} frame", whole[:4] + b"no frame at all")
            self.assert_refused(f"no {what} frame", whole[:4] + skippable(b"padding") + whole[4:])
        self.assert_refused("no frame: ", lz4_frame(b"\n"))
        self.assert_refused("no frame: ", zstd_frame(bytes(1000)))
        for inner in (lz4_frame(FRAME), zstd_frame(FRAME)):
            self.assert_refused("a compressed frame in a compressed frame", lz4_frame(inner))
            self.assert_refused("a compressed frame in a compressed frame", zstd_frame(b"\t" + inner))

    def test_frames_that_become_too_large_are_refused(self):
        zeros = b"BS\n" + bytes(100 << 20)
        self.assert_refused("size of the decompressed frame in bytes: the limit is ", zstd_frame(zeros))
        self.assertEqual(ps_serialize.decompress(zstd_frame(zeros) + skippable(bytes(300_000))), zeros)
        large_window = b"\x28\xb5\x2f\xfd\x80" + bytes([(28 - 10) << 3]) + (1000).to_bytes(4, "little") + b"\x01\0\0"
        self.assert_refused("window in bytes: the limit is 134217728, and this is 268435456", b"ZS\n\0" + large_window)


if __name__ == "__main__":
    unittest.main()
