"""The bounds that records have on both sides, in Rust and here."""

#: How many structs, enums, options, lists and so on may stand inside one another.
MAX_DEPTH = 128
#: How many more elements than bytes all lists of a payload may have together.
EMPTY_ELEMENTS = 1 << 16
#: How many records may stand inside of one another as frames.
MAX_FRAMES_INSIDE = 32
