//! `[voices.NAME]` of the configuration, from the file to what a server is sent.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use rhapsode_tests::{
    World,
    speech_server::{Asked, Manners, Settings, SpeechServer},
};

/// A server of the engine `songs`, and a world whose configuration, in the folder `settings`, names it `studio`.
fn stage(settings: Settings, table: &str) -> (World, SpeechServer) {
    let server = SpeechServer::start(settings);
    let world = World::new();
    fs::create_dir_all(world.path("settings/recordings")).unwrap();
    world.write(
        "settings/rhapsode.toml",
        format!(
            "[speech]\nvoice = \"narrator\"\n\n[voices.narrator]\n{table}\n\n\
             [[backend]]\nname = \"studio\"\nkind = \"openai\"\nurl = \"{}\"\nformats = [\"wav\"]\n",
            server.url()
        ),
    );
    (world, server)
}

/// Makes a book of two chunks; everything that the server was asked to speak, the proof of speech among it.
fn asked(world: &World, server: &SpeechServer) -> Vec<Asked> {
    let book = world.write("book.md", "# One\n\nThe keeper carried the lamp down by the harbour.\n");
    let config = world.path("settings/rhapsode.toml");
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()];
    let _ = world.run(arguments.into_iter().chain(["--config".as_ref(), config.as_os_str()])).success();
    let asked = server.counts().asked;
    assert!(asked.iter().any(|asked| !asked.probe), "nothing was asked for");
    asked
}

#[test]
fn a_server_is_asked_for_a_voice_by_the_name_that_the_configuration_gives_it_there() {
    for table in ["songs = \"mermaid\"", "studio = \"mermaid\"\nsongs = \"siren\""] {
        let voices = vec!["siren".to_owned(), "mermaid".to_owned()];
        // Without a revision a server is not taken for the engine that it says it is.
        let timbre = "salty".to_owned();
        let settings = Settings { manners: Manners::Own, voices, timbre, ..Settings::default() };
        let (world, server) = stage(settings, table);
        for asked in asked(&world, &server) {
            assert_eq!(asked.body["voice"], "mermaid", "{table}: {}", asked.body);
        }
    }
}

#[test]
fn a_server_that_clones_is_sent_the_recording_that_lies_beside_the_configuration() {
    for manners in [Manners::Foreign, Manners::Own] {
        let settings = Settings { manners, voices: vec!["old-keeper".to_owned()], ..Settings::default() };
        let (world, server) = stage(settings, "studio = { reference = \"recordings/old-keeper.wav\" }");
        let recording = world.path("settings/recordings/old-keeper.wav");
        record(&recording, 440.0);
        let first = asked(&world, &server);
        for asked in &first {
            let sent = match manners {
                Manners::Foreign => &asked.body["reference_audio"],
                Manners::Own => &asked.body["params"]["reference_audio"],
            };
            let sent = BASE64_STANDARD.decode(sent.as_str().unwrap_or_default()).unwrap();
            assert!(sent == fs::read(&recording).unwrap(), "{manners:?}: it is another recording");
            assert_eq!(asked.body["voice"], "old-keeper", "{manners:?}");
        }
        // Another recording under the same name is another voice.
        record(&recording, 550.0);
        let of_books = |asked: &[Asked]| asked.iter().filter(|asked| !asked.probe).count();
        assert_eq!(of_books(&asked(&world, &server)), 2 * of_books(&first), "{manners:?}");
    }
}

/// Two seconds of a tone.
fn record(path: &std::path::Path, frequency: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 24_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..48_000 {
        let sample = (n as f32 / 24_000.0 * frequency * std::f32::consts::TAU).sin();
        wav.write_sample((sample * 10_000.0) as i16).unwrap();
    }
    wav.finalize().unwrap();
}
