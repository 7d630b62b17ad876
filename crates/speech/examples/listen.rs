//! Measures.
use rhapsode_speech::{Comparison, Transcript};
fn main() {
    for line in std::io::stdin().lines() {
        let mut value: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let c = Comparison::of(value["text"].as_str().unwrap(), value["heard"].as_str().unwrap());
        let t: Transcript = Transcript::of("");
        let _ = c.verdict(&t);
        value["m"] = serde_json::json!({"words": c.words, "counted": c.counted, "heard": c.heard, "mr": c.missing_run, "m": c.missing, "mh": c.missing_head, "mt": c.missing_tail, "er": c.extra_run, "e": c.extra, "rr": c.repeated_run, "like": c.likeness});
        println!("{value}");
    }
}
