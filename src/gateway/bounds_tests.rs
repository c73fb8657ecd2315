//! What is sent at most, and to whom nothing is.

use super::*;
use crate::net::volume::NEWS_BEYOND_LEAST;

#[tokio::test]
async fn when_the_volume_of_the_day_is_used_up_only_structure_is_sent_and_then_only_news() {
    const MOST: u64 = 1_000_000;
    let most = PerDay { up: Some(MOST), down: None };
    let volume = Arc::new(Volume::new(most, Moved::default()));
    let scene = scene_of(None, volume.clone()).await;
    let (content, release) = (scene.content(), scene.release());
    let path = format!("/ipfs/{content}?format=raw");
    let length = scene.get(&path).await.body.len() as u64;
    // The head of the answer counts too, and what tells of releases.
    let (sent, news) = (volume.moved().up, format!("/yadgar/1/{}/head", scene.lab.archive));
    assert!(sent > length && sent < length + 1000, "{sent}");
    assert_eq!(scene.get(&news).await.status, 200);
    assert!(volume.moved().up > sent + scene.lab.head().bytes.len() as u64);
    volume.sent(MOST as usize);
    for form in ["raw", "car"] {
        for method in ["GET", "HEAD"] {
            let path = format!("/ipfs/{content}?format={form}");
            let reply = scene.ask(method, &path, &[]).await;
            assert_eq!((reply.status, reply.header("retry-after")), (503, Some("3600")));
        }
    }
    assert_eq!(scene.get(&format!("/ipfs/{release}?format=raw")).await.status, 200);
    let car = scene.get(&format!("/ipfs/{release}?format=car")).await;
    let blocks = blocks_of(&car.body);
    assert!(car.whole && !blocks.is_empty());
    assert!(blocks.iter().all(|id| id.codec == yadgar_protocol::Codec::DagCbor), "{blocks:?}");
    volume.sent(MOST as usize / 10);
    assert_eq!(scene.get(&format!("/ipfs/{release}?format=raw")).await.status, 503);
    assert_eq!(scene.get(&news).await.status, 200);
    volume.sent(NEWS_BEYOND_LEAST as usize);
    assert_eq!(scene.get(&news).await.status, 503);
    scene.gateway.stop().await;
}

#[tokio::test]
async fn gw_8_a_page_of_another_site_does_not_learn_what_is_here() {
    let scene = scene(None).await;
    let (here, never) = (scene.content(), BlockId::raw(b"never here"));
    for (line, status) in [("Sec-Fetch-Site: cross-site", 403), ("Sec-Fetch-Site: none", 200)] {
        let reply = scene.ask("GET", &format!("/ipfs/{here}?format=raw"), &[line]).await;
        assert_eq!(reply.status, status, "{line}");
    }
    for id in [here, never] {
        let path = format!("/ipfs/{id}?format=raw");
        let by_name =
            format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        assert_eq!(scene.send(&by_name).await.status, 421);
        assert_eq!(scene.ask("HEAD", &path, &["Sec-Fetch-Site: same-site"]).await.status, 403);
    }
    scene.gateway.stop().await;
}

#[tokio::test]
async fn who_asks_and_goes_away_costs_what_was_written() {
    let volume = Arc::<Volume>::default();
    let scene = scene_of(Some(32_000), volume.clone()).await;
    let path = format!("/ipfs/{}?format=raw", scene.content());
    for _ in 0..8 {
        let mut stream = TcpStream::connect(scene.gateway.address()).await.unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        stream.read_u8().await.unwrap();
        drop(stream);
    }
    // Each had a piece at a time; the film is 300 kB.
    assert!(volume.moved().up < 400_000, "{}", volume.moved().up);
    scene.gateway.stop().await;
}
