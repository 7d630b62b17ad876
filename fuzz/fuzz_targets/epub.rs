//! Half of the inputs are archives as they come; the other half are put into a sound archive, so that the
//! fuzzer reaches the package document, the contents and the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_book::Format;
use rhapsode_fuzz::{archive, parts, read_and_script};

const CONTAINER: &[u8] = br#"<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
const PACKAGE: &[u8] = br#"<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></metadata><manifest><item id="n" href="n.xhtml" media-type="application/xhtml+xml" properties="nav"/><item id="x" href="ncx" media-type="application/x-dtbncx+xml"/><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine toc="x"><itemref idref="a"/><itemref idref="b"/></spine></package>"#;

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..64, raw)) => read_and_script(raw, Format::Epub, "f.epub"),
        Some((64..128, package)) => {
            let members = [("META-INF/container.xml", CONTAINER), ("p.opf", package), ("a.xhtml", b"<p>Text.</p>")];
            read_and_script(&archive(&members), Format::Epub, "f.epub");
        }
        Some((_, rest)) => {
            let [nav, a, b, ncx] = parts::<4>(rest);
            let members = [
                ("META-INF/container.xml", CONTAINER),
                ("p.opf", PACKAGE),
                ("n.xhtml", nav),
                ("a.xhtml", a),
                ("b.xhtml", b),
                ("ncx", ncx),
            ];
            read_and_script(&archive(&members), Format::Epub, "f.epub");
        }
        None => {}
    }
});
