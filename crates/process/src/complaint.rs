//! What a program said before it failed.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes at the end of it that are kept.
const KEPT: usize = 300;

/// The end of what a program writes to standard error, in one line. All of it is read, so that the program is never held
/// up.
pub async fn complaint(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let mut end = Vec::new();
    if let Some(mut stderr) = stderr {
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
            end.extend_from_slice(&buffer[..read]);
            let excess = end.len().saturating_sub(KEPT);
            end.drain(..excess);
        }
    }
    String::from_utf8_lossy(&end).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_it_is_kept_in_one_line() {
        let said = format!("{}\n  no voice\n\nin the pack \n", "loading\n".repeat(2_000));
        let complaint = complaint(Some(said.as_bytes())).await;
        assert!(complaint.ends_with("loading no voice in the pack"), "{complaint}");
        assert!(complaint.len() <= KEPT);
        assert_eq!(super::complaint(None::<&[u8]>).await, "");
    }
}
