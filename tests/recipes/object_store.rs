//! Values as objects of S3, or of another store that `object_store` knows.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use ps_serialize::{Deserializable, Frame, Identifier, Serializable, deserialize, serialize};

use crate::Result;

async fn put<T: Serializable>(store: &dyn ObjectStore, path: &Path, value: &T) -> Result<()> {
    store.put(path, serialize(value)?.into()).await?;
    Ok(())
}

/// A value that keeps the memory that the object was received into.
async fn get<T: for<'a> Deserializable<'a>>(store: &dyn ObjectStore, path: &Path) -> Result<T> {
    let frame = store.get(path).await?.bytes().await?;
    Ok(deserialize(&frame)?)
}

/// What an object is, from its first 64 bytes, which have every frame's identifier.
async fn kind(store: &dyn ObjectStore, path: &Path) -> Result<Identifier> {
    let head = store.get_range(path, 0..64).await?;
    Ok(Frame::parse(&head)?.identifier())
}

#[tokio::test]
async fn a_value_comes_back_and_its_head_says_what_it_is() -> Result<()> {
    use bytes::Bytes;
    use object_store::memory::InMemory;

    // For S3, with the feature `aws`: `AmazonS3Builder::from_env().with_bucket_name("…").build()?`
    let store = InMemory::new();
    let image = Bytes::from(vec![7; 100_000]);
    put(&store, &Path::from("images/1"), &image).await?;
    put(&store, &Path::from("short"), &"text").await?;
    assert_eq!(get::<Bytes>(&store, &Path::from("images/1")).await?, image);
    assert_eq!(kind(&store, &Path::from("images/1")).await?, *b"BS");
    assert_eq!(kind(&store, &Path::from("short")).await?, *b"US");
    Ok(())
}
