//! What each backend of a configuration can do and whether it answers, for people.

use rhapsode_speech::{BackendSettings, Description};
use tokio::task::JoinSet;

use super::{Ensemble, opening::open_one};

/// A backend that was asked what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// What the configuration says of it.
    pub settings: BackendSettings,
    /// What it says of itself; what is expected of it if it does not answer.
    pub description: Description,
    /// Why it does not work, if it does not. The text fits after "failed to ".
    pub trouble: Option<String>,
}

impl Ensemble {
    /// Asks every backend what it can do and whether it is ready. Nothing is spoken.
    pub async fn survey(&self) -> Vec<Surveyed> {
        let mut asking = JoinSet::new();
        for (index, known) in self.backends.iter().enumerate() {
            let (settings, expected) = (known.settings.clone(), known.expected.clone());
            asking.spawn(async move {
                let surveyed =
                    |description, trouble| Surveyed { settings: settings.clone(), description, trouble };
                let surveyed: Vec<Surveyed> = match open_one(&settings).await {
                    Ok(addresses) => addresses
                        .into_iter()
                        .map(|(backend, silence)| surveyed(backend.describe().clone(), silence))
                        .collect(),
                    Err(error) => vec![surveyed(expected, Some(error.to_string()))],
                };
                (index, surveyed)
            });
        }
        let mut surveyed = asking.join_all().await;
        surveyed.sort_by_key(|(index, _)| *index);
        surveyed.into_iter().flat_map(|(_, surveyed)| surveyed).collect()
    }
}
