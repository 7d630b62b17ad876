//! The file of a take: a WAV that every player opens, with its record in one more RIFF chunk and a seal over
//! all of it. A file is whole if and only if its seal fits, so there is no third state to handle.
//!
//! ```text
//! RIFF  fmt  (PCM, mono, 16 bits)  data  rhTK {"schema":1,"key":…,"pcm_blake3":…,…,"seal":"<64 hex>"}
//!       └──────────────── the seal is the BLAKE3 of all bytes before its comma ───────┘
//! ```

use std::io::Cursor;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the record in a take's file.
pub const TAKE_SCHEMA: u32 = 1;

/// The RIFF chunk that holds the record; readers that do not know it pass over it.
const RECORD_CHUNK: &[u8; 4] = b"rhTK";
const SEAL_START: &str = ",\"seal\":\"";
const SEAL_END: &str = "\"}";
const SEAL_LENGTH: usize = SEAL_START.len() + 64 + SEAL_END.len();

/// Sound to be stored: mono, 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pcm16<'a> {
    /// Samples a second.
    pub rate: u32,
    /// The samples.
    pub samples: &'a [i16],
}

/// A whole take as it lies in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTake {
    /// Samples a second.
    pub rate: u32,
    /// The samples, mono.
    pub samples: Vec<i16>,
    /// BLAKE3 of the samples as little-endian bytes.
    pub pcm_blake3: [u8; 32],
    /// What is known about it.
    pub record: TakeRecord,
}

/// What is known about a take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeRecord {
    /// What was measured on the sound, as the take checks wrote it.
    pub measurements: Value,
    /// Whether it passed.
    pub verdict: Verdict,
    /// The seed that made it.
    pub seed: u64,
    /// The engine that made it, as it identifies itself.
    pub identity: Value,
}

/// Whether a take passed its checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It passed.
    Accepted,
    /// No attempt passed and this was the best; the names of what is wrong with it.
    Defect(Vec<String>),
}

#[derive(Serialize, Deserialize)]
struct Envelope<R> {
    schema: u32,
    #[serde(with = "hex::serde")]
    key: [u8; 32],
    #[serde(with = "hex::serde")]
    pcm_blake3: [u8; 32],
    #[serde(flatten)]
    record: R,
}

/// Why bytes are not the take that they should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Torn, changed or never a take of ours.
    Corrupt(String),
    /// Whole, of a later schema.
    Newer(u32),
}

fn corrupt(reason: impl Into<String>) -> Unreadable {
    Unreadable::Corrupt(reason.into())
}

/// The bytes of a take's file; the error says why there can be none.
pub(crate) fn encode(key: &[u8; 32], pcm: Pcm16<'_>, record: &TakeRecord) -> Result<Vec<u8>, String> {
    let mut file = Cursor::new(Vec::with_capacity(pcm.samples.len() * 2 + 2_048));
    let spec =
        WavSpec { channels: 1, sample_rate: pcm.rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let count = u32::try_from(pcm.samples.len()).map_err(|e| e.to_string())?;
    let mut writer = WavWriter::new(&mut file, spec).map_err(|e| e.to_string())?;
    let mut samples = writer.get_i16_writer(count);
    pcm.samples.iter().for_each(|&sample| samples.write_sample(sample));
    samples.flush().map_err(|e| e.to_string())?;
    writer.finalize().map_err(|e| e.to_string())?;
    let mut file = file.into_inner();

    let samples_start = file.len() - pcm.samples.len() * 2;
    let pcm_blake3 = blake3::hash(&file[samples_start..]).into();
    let envelope = Envelope { schema: TAKE_SCHEMA, key: *key, pcm_blake3, record };
    let mut json = serde_json::to_vec(&envelope).map_err(|e| e.to_string())?;
    json.pop();
    // A RIFF chunk has an even length; the space is the pad byte, inside the seal.
    if (json.len() + SEAL_LENGTH) % 2 == 1 {
        json.push(b' ');
    }
    let json_length = u32::try_from(json.len() + SEAL_LENGTH).map_err(|e| e.to_string())?;
    file.extend(RECORD_CHUNK);
    file.extend(json_length.to_le_bytes());
    let riff_length = u32::try_from(file.len() + json_length as usize - 8).map_err(|e| e.to_string())?;
    file[4..8].copy_from_slice(&riff_length.to_le_bytes());
    file.extend(json);
    let seal = seal(&file);
    file.extend(seal.as_bytes());
    Ok(file)
}

/// The take in a file's bytes, checked against its seal and its key.
pub(crate) fn decode(key: &[u8; 32], file: &[u8]) -> Result<StoredTake, Unreadable> {
    let (body, found) = file
        .len()
        .checked_sub(SEAL_LENGTH)
        .map(|at| file.split_at(at))
        .ok_or_else(|| corrupt("it is too short for a take"))?;
    if found != seal(body).as_bytes() {
        return Err(corrupt("its seal does not fit: it is torn or was changed"));
    }
    // From here on the bytes are those that a rhapsode wrote.
    let wav = WavReader::new(Cursor::new(body)).map_err(|e| corrupt(e.to_string()))?;
    let (spec, length) = (wav.spec(), wav.len() as usize * 2);
    if (spec.channels, spec.bits_per_sample, spec.sample_format) != (1, 16, SampleFormat::Int) {
        return Err(corrupt("it is not mono with 16 bits"));
    }
    let start = wav.into_inner().position() as usize;
    let data = body.get(start..start + length).ok_or_else(|| corrupt("its samples are cut off"))?;
    let json = file
        .get(start + length + 8..)
        .filter(|_| body[start + length..].starts_with(RECORD_CHUNK))
        .ok_or_else(|| corrupt("it has no record"))?;
    let envelope: Envelope<Value> = serde_json::from_slice(json).map_err(|e| corrupt(e.to_string()))?;
    if envelope.schema > TAKE_SCHEMA {
        return Err(Unreadable::Newer(envelope.schema));
    }
    if envelope.key != *key {
        return Err(corrupt("it is the take of another key"));
    }
    Ok(StoredTake {
        rate: spec.sample_rate,
        samples: data.as_chunks().0.iter().map(|&bytes| i16::from_le_bytes(bytes)).collect(),
        pcm_blake3: envelope.pcm_blake3,
        record: TakeRecord::deserialize(envelope.record).map_err(|e| corrupt(e.to_string()))?,
    })
}

fn seal(body: &[u8]) -> String {
    format!("{SEAL_START}{}{SEAL_END}", blake3::hash(body).to_hex())
}
