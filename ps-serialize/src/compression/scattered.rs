//! The bytes of a frame that are not all in one place.

pub(super) struct Scattered<'a> {
    /// The pieces, each with its start in the frame.
    pieces: Vec<(usize, &'a [u8])>,
    len: usize,
}

impl<'a> Scattered<'a> {
    pub(super) fn of(slices: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut len = 0;
        let pieces = slices
            .map(|slice| {
                let start = len;
                len += slice.len();
                (start, slice)
            })
            .collect();
        Self { pieces, len }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// At most this many bytes from there on: where they are if they are in one place, else
    /// gathered in `buffer`.
    pub(super) fn get<'s>(&'s self, at: usize, len: usize, buffer: &'s mut Vec<u8>) -> &'s [u8] {
        let end = self.len.min(at + len);
        let first = self.pieces.partition_point(|(start, _)| *start <= at) - 1;
        let (start, piece) = self.pieces[first];
        if let Some(bytes) = piece.get(at - start..end - start) {
            return bytes;
        }
        buffer.clear();
        for (start, piece) in &self.pieces[first..] {
            let from = at.saturating_sub(*start);
            let to = piece.len().min(end.saturating_sub(*start));
            if from < to {
                buffer.extend_from_slice(&piece[from..to]);
            }
        }
        buffer
    }
}
