//! Initialisms, acronyms, shouted words.

use super::{american, headings};

#[test]
fn initialisms_are_said_letter_by_letter() {
    american(&[
        ("the FBI", "the F.B.I"),
        ("the FBI.", "the F.B.I."),
        ("the CIA and the KGB", "the C.I.A and the K.G.B"),
        ("the BBC", "the B.B.C"),
        ("the USA", "the U.S.A"),
        ("the US Army", "the U.S Army"),
        ("in the UK", "in the U.K"),
        ("the UN", "the U.N"),
        ("HTML", "H.T.M.L"),
        ("an MRI", "an M.R.I"),
        ("the UCLA campus", "the U.C.L.A campus"),
        ("DNA", "D.N.A"),
        ("her CV", "her C.V"),
        ("CDs", "C.D's"),
        ("two MPs", "two M.P's"),
        ("the FBI's men", "the F.B.I's men"),
        ("a PhD", "a P.H.D"),
        ("AT&T", "A.T and T"),
        ("R&B", "R and B"),
        ("Q&A", "Q and A"),
        ("an HIV test", "an H.I.V test"),
        ("DVD-ROM", "D.V.D-Rom"),
        ("IT department", "I.T department"),
        ("the WHO", "the W.H.O"),
        ("XKCD", "X.K.C.D"),
        ("the RSPCA", "the R.S.P.C.A"),
        ("USS Enterprise", "U.S.S Enterprise"),
    ]);
}

#[test]
fn acronyms_are_said_as_words() {
    american(&[
        ("NASA", "Nasa"),
        ("NATO's", "Nato's"),
        ("UNESCO", "Unesco"),
        ("UNICEF", "Unicef"),
        ("AIDS", "Aids"),
        ("OPEC", "Opec"),
        ("FIFA", "Fifa"),
        ("SARS", "Sars"),
        ("NAFTA", "Nafta"),
        ("a PIN", "a Pin"),
        ("RAM", "Ram"),
        ("laser", "laser"),
        ("radar and scuba", "radar and scuba"),
        ("COVID-19", "Covid-nineteen"),
        ("a SWAT team", "a Swat team"),
    ]);
}

#[test]
fn shouted_words_are_words() {
    american(&[
        ("CALL ME ISHMAEL", "Call me ishmael"),
        ("I said NO!", "I said no!"),
        ("it IS mine", "it is mine"),
        ("STOP!", "Stop!"),
        ("“STOP!” he cried", "“Stop!” he cried"),
        ("He shouted HELP ME", "He shouted help me"),
        ("DON'T GO", "Don't go"),
        ("I'M HERE", "I'm here"),
        ("CALL me Ishmael.", "Call me Ishmael."),
        ("IT was a dark night", "It was a dark night"),
        ("the WHALE", "the whale"),
        ("a sign said NO SMOKING", "a sign said no smoking"),
        ("OK", "okay"),
        ("NEVER!", "Never!"),
        ("WHAT?", "What?"),
        ("AM I MAD", "Am I mad"),
        ("THERE SHE BLOWS!", "There she blows!"),
        ("you MUST NOT", "you must not"),
        ("MR. SMITH SAYS NO", "Mister smith says no"),
        ("THE FBI IS HERE", "The F.B.I is here"),
        ("HE’S AHAB", "He's ahab"),
        ("LEANING AGAINST IT", "Leaning against it"),
        ("and PIP said", "and pip said"),
        ("a DEVIL-DAM, sir", "a devil-dam, sir"),
        ("“THAT’S it”", "“That's it”"),
        ("the SKRIMSHANDER", "the skrimshander"),
        ("MR. Darcy", "Mister Darcy"),
    ]);
}

#[test]
fn headings_in_capitals_are_words() {
    headings(&[
        ("LOOMINGS", "Loomings"),
        ("THE CARPET-BAG", "The carpet-bag"),
        ("THE SPOUTER-INN", "The spouter-inn"),
        ("A BOSOM FRIEND", "A bosom friend"),
        ("MOBY DICK", "Moby dick"),
        ("EPILOGUE", "Epilogue"),
        ("THE END", "The end"),
        ("SEA", "Sea"),
        ("NASA AND THE MOON", "Nasa and the moon"),
        ("WORLD WAR II", "World war two"),
    ]);
}
