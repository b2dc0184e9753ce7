//! The types of elements, by the names that safetensors, NumPy and PyTorch give them.

use safetensors::Dtype;

/// An element type that safetensors has.
pub(crate) struct ElementType {
    pub(crate) dtype: Dtype,
    /// NumPy's name, if it has the type. It is little-endian, as in safetensors.
    #[cfg_attr(not(feature = "ndarray"), allow(dead_code))]
    pub(crate) numpy: Option<&'static str>,
    /// PyTorch's name, without `torch.`, if it has the type.
    #[cfg_attr(not(feature = "torch"), allow(dead_code))]
    pub(crate) torch: Option<&'static str>,
}

const fn row(
    dtype: Dtype,
    numpy: Option<&'static str>,
    torch: Option<&'static str>,
) -> ElementType {
    ElementType { dtype, numpy, torch }
}

static ELEMENT_TYPES: [ElementType; 19] = [
    row(Dtype::BOOL, Some("|b1"), Some("bool")),
    row(Dtype::U8, Some("|u1"), Some("uint8")),
    row(Dtype::I8, Some("|i1"), Some("int8")),
    row(Dtype::U16, Some("<u2"), Some("uint16")),
    row(Dtype::I16, Some("<i2"), Some("int16")),
    row(Dtype::U32, Some("<u4"), Some("uint32")),
    row(Dtype::I32, Some("<i4"), Some("int32")),
    row(Dtype::U64, Some("<u8"), Some("uint64")),
    row(Dtype::I64, Some("<i8"), Some("int64")),
    row(Dtype::F16, Some("<f2"), Some("float16")),
    row(Dtype::BF16, None, Some("bfloat16")),
    row(Dtype::F32, Some("<f4"), Some("float32")),
    row(Dtype::F64, Some("<f8"), Some("float64")),
    row(Dtype::C64, Some("<c8"), Some("complex64")),
    row(Dtype::F8_E4M3, None, Some("float8_e4m3fn")),
    row(Dtype::F8_E5M2, None, Some("float8_e5m2")),
    row(Dtype::F8_E4M3FNUZ, None, Some("float8_e4m3fnuz")),
    row(Dtype::F8_E5M2FNUZ, None, Some("float8_e5m2fnuz")),
    row(Dtype::F8_E8M0, None, Some("float8_e8m0fnu")),
];

/// The first type for which this holds.
pub(crate) fn find(is: impl Fn(&ElementType) -> bool) -> Option<&'static ElementType> {
    ELEMENT_TYPES.iter().find(|row| is(row))
}
