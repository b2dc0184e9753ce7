//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |

pub(crate) mod bytes;
pub(crate) mod text;
