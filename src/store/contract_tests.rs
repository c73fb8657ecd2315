//! What every block store must do, run on each of them.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use yadgar_protocol::Codec;

/// Plain blocks of many kinds: empty, text, noise, largest.
fn samples() -> Vec<Vec<u8>> {
    let mut noise = vec![0; MAX_BLOCK_BYTES];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let text = b"a name, a day, a city; ".repeat(2000);
    vec![vec![], vec![1], text[..100].to_vec(), noise[..5000].to_vec(), text, noise]
}

fn on_each(test: impl Fn(Arc<dyn BlockStore>)) {
    test(Arc::new(MemoryStore::new()));
    for compress in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions { compress, segment_bytes: 300_000, quota: None };
        test(Arc::new(DiskStore::open(dir.path(), options).unwrap()));
    }
    let dir = tempfile::tempdir().unwrap();
    let options = vault::VaultOptions { container_bytes: 300_000, quota: None };
    let keys = Arc::new(vault::seal::Keys::derive(&[7; 32]));
    test(Arc::new(Vault::open(dir.path(), keys, options).unwrap()));
}

#[test]
fn what_was_put_is_read() {
    on_each(|store| {
        for data in samples() {
            let block = Packed::plain(Codec::Raw, data.clone());
            let id = block.id;
            assert!(!store.has(&id).unwrap());
            assert_eq!(store.get(&id).unwrap(), None);
            assert_eq!(store.get_packed(&id).unwrap(), None);
            store.put(vec![block]).unwrap();
            for _ in 0..2 {
                assert!(store.has(&id).unwrap() && store.has_block(&id).unwrap());
                assert_eq!(store.get(&id).unwrap().unwrap(), data);
                assert_eq!(store.block(&id).unwrap().unwrap(), data);
                let packed = store.get_packed(&id).unwrap().unwrap();
                assert_eq!((packed.id, packed.unpack(&pack::inflate).unwrap()), (id, data.clone()));
                store.flush().unwrap();
            }
        }
    });
}

#[test]
fn a_block_is_kept_once_whatever_its_codec_and_packing() {
    on_each(|store| {
        let data = b"the same words again and again. ".repeat(100);
        let frame = pack::Deflater::default().deflate(&data).unwrap();
        let raw = BlockId::raw(&data);
        let zstd = Packed { id: raw, encoding: Encoding::Zstd, data: frame.clone() };
        store.put(vec![zstd.clone(), zstd.clone()]).unwrap();
        store.put(vec![Packed::plain(Codec::Raw, data.clone())]).unwrap();
        store.flush().unwrap();
        store.put(vec![Packed::plain(Codec::DagCbor, data.clone()), zstd.clone()]).unwrap();
        let stats = store.stats().unwrap();
        assert_eq!((stats.blocks, stats.plain_bytes), (1, data.len() as u64));
        assert!(stats.stored_bytes < data.len() as u64 / 2);
        assert_eq!(store.get_packed(&raw).unwrap().unwrap(), zstd);
        let cbor = BlockId::dag_cbor(&data);
        assert_eq!(store.get(&cbor).unwrap().unwrap(), data);
        assert_eq!(store.get_packed(&cbor).unwrap().unwrap().id, cbor);
    });
}

#[test]
fn what_can_be_no_block_is_refused_and_costs_nothing() {
    on_each(|store| {
        let good = Packed::plain(Codec::Raw, vec![1; 10]);
        let long = Packed::plain(Codec::Raw, vec![0; MAX_BLOCK_BYTES + 1]);
        let id = good.id;
        let frames = [vec![], b"no frame".to_vec(), zstd::bulk::compress(b"short", 3).unwrap()];
        let frames = frames.into_iter().map(|data| Packed { id, encoding: Encoding::Zstd, data });
        for bad in frames.chain([long]) {
            let error = store.put(vec![good.clone(), bad]).unwrap_err();
            assert!(matches!(error, StoreError::NotABlock(_)), "{error}");
        }
        assert_eq!(store.stats().unwrap(), StoreStats::default());
    });
}

#[test]
fn what_was_put_under_a_wrong_name_is_never_served() {
    on_each(|store| {
        let id = BlockId::raw(b"the right bytes");
        store.put(vec![Packed { id, encoding: Encoding::Plain, data: b"wrong".to_vec() }]).unwrap();
        assert_eq!(store.get(&id).unwrap(), None);
        assert!(!store.has(&id).unwrap());
        assert_eq!(store.stats().unwrap(), StoreStats::default());
        store.put(vec![Packed::plain(Codec::Raw, b"the right bytes".to_vec())]).unwrap();
        assert_eq!(store.get_packed(&id).unwrap().unwrap().data, b"the right bytes");
        store.flush().unwrap();
        assert_eq!(store.stats().unwrap().blocks, 1);
        assert_eq!(store.get(&id).unwrap().unwrap(), b"the right bytes");
    });
}

#[test]
fn many_threads_put_and_read_the_same_blocks() {
    on_each(|store| {
        let blocks: Vec<Packed> = (0..200_u32)
            .map(|n| Packed::plain(Codec::Raw, n.to_le_bytes().repeat(50 + n as usize)))
            .collect();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (store, blocks) = (&store, &blocks);
                scope.spawn(move || {
                    for at in 0..blocks.len() {
                        let block = &blocks[(at * 7 + thread * 50) % blocks.len()];
                        store.put(vec![block.clone()]).unwrap();
                        assert!(store.get(&block.id).unwrap().is_some());
                        if at % 50 == 0 {
                            store.flush().unwrap();
                        }
                    }
                });
            }
        });
        store.flush().unwrap();
        let stats = store.stats().unwrap();
        let plain = blocks.iter().map(|block| block.data.len() as u64).sum();
        assert_eq!((stats.blocks, stats.plain_bytes), (200, plain));
    });
}

#[test]
fn a_memory_store_keeps_its_quota() {
    let store = MemoryStore::with_quota(20_000);
    let mut noise = vec![0; 15_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    store.put(vec![Packed::plain(Codec::Raw, noise.clone())]).unwrap();
    let more = Packed::plain(Codec::Raw, noise[..10_000].to_vec());
    assert!(matches!(store.put(vec![more]).unwrap_err(), StoreError::Quota(20_000)));
    store.put(vec![Packed::plain(Codec::Raw, noise)]).unwrap();
    assert_eq!(store.stats().unwrap().blocks, 1);
}

#[test]
fn what_was_erased_is_gone_and_the_rest_is_not() {
    on_each(|store| {
        let blocks: Vec<Packed> =
            samples().into_iter().map(|data| Packed::plain(Codec::Raw, data)).collect();
        store.put(blocks[..4].to_vec()).unwrap();
        store.flush().unwrap();
        store.put(blocks[4..].to_vec()).unwrap();
        let (out, rest) = blocks.split_at(3);
        // Under the other codec it is the same block.
        let mut ids: Vec<BlockId> = out.iter().map(|block| block.id).collect();
        ids[0] = BlockId::dag_cbor(&out[0].data);
        ids.push(BlockId::raw(b"never put"));
        assert_eq!(store.erase(&ids).unwrap(), 3);
        assert_eq!(store.erase(&ids).unwrap(), 0);
        assert_eq!(store.erase(&[]).unwrap(), 0);
        for block in out {
            assert!(!store.has(&block.id).unwrap() && store.get(&block.id).unwrap().is_none());
            assert!(store.get_packed(&block.id).unwrap().is_none());
        }
        for block in rest {
            assert_eq!(store.get(&block.id).unwrap().as_ref(), Some(&block.data));
        }
        let mut held: Vec<BlockId> = rest.iter().map(|block| block.id).collect();
        assert!(store.has_all(&held).unwrap() && store.has_all(&[]).unwrap());
        held.insert(1, out[1].id);
        assert!(!store.has_all(&held).unwrap());
        let plain = rest.iter().map(|block| block.data.len() as u64).sum();
        let stats = store.stats().unwrap();
        assert_eq!((stats.blocks, stats.plain_bytes), (rest.len() as u64, plain));
        store.flush().unwrap();
        store.put(out.to_vec()).unwrap();
        assert_eq!(store.get(&out[2].id).unwrap().as_ref(), Some(&out[2].data));
    });
}

#[test]
fn every_id_is_shown_once_in_order_whatever_the_page() {
    on_each(|store| {
        let all = |store: &dyn BlockStore| {
            let mut all = Vec::new();
            let visit = &mut |id: &BlockId| {
                all.push(*id);
                ControlFlow::Continue(())
            };
            store.all_ids(visit).unwrap();
            all
        };
        assert!(all(&*store).is_empty());
        let codec = |n: u32| if n.is_multiple_of(3) { Codec::DagCbor } else { Codec::Raw };
        let blocks: Vec<Packed> =
            (0..50_u32).map(|n| Packed::plain(codec(n), n.to_le_bytes().to_vec())).collect();
        store.put(blocks[..30].to_vec()).unwrap();
        store.flush().unwrap();
        // Some pending, some of what was committed gone.
        store.put(blocks[30..].to_vec()).unwrap();
        store.erase(&[blocks[0].id, blocks[49].id]).unwrap();
        store.put(vec![blocks[49].clone()]).unwrap();
        let mut expected: Vec<BlockId> = blocks[1..].iter().map(|block| block.id).collect();
        expected.sort_by_key(|id| id.hash);
        assert_eq!(all(&*store), expected);
        for most in [0, 1, 7, 49, 1000] {
            let (mut after, mut found) = (None, Vec::new());
            loop {
                let page = store.ids_after(after.as_ref(), most).unwrap();
                assert!(page.len() <= most.max(1));
                let Some(last) = page.last() else { break };
                after = Some(last.hash);
                found.extend(page);
            }
            assert_eq!(found, expected);
        }
        let mut seen = 0;
        let visit = &mut |_: &BlockId| {
            seen += 1;
            if seen == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.all_ids(visit).unwrap();
        assert_eq!(seen, 5);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Any order of calls agrees with a map.
    #[test]
    fn like_a_map(calls in proptest::collection::vec((0..4_u8, 0..20_u8), 1..60)) {
        on_each(|store| {
            let mut model = BTreeMap::new();
            let data = |n: u8| vec![n; usize::from(n) * 37];
            for (call, n) in &calls {
                let id = BlockId::raw(&data(*n));
                match call {
                    0 | 1 => {
                        let pair = [data(*n), data(n / 2)];
                        for data in &pair {
                            model.insert(BlockId::raw(data), data.clone());
                        }
                        let blocks = pair.into_iter().map(|data| Packed::plain(Codec::Raw, data));
                        store.put(blocks.collect()).unwrap();
                    }
                    2 => store.flush().unwrap(),
                    _ => assert_eq!(store.get(&id).unwrap(), model.get(&id).cloned()),
                }
                let stats = store.stats().unwrap();
                let plain = model.values().map(|data| data.len() as u64).sum();
                assert_eq!((stats.blocks, stats.plain_bytes), (model.len() as u64, plain));
            }
        });
    }
}
