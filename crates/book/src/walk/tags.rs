//! What the elements of HTML mean for reading aloud, by name alone.

/// What an element does to the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing; elements nobody knows are of this kind too.
    Inline,
    /// Text in it is apart from the text around it.
    Block,
    Heading(u8),
    Quotation,
    OrderedList,
    BulletedList,
    Item,
    Preformatted,
    Table,
    Row,
    Cell,
    Caption,
    /// A line ends here.
    Break,
    /// A thematic break.
    Rule,
    Navigation,
    /// The reading aid of a ruby.
    Annotation,
    /// A drawing.
    Picture,
    /// Text for machines, or shown only where something else cannot be.
    Machine,
}

impl Tag {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "p" | "div" | "section" | "article" | "aside" | "header" | "footer" | "main" | "body"
            | "html" | "figure" | "hgroup" | "address" | "center" | "details" | "summary" | "dialog"
            | "dir" | "dl" | "dt" | "dd" | "fieldset" | "legend" | "form" | "search" | "thead" | "tbody"
            | "tfoot" | "noscript" | "frameset" | "noframes" => Self::Block,
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "blockquote" => Self::Quotation,
            "ol" => Self::OrderedList,
            "ul" | "menu" => Self::BulletedList,
            "li" => Self::Item,
            "pre" | "listing" | "xmp" | "plaintext" => Self::Preformatted,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "caption" | "figcaption" => Self::Caption,
            "br" => Self::Break,
            "hr" => Self::Rule,
            "nav" => Self::Navigation,
            "rt" | "rp" | "rtc" => Self::Annotation,
            "svg" => Self::Picture,
            "head" | "title" | "script" | "style" | "template" | "object" | "video" | "audio" | "canvas"
            | "iframe" | "embed" | "applet" | "textarea" | "select" | "option" | "datalist" | "button"
            | "annotation" | "annotation-xml" => Self::Machine,
            _ => Self::Inline,
        }
    }

    /// Whether text before and after the element are apart.
    pub(super) fn is_block(self) -> bool {
        !matches!(self, Self::Inline | Self::Break | Self::Annotation | Self::Picture | Self::Machine)
    }
}
