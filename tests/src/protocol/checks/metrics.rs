//! Figures, and what they count.

use reqwest::Method;

use super::super::{
    check::{Check, Need},
    figures::Figures,
    seen::{Fault, Seen, demand},
    session::{SENTENCE, SPEECH, Session, send},
    sound::Sound,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "metrics",
        expected: "`GET /metrics` answers with Prometheus text that has the figures of the protocol",
        need: Need::Own,
        without: "keeps figures of its own",
        run: |session| Box::pin(page(session)),
    },
    Check {
        id: "metrics.count",
        expected: "a request counts once, with its characters and its seconds of sound",
        need: Need::Own,
        without: "keeps figures of its own",
        run: |session| Box::pin(requests(session)),
    },
    Check {
        id: "metrics.probe",
        expected: "a request with `X-Rhapsode-Probe: 1` is counted apart and adds nothing to the work",
        need: Need::Own,
        without: "proves speech all the same, and the server counts it as work",
        run: |session| Box::pin(probes(session)),
    },
];

const SPOKEN: [(&str, &str); 2] = [("call", "speech"), ("status", "200")];

async fn page(session: &Session) -> Seen {
    let figures = session.figures().await?;
    demand(!figures.is_empty(), || "it has no figures".to_owned())?;
    if !session.is_own() {
        return Ok("it can be read".to_owned());
    }
    // Labels come with the first request.
    let lacks = figures.lacks();
    demand(lacks.is_empty(), || format!("it lacks {}", lacks.join(", ")))?;
    demand(figures.count("rhapsode_ready", &[]) == 1.0, || "rhapsode_ready is not 1".to_owned())?;
    Ok("every figure is there".to_owned())
}

/// The figures before and after the sentence was spoken, and how long it was.
async fn around(session: &Session, probe: Option<&str>) -> Result<(Figures, Figures, f64), Fault> {
    if !session.is_own() {
        return Err(Fault::skipped("the figures of other servers are their own"));
    }
    session.until_idle().await?;
    let before = session.figures().await?;
    let mut request = session.call(Method::POST, SPEECH).json(&session.body(SENTENCE));
    if let Some(probe) = probe {
        request = request.header("X-Rhapsode-Probe", probe);
    }
    let sound = Sound::of(send(request).await?)?;
    let count = |figures: &Figures| {
        figures.count("rhapsode_requests_total", &SPOKEN) + figures.count("rhapsode_probes_total", &SPOKEN)
    };
    let had = count(&before);
    let after = session.until(|figures| count(figures) > had).await?;
    Ok((before, after, sound.pcm.seconds()))
}

async fn requests(session: &Session) -> Seen {
    let (before, after, seconds) = around(session, None).await?;
    let more = |name, labels: &[(&str, &str)]| after.count(name, labels) - before.count(name, labels);
    let (spoken, probes) = (more("rhapsode_requests_total", &SPOKEN), more("rhapsode_probes_total", &SPOKEN));
    demand(spoken == 1.0 && probes == 0.0, || format!("{spoken} requests and {probes} probes more"))?;
    let (characters, wanted) = (more("rhapsode_characters_total", &[]), SENTENCE.chars().count() as f64);
    demand(characters == wanted, || format!("{characters} characters more, the text has {wanted}"))?;
    let counted = more("rhapsode_audio_seconds_total", &[]);
    // A lossy format may be a little longer than what was counted.
    demand((counted - seconds).abs() < 0.2, || {
        format!("{counted:.2} s of sound more, the answer has {seconds:.2} s")
    })?;
    let timed = more("rhapsode_synthesis_seconds_count", &[]);
    demand(timed == 1.0, || format!("{timed} syntheses more were timed"))?;
    Ok(format!("1 request, {characters} characters"))
}

async fn probes(session: &Session) -> Seen {
    let (before, after, _) = around(session, Some("1")).await?;
    let more = |name, labels: &[(&str, &str)]| after.count(name, labels) - before.count(name, labels);
    let (spoken, probes) = (more("rhapsode_requests_total", &SPOKEN), more("rhapsode_probes_total", &SPOKEN));
    demand(spoken == 0.0 && probes == 1.0, || format!("{spoken} requests and {probes} probes more"))?;
    for name in
        ["rhapsode_characters_total", "rhapsode_audio_seconds_total", "rhapsode_synthesis_seconds_count"]
    {
        demand(more(name, &[]) == 0.0, || format!("{name} went up"))?;
    }
    Ok("1 probe".to_owned())
}
