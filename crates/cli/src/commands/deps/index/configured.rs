//! Which package indexes `pip` and `uv` would ask on this machine, so that nobody has to name theirs twice.

use std::{collections::BTreeMap, path::Path};

use configparser::ini::{Ini, IniDefault};

/// Where an index is configured, in the order of preference: the main index with its variable, then that of further
/// indexes.
const VARIABLES: [(&str, &[&str]); 3] = [
    ("PIP_INDEX_URL", &["PIP_EXTRA_INDEX_URL"]),
    ("UV_DEFAULT_INDEX", &["UV_INDEX", "UV_EXTRA_INDEX_URL"]),
    ("UV_INDEX_URL", &["UV_INDEX", "UV_EXTRA_INDEX_URL"]),
];
/// The sections of pip's files that count when packages are installed, later ones over earlier ones.
const SECTIONS: [&str; 2] = ["global", "install"];

/// The addresses of the configured indexes, none if there is no main one: what further indexes have is not all that
/// can be had.
pub(super) fn indexes<'a>(
    variables: &BTreeMap<String, String>,
    files: impl IntoIterator<Item = &'a Path>,
) -> Result<Vec<String>, String> {
    for (main, further) in VARIABLES {
        let Some(main) = variables.get(main).filter(|value| !value.trim().is_empty()) else { continue };
        let further = further.iter().filter_map(|name| variables.get(*name));
        return Ok(std::iter::once(main).chain(further).flat_map(|value| addresses(value)).collect());
    }
    let (mut main, mut further) = (None, None);
    for file in files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let mut ini = Ini::new_from_defaults(dialect());
        ini.read(text).map_err(|reason| format!("read {}: {}", file.display(), reason.to_lowercase()))?;
        for section in SECTIONS {
            main = ini.get(section, "index-url").or(main);
            further = ini.get(section, "extra-index-url").or(further);
        }
    }
    let Some(main) = main else { return Ok(Vec::new()) };
    Ok([Some(main), further].into_iter().flatten().flat_map(|value| addresses(&value)).collect())
}

/// As Python's `configparser` reads: values go on in lines that are further in, and `#` is part of a value.
fn dialect() -> IniDefault {
    let mut dialect = Ini::new().defaults();
    dialect.multiline = true;
    dialect.enable_inline_comments = false;
    dialect
}

/// Addresses are separated by space; uv allows a name before each: `torch=https://…`.
fn addresses(value: &str) -> Vec<String> {
    let address = |word: &str| match word.split_once('=') {
        Some((name, address)) if !name.contains("://") => address.to_owned(),
        _ => word.to_owned(),
    };
    value.split_whitespace().map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn variables_come_before_files_and_further_indexes_follow_the_main_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pip.conf");
        std::fs::write(&file, "[global]\nindex-url = http://file.test/simple\n").unwrap();
        let set = variables(&[
            ("PIP_INDEX_URL", "http://a.test/simple"),
            ("PIP_EXTRA_INDEX_URL", "http://b.test/simple http://c.test/simple"),
        ]);
        let found = indexes(&set, [file.as_path()]).unwrap();
        assert_eq!(found, ["http://a.test/simple", "http://b.test/simple", "http://c.test/simple"]);
        assert_eq!(indexes(&variables(&[]), [file.as_path()]).unwrap(), ["http://file.test/simple"]);
    }

    #[test]
    fn uv_may_name_its_indexes() {
        let set = variables(&[
            ("UV_DEFAULT_INDEX", "http://a.test/simple"),
            ("UV_INDEX", "torch=http://b.test/whl http://c.test/?q=1"),
        ]);
        let found = indexes(&set, []).unwrap();
        assert_eq!(found, ["http://a.test/simple", "http://b.test/whl", "http://c.test/?q=1"]);
    }

    #[test]
    fn a_later_file_and_the_section_for_installing_win_and_values_may_have_many_lines() {
        let folder = tempfile::tempdir().unwrap();
        let (system, user) = (folder.path().join("system"), folder.path().join("user"));
        std::fs::write(&system, "[global]\nindex-url = http://system.test/simple\ntimeout = 60\n").unwrap();
        std::fs::write(
            &user,
            "# mine\n[install]\nIndex-URL: http://user.test/simple#main\n[global]\nindex-url = http://not.test\n\
             extra-index-url =\n    http://one.test/simple\n    http://two.test/simple\n",
        )
        .unwrap();
        let nowhere = folder.path().join("nowhere");
        let found = indexes(&variables(&[]), [system.as_path(), &user, &nowhere]).unwrap();
        assert_eq!(
            found,
            ["http://user.test/simple#main", "http://one.test/simple", "http://two.test/simple"]
        );
    }

    #[test]
    fn further_indexes_alone_are_not_all_that_can_be_had() {
        let set = variables(&[("PIP_EXTRA_INDEX_URL", "http://b.test/simple"), ("PIP_INDEX_URL", " ")]);
        assert!(indexes(&set, []).unwrap().is_empty());
    }
}
