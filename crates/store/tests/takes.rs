//! What the take store promises about single takes.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{fs, path::PathBuf, process::Command};

use proptest::prelude::*;
use rhapsode_store::{Lookup, Pcm16, StoreError, StoreStatus, TAKE_SCHEMA, TakeRecord, TakeStore, Verdict};
use serde_json::json;

const KEY: [u8; 32] = [0xab; 32];
const RATE: u32 = 24_000;

fn record(verdict: Verdict) -> TakeRecord {
    TakeRecord {
        measurements: json!({ "seconds": 0.1, "peak_dbfs": -3.300_000_000_000_000_3, "level": 0.1 + 0.2 }),
        verdict,
        seed: u64::MAX,
        identity: json!({ "engine": "hibari", "sound_revision": 1 }),
    }
}

fn samples(seed: i32) -> Vec<i16> {
    (0..2_401).map(|n| ((n * 37 + seed * 101) % 4_000 - 2_000) as i16).collect()
}

fn pcm(samples: &[i16]) -> Pcm16<'_> {
    Pcm16 { rate: RATE, samples }
}

fn take_path(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("v1").join("ab").join(format!("{}.wav", "ab".repeat(32)))
}

fn store_with_a_take() -> (tempfile::TempDir, TakeStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = TakeStore::open(dir.path()).unwrap();
    store.put(&KEY, pcm(&samples(1)), &record(Verdict::Accepted)).unwrap();
    (dir, store)
}

#[test]
fn a_take_comes_back_as_it_was_put() {
    let (dir, store) = store_with_a_take();
    assert_eq!(store.unsynced_takes(), 1);
    store.sync().unwrap();
    assert_eq!(store.unsynced_takes(), 0);
    let take = TakeStore::open(dir.path()).unwrap().get(&KEY).unwrap().expect("it was put");
    assert_eq!((take.rate, &take.samples), (RATE, &samples(1)));
    assert_eq!(take.record, record(Verdict::Accepted));
    let bytes: Vec<u8> = samples(1).iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert_eq!(take.pcm_blake3, *blake3::hash(&bytes).as_bytes());
    assert!(store.contains(&KEY));
    assert!(!store.contains(&[1; 32]));
    assert_eq!(store.lookup(&[1; 32]).unwrap(), Lookup::Miss);
}

#[test]
fn a_take_without_samples_and_one_of_extremes_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = TakeStore::open(dir.path()).unwrap();
    for (n, samples) in [vec![], vec![i16::MIN, i16::MAX, 0]].into_iter().enumerate() {
        let key = [n as u8; 32];
        store.put(&key, pcm(&samples), &record(Verdict::Accepted)).unwrap();
        assert_eq!(store.get(&key).unwrap().unwrap().samples, samples);
    }
}

#[test]
fn a_take_is_an_ordinary_wav_for_hound_and_ffprobe() {
    let (dir, _store) = store_with_a_take();
    let mut wav = hound::WavReader::open(take_path(&dir)).unwrap();
    assert_eq!((wav.spec().sample_rate, wav.spec().channels, wav.spec().bits_per_sample), (RATE, 1, 16));
    assert_eq!(wav.samples::<i16>().collect::<Result<Vec<_>, _>>().unwrap(), samples(1));

    let arguments = ["-v", "warning", "-show_entries", "stream=codec_name,duration_ts", "-of", "csv=p=0"];
    let probe = match Command::new("ffprobe").args(arguments).arg(take_path(&dir)).output() {
        Ok(probe) => probe,
        Err(e) => return println!("skipped: ffprobe cannot be run: {e}"),
    };
    assert_eq!(String::from_utf8_lossy(&probe.stdout).trim(), format!("pcm_s16le,{}", samples(1).len()));
    assert_eq!(String::from_utf8_lossy(&probe.stderr), "", "ffprobe must have no complaint");
}

#[test]
fn an_accepted_take_is_never_replaced_but_a_defect_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = TakeStore::open(dir.path()).unwrap();
    let defect = record(Verdict::Defect(vec!["silence".to_owned()]));
    store.put(&KEY, pcm(&samples(1)), &defect).unwrap();
    assert_eq!(store.get(&KEY).unwrap().unwrap().record, defect);
    store.put(&KEY, pcm(&samples(2)), &record(Verdict::Accepted)).unwrap();
    assert_eq!(store.get(&KEY).unwrap().unwrap().samples, samples(2));
    store.put(&KEY, pcm(&samples(3)), &record(Verdict::Accepted)).unwrap();
    assert_eq!(store.get(&KEY).unwrap().unwrap().samples, samples(2));
}

#[test]
fn a_corrupt_take_is_moved_aside_and_can_be_put_again() {
    let (dir, store) = store_with_a_take();
    let whole = fs::read(take_path(&dir)).unwrap();
    for time in 0..2 {
        fs::write(take_path(&dir), &whole[..whole.len() - 1]).unwrap();
        let Lookup::Corrupt { quarantined, .. } = store.lookup(&KEY).unwrap() else {
            panic!("a torn take must be found")
        };
        assert_eq!(fs::read(&quarantined).unwrap(), whole[..whole.len() - 1]);
        assert_eq!(quarantined.parent().unwrap(), dir.path().join("quarantine"));
        assert!(!store.contains(&KEY));
        assert_eq!(store.status().unwrap().quarantined, time + 1);
        store.put(&KEY, pcm(&samples(1)), &record(Verdict::Accepted)).unwrap();
        assert_eq!(store.get(&KEY).unwrap().unwrap().samples, samples(1));
    }
}

#[test]
fn putting_over_a_corrupt_file_heals_it() {
    let (dir, store) = store_with_a_take();
    fs::write(take_path(&dir), b"").unwrap();
    store.put(&KEY, pcm(&samples(1)), &record(Verdict::Accepted)).unwrap();
    assert_eq!(store.get(&KEY).unwrap().unwrap().samples, samples(1));
}

#[test]
fn the_take_of_another_key_and_a_foreign_wav_are_not_taken_for_ours() {
    let (dir, store) = store_with_a_take();
    store.put(&[0xcd; 32], pcm(&samples(2)), &record(Verdict::Accepted)).unwrap();
    let other = dir.path().join("v1").join("cd").join(format!("{}.wav", "cd".repeat(32)));
    fs::copy(other, take_path(&dir)).unwrap();
    assert!(matches!(store.lookup(&KEY).unwrap(), Lookup::Corrupt { .. }));

    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut foreign = hound::WavWriter::create(take_path(&dir), spec).unwrap();
    samples(1).into_iter().for_each(|sample| foreign.write_sample(sample).unwrap());
    foreign.finalize().unwrap();
    assert!(matches!(store.lookup(&KEY).unwrap(), Lookup::Corrupt { .. }));
}

#[test]
fn a_take_of_a_newer_schema_is_refused_and_left_where_it_is() {
    let (dir, store) = store_with_a_take();
    let text = fs::read(take_path(&dir)).unwrap();
    let old = format!("\"schema\":{TAKE_SCHEMA}");
    let at = text.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
    let mut newer = text[..text.len() - 75].to_vec();
    newer[at + old.len() - 1] = b'9';
    let seal = format!(",\"seal\":\"{}\"}}", blake3::hash(&newer).to_hex());
    newer.extend(seal.bytes());
    fs::write(take_path(&dir), &newer).unwrap();
    assert!(matches!(store.get(&KEY), Err(StoreError::Newer { found: 9, .. })));
    assert_eq!(fs::read(take_path(&dir)).unwrap(), newer);
}

#[test]
fn status_counts_takes_and_bytes_and_nothing_else() {
    let (dir, store) = store_with_a_take();
    fs::write(dir.path().join("v1").join("ab").join("notes.txt"), "mine").unwrap();
    let bytes = fs::metadata(take_path(&dir)).unwrap().len();
    assert_eq!(store.status().unwrap(), StoreStatus { takes: 1, bytes, quarantined: 0 });
}

#[test]
fn verify_finds_the_one_bad_take_among_many() {
    let (dir, store) = store_with_a_take();
    for n in 0..20 {
        store.put(&[n; 32], pcm(&samples(i32::from(n))), &record(Verdict::Accepted)).unwrap();
    }
    let mut bytes = fs::read(take_path(&dir)).unwrap();
    bytes[1_000] ^= 1;
    fs::write(take_path(&dir), bytes).unwrap();
    let mut last = None;
    let report = store.verify(&mut |progress| last = Some(progress)).unwrap();
    assert_eq!(report.whole, 20);
    assert_eq!(report.corrupt.iter().map(|take| take.key).collect::<Vec<_>>(), [KEY]);
    assert_eq!(last.map(|progress| (progress.checked, progress.takes)), Some((21, 21)));
    assert_eq!(store.verify(&mut |_| ()).unwrap().corrupt, []);
}

#[test]
fn threads_that_put_and_get_the_same_keys_see_only_whole_takes() {
    let dir = tempfile::tempdir().unwrap();
    let store = TakeStore::open(dir.path()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for round in 0..100_u8 {
                    let key = [round % 5; 32];
                    let verdict = Verdict::Defect(vec!["noise".to_owned()]);
                    store.put(&key, pcm(&samples(thread)), &record(verdict)).unwrap();
                    assert!(matches!(store.lookup(&key).unwrap(), Lookup::Hit(_)));
                    if round % 10 == 0 {
                        store.sync().unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(store.status().unwrap().quarantined, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_bit_anywhere_is_detected(position in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (dir, store) = store_with_a_take();
        let mut bytes = fs::read(take_path(&dir)).unwrap();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        fs::write(take_path(&dir), &bytes).unwrap();
        let corrupt = matches!(store.lookup(&KEY).unwrap(), Lookup::Corrupt { .. });
        prop_assert!(corrupt, "bit {bit} of byte {position} changed unseen");
    }

    #[test]
    fn a_take_cut_or_lengthened_anywhere_is_detected(length in any::<prop::sample::Index>()) {
        let (dir, store) = store_with_a_take();
        let mut bytes = fs::read(take_path(&dir)).unwrap();
        let whole = bytes.len();
        let length = length.index(whole * 2);
        prop_assume!(length != whole);
        bytes.resize(length, 0);
        fs::write(take_path(&dir), &bytes).unwrap();
        let corrupt = matches!(store.lookup(&KEY).unwrap(), Lookup::Corrupt { .. });
        prop_assert!(corrupt, "{} bytes of {} passed", length, whole);
    }
}
