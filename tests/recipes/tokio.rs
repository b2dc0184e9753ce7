//! Frames over a stream of tokio's, each after its length.

use bytes::Bytes;
use ps_serialize::{Serializable, deserialize_any, parts};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Result;

const LARGEST: u64 = 64 << 20;

/// Copies no payload of bytes, text, arrays and tables: the pieces go to the socket as they are.
async fn send<T: Serializable>(stream: &mut (impl AsyncWrite + Unpin), value: &T) -> Result<()> {
    let mut frame = parts(value)?;
    stream.write_u64_le(frame.len() as u64).await?;
    stream.write_all_buf(&mut frame).await?;
    Ok(())
}

/// Takes memory as bytes arrive, and not what a stranger's length claims.
async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Result<Bytes> {
    let length = stream.read_u64_le().await?;
    if length > LARGEST {
        return Err(format!("a frame of {length} bytes, where {LARGEST} are allowed").into());
    }
    let mut frame = Vec::new();
    stream.take(length).read_to_end(&mut frame).await?;
    if (frame.len() as u64) < length {
        return Err(format!("{} bytes of a frame of {length}", frame.len()).into());
    }
    Ok(frame.into())
}

#[tokio::test]
async fn frames_arrive_one_by_one() -> Result<()> {
    use ndarray::{ArrayD, array};
    use tokio::net::{TcpListener, TcpStream};

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let sender = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await?;
        send(&mut stream, &array![[1.0, 2.0], [3.0, 4.0]]).await?;
        send(&mut stream, &vec![7_u8; 1 << 20]).await?;
        send(&mut stream, &"the last one").await?;
        stream.write_u64_le(LARGEST + 1).await?;
        Result::Ok(())
    });
    let (mut stream, _) = listener.accept().await?;
    let array = deserialize_any(&receive(&mut stream).await?)?;
    assert_eq!(
        array.downcast_ref(),
        Some(&array![[1.0, 2.0], [3.0, 4.0]].into_dyn() as &ArrayD<f64>)
    );
    let bytes = deserialize_any(&receive(&mut stream).await?)?;
    assert_eq!(bytes.downcast_ref(), Some(&Bytes::from(vec![7; 1 << 20])));
    let text = deserialize_any(&receive(&mut stream).await?)?;
    assert_eq!(text.downcast_ref(), Some(&"the last one".to_owned()));
    assert!(receive(&mut stream).await.is_err_and(|error| error.to_string().contains("allowed")));
    sender.await?
}

#[tokio::test]
async fn a_frame_that_ends_early_is_an_error() {
    let mut stream = &b"\x05\0\0\0\0\0\0\0US\n"[..];
    let error = receive(&mut stream).await.unwrap_err();
    assert_eq!(error.to_string(), "3 bytes of a frame of 5");
}
