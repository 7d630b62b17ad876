//! Style sheets to rules that set `display`; everything else in them is passed over.

use std::rc::Rc;

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token, parse_important,
};

use super::Display;
use super::matching::{Combinator, Compound, MAX_COMPOUNDS, Selector};

/// Most rules kept of one sheet. Real books have a few that set `display`.
const MAX_RULES: usize = 4096;

/// Deepest nesting of blocks that is parsed.
const MAX_NESTING: u8 = 32;

/// A parsed style sheet.
#[derive(Debug, Default)]
pub(crate) struct StyleSheet {
    pub(super) rules: Vec<Rc<Rule>>,
}

/// One selector and what it does to `display`.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) selector: Selector,
    pub(super) display: Display,
    pub(super) important: bool,
}

impl Rule {
    /// Ids, classes and types as CSS weighs them, a byte each.
    pub(super) fn specificity(&self) -> u32 {
        let byte = |count: usize| u32::try_from(count.min(255)).unwrap_or(255);
        let compounds =
            || std::iter::once(&self.selector.last).chain(self.selector.before.iter().map(|(_, c)| c));
        byte(compounds().filter(|c| c.id.is_some()).count()) << 16
            | byte(compounds().map(|c| c.classes.len()).sum()) << 8
            | byte(compounds().filter(|c| c.name.is_some()).count())
    }

    /// The narrowest thing that an element must have for the rule to match.
    pub(super) fn key(&self) -> String {
        let last = &self.selector.last;
        let id = last.id.as_ref().map(|id| format!("#{id}"));
        let class = || last.classes.first().map(|class| format!(".{}", class.to_ascii_lowercase()));
        id.or_else(class).or_else(|| last.name.clone()).unwrap_or_default()
    }
}

impl StyleSheet {
    /// Parses a style sheet; what is broken in it is passed over as CSS says.
    pub(crate) fn parse(css: &str) -> Self {
        let mut rules = Vec::new();
        let mut parser = Parser::new(css);
        parser.set_nested_block_limit(MAX_NESTING);
        let mut reader = Reader { rules: &mut rules };
        let _ = StyleSheetParser::new(&mut parser, &mut reader).count();
        Self { rules }
    }
}

/// The `display` that a `style` attribute sets, and whether it is important.
pub(super) fn inline_display(style: &str) -> Option<(Display, bool)> {
    if !style.as_bytes().windows(7).any(|w| w.eq_ignore_ascii_case(b"display")) {
        return None;
    }
    let mut parser = Parser::new(style);
    parser.set_nested_block_limit(MAX_NESTING);
    let mut declarations = Declarations;
    RuleBodyParser::new(&mut parser, &mut declarations).flatten().flatten().last()
}

struct Reader<'r> {
    rules: &'r mut Vec<Rc<Rule>>,
}

impl<'i> QualifiedRuleParser<'i> for Reader<'_> {
    type Prelude = Vec<Selector>;
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<Vec<Selector>, ParseError<()>> {
        input.parse_comma_separated(selector)
    }

    fn parse_block(
        &mut self,
        selectors: Vec<Selector>,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<(), ParseError<()>> {
        let mut declarations = Declarations;
        // The last declaration of a block wins, unless one before it is important.
        let display = RuleBodyParser::new(input, &mut declarations)
            .flatten()
            .flatten()
            .reduce(|best, next| if best.1 && !next.1 { best } else { next });
        let Some((display, important)) = display else { return Ok(()) };
        for selector in selectors {
            if self.rules.len() < MAX_RULES {
                self.rules.push(Rc::new(Rule { selector, display, important }));
            }
        }
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Reader<'_> {
    type Prelude = ();
    type AtRule = ();
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<(), ParseError<()>> {
        if !name.eq_ignore_ascii_case("media") {
            return Err(ParseError::unexpected_token());
        }
        // A query that names no medium is about the size of a screen; the first name decides otherwise.
        let medium = input.try_parse(|input| input.expect_ident_cloned());
        while input.next().is_ok() {}
        match medium {
            Ok(medium) if !matches!(&*medium.to_ascii_lowercase(), "screen" | "all" | "only") => {
                Err(ParseError::unexpected_token())
            }
            _ => Ok(()),
        }
    }

    fn parse_block(
        &mut self,
        (): (),
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<(), ParseError<()>> {
        let _ = StyleSheetParser::new(input, self).count();
        Ok(())
    }
}

/// Declarations of a block: `display` gives a value, everything else is an error that is passed over.
struct Declarations;

impl<'i> DeclarationParser<'i> for Declarations {
    type Declaration = Option<(Display, bool)>;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _start: &ParserState,
    ) -> Result<Option<(Display, bool)>, ParseError<()>> {
        if !name.eq_ignore_ascii_case("display") {
            return Err(ParseError::unexpected_token());
        }
        let display = match &*input.expect_ident()?.to_ascii_lowercase() {
            "none" => Display::None,
            "inline" | "contents" => Display::Inline,
            "block" | "list-item" | "table" | "flex" | "grid" | "flow-root" | "table-row" | "table-cell" => {
                Display::Block
            }
            _ => return Err(ParseError::unexpected_token()),
        };
        Ok(Some((display, input.try_parse(parse_important).is_ok())))
    }
}

impl AtRuleParser<'_> for Declarations {
    type Prelude = ();
    type AtRule = Option<(Display, bool)>;
    type Error = ();
}

impl QualifiedRuleParser<'_> for Declarations {
    type Prelude = ();
    type QualifiedRule = Option<(Display, bool)>;
    type Error = ();
}

impl RuleBodyItemParser<'_, Option<(Display, bool)>, ()> for Declarations {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        false
    }
}

/// Parses one selector; anything beyond names, classes, ids, descendants and children is an error.
fn selector(input: &mut Parser<'_>) -> Result<Selector, ParseError<()>> {
    let mut before = Vec::new();
    let mut compound = Compound::default();
    let mut combinator: Option<Combinator> = None;
    let mut started = false;
    while let Ok(token) = input.next_including_whitespace().cloned() {
        match token {
            Token::WhiteSpace(_) => {
                if started {
                    combinator.get_or_insert(Combinator::Descendant);
                }
                continue;
            }
            Token::Delim('>') if started => {
                combinator = Some(Combinator::Child);
                continue;
            }
            _ => {}
        }
        if let Some(combinator) = combinator.take() {
            if before.len() == MAX_COMPOUNDS {
                return Err(ParseError::unexpected_token());
            }
            before.push((combinator, std::mem::take(&mut compound)));
        }
        started = true;
        match token {
            Token::Ident(name) if compound.is_empty() => compound.name = Some(name.to_ascii_lowercase()),
            Token::Delim('*') if compound.is_empty() => {}
            Token::Delim('.') => compound.classes.push(input.expect_ident()?.to_ascii_lowercase()),
            Token::IDHash(id) if compound.id.is_none() => compound.id = Some(id.to_string()),
            _ => return Err(ParseError::unexpected_token()),
        }
    }
    match (started, combinator) {
        (false, _) | (_, Some(Combinator::Child)) => Err(ParseError::unexpected_token()),
        _ => {
            // Matching goes from the element outward.
            before.reverse();
            Ok(Selector { last: compound, before })
        }
    }
}
