//! Initials, and letters with digits.

use super::american;

#[test]
fn initials_lose_their_full_stops() {
    american(&[
        ("J. K. Rowling", "J.K Rowling"),
        ("J.R.R. Tolkien", "J.R.R Tolkien"),
        ("T. S. Eliot", "T.S Eliot"),
        ("H.G. Wells wrote", "H.G Wells wrote"),
        ("George W. Bush", "George W Bush"),
        ("A. Conan Doyle", "A Conan Doyle"),
        ("U.S.A.", "U.S.A."),
        ("the U.S.A. and", "the U.S.A and"),
        ("the U.S. Army", "the U.S Army"),
        ("he left the U.S.", "he left the U.S."),
        ("a Ph.D. in", "a P.H.D in"),
        ("Smith, Ph.D.", "Smith, P.H.D."),
        ("an M.A. degree", "an M.A degree"),
        ("W. E. B. Du Bois", "W.E.B Du Bois"),
        ("the F.B.I. agent", "the F.B.I agent"),
        ("the F.B.I agent", "the F.B.I agent"),
        ("P.S. I love you", "P.S I love you"),
        ("plan B.", "plan B."),
        ("Mr. B.", "Mister B."),
        ("the S.S. Great Eastern", "the S.S Great Eastern"),
        ("R.I.P.", "R.I.P."),
        ("E. M. Forster's", "E.M Forster's"),
        ("G. K. Chesterton", "G.K Chesterton"),
        ("Washington, D.C., is", "Washington, D.C, is"),
        ("D. H. Lawrence", "D.H Lawrence"),
    ]);
}

#[test]
fn letters_with_digits_are_codes() {
    american(&[
        ("B2B", "B two B"),
        ("an MP3 player", "an M.P three player"),
        ("A4 paper", "A four paper"),
        ("a 4x4", "a four by four"),
        ("R2-D2", "R two D two"),
        ("C-3PO", "C three P.O"),
        ("H2O", "H two O"),
        ("CO2", "C.O two"),
        ("H₂O", "H two O"),
        ("a 747", "a seven forty-seven"),
        ("a Boeing 737", "a Boeing seven thirty-seven"),
        ("an A380", "an A three eighty"),
        ("an F-16", "an F sixteen"),
        ("the M25", "the M twenty-five"),
        ("the B-52s", "the B fifty-twos"),
        ("5G", "five G"),
        ("a 4K film", "a four K film"),
        ("1080p", "ten eighty p"),
        ("U2", "U two"),
        ("Flight 370", "Flight three seventy"),
        ("Room 101", "Room one oh one"),
        ("K9", "K nine"),
        ("x86", "x eighty-six"),
        ("Win32", "Win thirty-two"),
        ("12b", "twelve b"),
        ("WD40", "W.D forty"),
        ("the PS5", "the P.S five"),
    ]);
}
