//! Values as objects of S3, or of another store that `object_store` knows.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use ps_serialize::{
    Deserializable, Frame, FrameTable, Identifier, Record, Serializable, deserialize, serialize,
};

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

/// Fetches one frame of a record, by the field's name and its key or index. The other frames stay where they are.
async fn field<R: Record, T>(
    store: &dyn ObjectStore,
    path: &Path,
    name: &str,
    key: &str,
) -> Result<T>
where
    T: for<'a> Deserializable<'a>,
{
    let mut head = store.get_range(path, 0..4096).await?;
    let size = FrameTable::size(&head)?;
    if size > head.len() {
        head = store.get_range(path, 0..size as u64).await?;
    }
    let place = FrameTable::parse::<R>(&head)?.find(name, key).ok_or("there is no such frame")?;
    let frame = store.get_range(path, place.start as u64..place.end as u64).await?;
    // Stores give what there is of a range, and a frame does not store its length.
    if frame.len() < place.len() {
        return Err("the object ends within this frame".into());
    }
    Ok(deserialize(&frame)?)
}

#[tokio::test]
async fn one_field_of_a_record_is_fetched() -> Result<()> {
    use bytes::Bytes;
    use object_store::local::LocalFileSystem;
    use ps_serialize::serializer;
    use std::collections::BTreeMap;
    use std::fs::{self, File};

    #[serializer(id = b"scan")]
    struct Scan {
        patient: String,
        #[serializer(frame)]
        image: Bytes,
        #[serializer(frames)]
        masks: BTreeMap<String, Bytes>,
    }

    let folder = std::env::temp_dir().join(format!("ps-serialize-scans-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let store = LocalFileSystem::new_with_prefix(&folder)?;
    for patient in ["short".to_owned(), "long ".repeat(2000)] {
        let masks = [("left", 1), ("right", 2)];
        let masks = masks.map(|(side, byte)| (side.to_owned(), Bytes::from(vec![byte; 1000])));
        let scan = Scan { patient, image: vec![7; 1_000_000].into(), masks: masks.into() };
        let path = Path::from("scans/1");
        put(&store, &path, &scan).await?;
        let mask: Bytes = field::<Scan, _>(&store, &path, "masks", "right").await?;
        assert_eq!(mask, scan.masks["right"]);
        let error = field::<Scan, Bytes>(&store, &path, "masks", "middle").await.unwrap_err();
        assert_eq!(error.to_string(), "there is no such frame");
        assert_eq!(get::<Scan>(&store, &path).await?.patient, scan.patient);

        // Without its last byte, the object can still give the frames before it: nothing else is fetched.
        let file = File::options().write(true).open(folder.join("scans/1"))?;
        file.set_len(file.metadata()?.len() - 1)?;
        let image: Bytes = field::<Scan, _>(&store, &path, "image", "").await?;
        assert_eq!(image, scan.image);
        let error = field::<Scan, Bytes>(&store, &path, "masks", "right").await.unwrap_err();
        assert_eq!(error.to_string(), "the object ends within this frame");
        assert!(get::<Scan>(&store, &path).await.is_err());
    }
    fs::remove_dir_all(folder)?;
    Ok(())
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
