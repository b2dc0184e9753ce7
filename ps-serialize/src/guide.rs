// In the documentation the links go to modules. In the repository they go to the files beside README.md.
#![doc = "[Quick start]: quick_start"]
#![doc = "[Records]: records"]
#![doc = "[Trait objects]: trait_objects"]
#![doc = "[Serializers]: serializers"]
#![doc = "[Identifiers]: identifiers"]
#![doc = "[Python]: python"]
#![doc = "[Python classes]: python_classes"]
#![doc = "[Performance]: performance"]
#![doc = "[Security]: security"]
#![doc = "[Platforms]: platforms"]
#![doc = "[Stability]: stability"]
#![doc = "[The lock]: lock"]
#![doc = "[A worker]: worker"]
#![doc = "[Recipes]: recipes"]
#![doc = include_str!("guide/README.md")]

#[doc = include_str!("guide/quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("guide/records.md")]
pub mod records {}

#[doc = include_str!("guide/trait_objects.md")]
pub mod trait_objects {}

#[doc = include_str!("guide/serializers.md")]
pub mod serializers {}

#[doc = include_str!("guide/identifiers.md")]
pub mod identifiers {}

#[doc = include_str!("guide/python.md")]
pub mod python {}

#[doc = include_str!("guide/python_classes.md")]
pub mod python_classes {}

#[doc = include_str!("guide/performance.md")]
pub mod performance {}

#[doc = include_str!("guide/security.md")]
pub mod security {}

#[doc = include_str!("guide/platforms.md")]
pub mod platforms {}

#[doc = include_str!("guide/stability.md")]
pub mod stability {}

#[doc = include_str!("guide/lock.md")]
pub mod lock {}

#[doc = include_str!("guide/worker.md")]
pub mod worker {}

#[doc = include_str!("guide/recipes.md")]
pub mod recipes {}
