//! The entry of each built-in serializer, in a module with its name.
//!
//! linkme puts entries into a section of their own, which Rust counts as unsafe code. This file holds only
//! the entries, so that the lint against unsafe code covers all other files.

/// The built-ins need no guard, since the attribute refuses their identifiers.
macro_rules! register {
    ($($entry:tt)*) => { crate::collect::collect_builtin!(crate::__private::entry!($($entry)*)); };
}

macro_rules! entries {
    ($($(#[$cfg:meta])* $name:ident { $($registration:tt)* })*) => {
        $(
            $(#[$cfg])*
            mod $name {
                $($registration)*
            }
        )*

        /// The list of entries, for systems whose linker does not gather them.
        #[allow(dead_code)]
        pub(crate) const ALL: &[&crate::registry::Entry] = &[$($(#[$cfg])* &$name::ENTRY),*];
    };
}

entries! {
    bytes {
        register!(bytes::Bytes, also: [Vec<u8>, &'static [u8]]);
    }

    text {
        register!(String, also: [&'static str]);
    }

    #[cfg(feature = "ndarray")]
    array {
        use ndarray::{Array, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};

        use crate::builtin::array::{DynArray, element::for_each_element, serializer::read_any};

        macro_rules! register_all {
            ([$($element:ty),*]) => {
                register!(
                    DynArray<'static>,
                    also: [
                        $(
                            Array<$element, Ix0>, Array<$element, Ix1>, Array<$element, Ix2>,
                            Array<$element, Ix3>, Array<$element, Ix4>, Array<$element, Ix5>,
                            Array<$element, Ix6>, Array<$element, IxDyn>,
                        )*
                        Vec<bool>, Vec<i8>, Vec<i16>, Vec<i32>, Vec<i64>, Vec<u16>, Vec<u32>, Vec<u64>, Vec<half::f16>,
                        Vec<f32>, Vec<f64>, Vec<num_complex::Complex<f32>>, Vec<num_complex::Complex<f64>>
                    ],
                    reading: (|| "ndarray::ArrayD<_>", read_any)
                );
            };
        }
        for_each_element!(register_all!());
    }

    #[cfg(feature = "polars")]
    table {
        register!(polars_core::frame::DataFrame, also: []);
    }

    #[cfg(feature = "pandas")]
    pandas {
        register!(crate::builtin::pandas::Table, also: []);
    }

    #[cfg(feature = "pickle")]
    pickle {
        use crate::builtin::pickle::{Value, classes::read_any};

        register!(Value, also: [], reading: (::std::any::type_name::<Value>, read_any));
    }

    #[cfg(feature = "safetensors")]
    tensors {
        register!(crate::builtin::tensors::Tensors<'static>, also: []);
    }

    #[cfg(feature = "torch")]
    torch {
        register!(crate::builtin::torch::Checkpoint, also: []);
    }
}
