//! Frames as the bodies of HTTP requests and responses.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use ndarray::{ArrayD, CowArray, IxDyn};
use ps_serialize::{Options, deserialize, serialize};

use crate::Result;

const LARGEST: usize = 64 << 20;

/// The server: an array comes in, and one twice as large goes out.
fn router() -> Router {
    Router::new().route("/double", post(double)).layer(DefaultBodyLimit::max(LARGEST))
}

async fn double(frame: Bytes) -> std::result::Result<Bytes, (StatusCode, String)> {
    let refuse = |error| (StatusCode::BAD_REQUEST, format!("{error:#}"));
    let array: CowArray<f64, IxDyn> = deserialize(&frame).map_err(refuse)?;
    serialize(&(&array * 2.0)).map_err(refuse)
}

/// The client, with `ureq`: the answer is read into aligned memory.
fn ask(url: &str, array: &ArrayD<f64>) -> Result<ArrayD<f64>> {
    let mut response = ureq::post(url).send(&serialize(array)?[..])?;
    let length = response.body().content_length();
    let length = length.and_then(|length| usize::try_from(length).ok());
    let options = Options::new().size_limit(LARGEST);
    let frame = options.read_frame(response.body_mut().as_reader(), length)?;
    Ok(deserialize(&frame)?)
}

#[tokio::test]
async fn an_array_is_doubled() -> Result<()> {
    use ndarray::array;
    use tokio::net::TcpListener;
    use tokio::task::spawn_blocking;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/double", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, router()).into_future());
    let client = spawn_blocking(move || {
        let doubled = ask(&url, &array![[0.5, 1.0], [1.5, 2.0]].into_dyn())?;
        assert_eq!(doubled, array![[1.0, 2.0], [3.0, 4.0]].into_dyn());
        let refused = ureq::post(&url).send(&b"US\nno array"[..]);
        assert!(matches!(refused, Err(ureq::Error::StatusCode(400))), "{refused:?}");
        Result::Ok(())
    });
    client.await??;
    server.abort();
    Ok(())
}
