//! `META-INF/encryption.xml` (OCF 3.3, section 4.2.6.3.2): which files are encrypted, and by whom. Obfuscated
//! fonts stand there too; they keep nobody from reading.

use super::malformed;
use crate::ReadError;
use crate::archive::Archive;
use crate::dom::{Dom, decode, parse_xml};
use crate::href::resolve;

/// Font obfuscation by IDPF and by Adobe.
const OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Tells the archive which of its entries are encrypted.
pub(super) fn note_encrypted(archive: &mut Archive<'_>) -> Result<(), ReadError> {
    const PATH: &str = "META-INF/encryption.xml";
    let rights = rights_scheme(archive);
    if !archive.contains(PATH) {
        return Ok(());
    }
    let bytes = archive.read(PATH)?;
    let (text, _) = decode(&bytes);
    let dom = parse_xml(&text).map_err(|e| malformed(PATH, e.reason()))?;
    for data in dom.descendants(Dom::ROOT).filter(|n| dom.name(*n) == "EncryptedData") {
        let algorithm = dom.find(data, "EncryptionMethod").and_then(|n| dom.attribute(n, "Algorithm"));
        let algorithm = algorithm.unwrap_or_default();
        if OBFUSCATION.contains(&algorithm) {
            continue;
        }
        let Some(uri) = dom.find(data, "CipherReference").and_then(|n| dom.attribute(n, "URI")) else {
            continue;
        };
        // These references start at the root of the archive.
        let Ok(target) = resolve("", uri) else { continue };
        let scheme = match (&rights, algorithm) {
            (Some(scheme), _) => (*scheme).to_owned(),
            (None, "") => "an unknown scheme".to_owned(),
            (None, algorithm) => algorithm.to_owned(),
        };
        let path = archive.find(&target.path).unwrap_or(target.path);
        archive.set_encrypted(path, scheme);
    }
    Ok(())
}

/// The scheme that the other files of `META-INF` give away.
fn rights_scheme(archive: &mut Archive<'_>) -> Option<&'static str> {
    if archive.contains("META-INF/license.lcpl") {
        return Some("Readium LCP");
    }
    if archive.contains("META-INF/sinf.xml") {
        return Some("Apple FairPlay");
    }
    let rights = archive.read("META-INF/rights.xml").ok()?;
    let is_adept = rights.windows(5).any(|w| w.eq_ignore_ascii_case(b"adept"));
    Some(if is_adept { "Adobe ADEPT" } else { "a rights scheme of its own" })
}
