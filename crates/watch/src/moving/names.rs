//! Names beside names that are taken.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a name that file systems take.
const NAME_BYTES: usize = 255;

/// `emma.epub` is `emma (2).epub` where there is one already. Companions keep the part by which they belong together.
pub(super) fn numbered_file(path: &Path, number: u32) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match (number, name.split_once('.')) {
        (1, _) => path.to_owned(),
        (_, Some((stem, rest))) => path.with_file_name(fitting(stem, &format!(" ({number}).{rest}"))),
        (_, None) => numbered_folder(path, number),
    }
}

/// `Dr. Thorne` is `Dr. Thorne (2)` where there is one already.
pub(super) fn numbered_folder(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(fitting(&name, &format!(" ({number})")))
}

/// The first name like this one that nobody has.
pub(crate) fn free_name(path: &Path) -> PathBuf {
    let free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
    (2..).map(|number| numbered_file(path, number)).find(free).expect("a folder does not hold every number")
}

/// A file beside another: `emma.epub.report.txt` beside `emma.epub`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    if name.len() > NAME_BYTES {
        name = fitting(&path.file_name().unwrap_or_default().to_string_lossy(), ending).into();
    }
    path.with_file_name(name)
}

/// A name that is shortened before its ending until file systems take it.
fn fitting(stem: &str, ending: &str) -> String {
    let room = NAME_BYTES.saturating_sub(ending.len());
    format!("{}{ending}", &stem[..stem.floor_char_boundary(room)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_names_are_shortened_before_their_number() {
        let long = format!("{}.epub", "\u{672c}".repeat(83));
        assert_eq!(long.len(), 254);
        let second = numbered_file(Path::new(&long), 2).display().to_string();
        assert!(second.len() <= 255 && second.ends_with("\u{672c} (2).epub"), "{second}");
        let report = beside(Path::new(&long), ".report.txt").display().to_string();
        assert!(report.len() <= 255 && report.ends_with(".report.txt"), "{report}");
        assert_eq!(beside(Path::new("a/emma.epub"), ".report.txt"), Path::new("a/emma.epub.report.txt"));
    }

    #[test]
    fn a_number_comes_before_what_companions_share_and_after_the_name_of_a_folder() {
        let file = |name: &str| numbered_file(Path::new(name), 2).display().to_string();
        assert_eq!(
            (file("a/emma.epub"), file("emma.book.toml")),
            ("a/emma (2).epub".into(), "emma (2).book.toml".into())
        );
        assert_eq!(numbered_folder(Path::new("Dr. Thorne"), 3), Path::new("Dr. Thorne (3)"));
    }
}
