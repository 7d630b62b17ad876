//! Walks the parts of a document and hands every text over, as a block's text or as a skip.

use std::collections::VecDeque;

use super::fields::{Fields, reason_of};
use super::numbering::Counter;
use super::package::Package;
use super::styles::{Kind, child, is_on, list};
use super::survey::{Head, Survey, kind_in};
use crate::assemble::{Assembler, ChapterStart};
use crate::dom::{Dom, Element, NodeId, Step};
use crate::{BlockKind, Matter, ReadPolicy, Reading, SectionRole, SkipReason, TablePolicy};

/// A text box, which is read behind the paragraph that it is anchored in.
struct TextBox {
    content: NodeId,
    reason: Option<SkipReason>,
}

pub(super) struct Body<'a> {
    package: &'a Package,
    survey: &'a Survey,
    policy: &'a ReadPolicy,
    pub(super) out: Assembler,
    lists: Counter<'a>,
    fields: Fields,
    /// Elements whose text is left out, innermost last.
    reasons: Vec<(NodeId, SkipReason)>,
    /// Tables that are open, outermost first; rows of inner ones are part of the outer row.
    tables: usize,
    /// Whether the open row or paragraph has text, and a line of it or a cell has ended: the break is made when
    /// more text comes, so that none leads or trails.
    has_text: bool,
    break_due: bool,
    boxes: VecDeque<TextBox>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        package: &'a Package,
        survey: &'a Survey,
        policy: &'a ReadPolicy,
        out: Assembler,
    ) -> Self {
        Self {
            package,
            survey,
            policy,
            out,
            lists: Counter::new(&package.numbering),
            fields: Fields::default(),
            reasons: Vec::new(),
            tables: 0,
            has_text: false,
            break_due: false,
            boxes: VecDeque::new(),
        }
    }

    pub(super) fn document(&mut self) {
        let dom = &self.package.document;
        self.part(dom, Dom::ROOT);
        self.out.close_block();
    }

    /// Footnotes and endnotes, which the assembler puts where their references stand.
    pub(super) fn notes(&mut self) {
        let package = self.package;
        for (dom, name) in &package.notes {
            for note in dom.descendants(Dom::ROOT).filter(|id| dom.name(*id) == *name) {
                self.fields = Fields::default();
                self.out.start_note(&format!("{name} {}", dom.attribute(note, "id").unwrap_or_default()));
                self.part(dom, note);
                self.out.end_note();
            }
        }
    }

    /// Walks a subtree, then the text boxes in it, then those in them: nesting costs no stack.
    fn part(&mut self, dom: &Dom, top: NodeId) {
        self.walk(dom, top, true);
        self.text_boxes(dom);
    }

    fn text_boxes(&mut self, dom: &Dom) {
        while let Some(text_box) = self.boxes.pop_front() {
            let fields = std::mem::take(&mut self.fields);
            let outer: Vec<_> = std::mem::take(&mut self.reasons);
            self.reasons.extend(text_box.reason.map(|reason| (Dom::ROOT, reason)));
            self.walk(dom, text_box.content, false);
            self.reasons = outer;
            self.fields = fields;
        }
    }

    /// Walks a subtree; `boxes` says whether text boxes are read behind their paragraph or left in the queue.
    fn walk(&mut self, dom: &Dom, top: NodeId, boxes: bool) {
        let mut step = Some(Step::Enter(top));
        while let Some(at) = step {
            let mut from = at;
            match at {
                Step::Enter(id) => {
                    if let Some(element) = dom.element(id)
                        && !self.enter(dom, id, element, top)
                    {
                        from = Step::Leave(id);
                    }
                }
                Step::Leave(id) => {
                    self.leave(dom, id);
                    if boxes && self.tables == 0 && matches!(dom.name(id), "p" | "tbl") {
                        self.text_boxes(dom);
                    }
                }
            }
            step = dom.step_after(from, top);
        }
    }

    /// Enters an element; `false` if its content is not to be walked.
    fn enter(&mut self, dom: &Dom, id: NodeId, element: &Element, top: NodeId) -> bool {
        match &*element.name {
            "p" => self.paragraph(dom, id),
            "t" | "delText" => {
                self.put(&dom.text(id));
                return false;
            }
            "instrText" | "delInstrText" => {
                let text = dom.text(id);
                self.fields.instruct(&text);
                self.out.skip(&text, SkipReason::MachineText);
                return false;
            }
            "tab" => self.put("\t"),
            "noBreakHyphen" => self.put("\u{2011}"),
            "softHyphen" => self.put("\u{ad}"),
            // The attribute `w:type` carries the name that the tree gives to `epub:type`.
            "br" if matches!(element.attribute("epub:type"), Some("page" | "column")) => self.put("\n"),
            "br" | "cr" | "tc" => self.break_due = true,
            "fldChar" => self.fields.mark(element.attribute("fldCharType").unwrap_or_default()),
            "fldSimple" => self.leave_out(id, reason_of(element.attribute("instr").unwrap_or_default())),
            "r" => self.leave_out(id, self.run_reason(dom, id)),
            "footnoteReference" | "endnoteReference" => self.reference(dom, id, element),
            "tbl" => {
                self.tables += 1;
                let skipped = self.policy.tables == TablePolicy::Skip;
                self.leave_out(id, skipped.then_some(SkipReason::Table));
                self.out.close_block();
            }
            "tr" if self.tables == 1 => self.open(BlockKind::TableRow),
            "sdt" => self.leave_out(id, content_reason(dom, id)),
            "del" | "moveFrom" | "Fallback" => self.leave_out(id, Some(SkipReason::HiddenText)),
            "rt" => self.leave_out(id, Some(SkipReason::RubyAnnotation)),
            "txbxContent" if id != top => {
                let content = id;
                self.boxes.push_back(TextBox { content, reason: self.reason() });
                return false;
            }
            "pPr" | "rPr" | "sdtPr" | "sectPr" | "tblPr" | "trPr" | "tcPr" => return false,
            _ => {}
        }
        true
    }

    fn leave(&mut self, dom: &Dom, id: NodeId) {
        match dom.name(id) {
            "p" if self.tables == 0 => self.out.close_block(),
            "tr" if self.tables == 1 => self.out.close_block(),
            "tbl" => self.tables = self.tables.saturating_sub(1),
            _ => {}
        }
        while self.reasons.last().is_some_and(|(element, _)| *element == id) {
            self.reasons.pop();
        }
    }

    fn paragraph(&mut self, dom: &Dom, id: NodeId) {
        let properties = child(dom, id, "pPr");
        let style = properties.and_then(|p| child(dom, p, "pStyle")).and_then(|s| dom.attribute(s, "val"));
        let style = self.package.styles.get(style);
        let kind = kind_in(self.package, dom, id);
        let contents = (kind == Kind::Contents).then_some(SkipReason::Section(SectionRole::Contents));
        let code = kind == Kind::Code && self.policy.code == Reading::Skip;
        let caption = kind == Kind::Caption && self.policy.captions == Reading::Skip;
        self.leave_out(
            id,
            contents
                .or(code.then_some(SkipReason::Code))
                .or(caption.then_some(SkipReason::Caption))
                .or(style.hidden.then_some(SkipReason::HiddenText)),
        );
        if self.tables > 0 {
            self.break_due = true;
            return;
        }
        // Node ids are those of the document; notes have none of its headings.
        let head = std::ptr::eq(dom, &self.package.document).then(|| self.survey.heads.get(&id)).flatten();
        let items = properties.and_then(|p| list(dom, p)).or(style.list).filter(|(list, _)| *list > 0);
        let block = match (head, kind) {
            (Some(Head::TitlePage), _) => {
                let role = Some(SectionRole::TitlePage);
                self.out.start_chapter(ChapterStart { title: None, matter: Matter::Front, role });
                BlockKind::Heading { level: 1 }
            }
            (Some(&Head::Chapter(level)), _) => {
                self.out.start_chapter(ChapterStart { title: None, matter: Matter::Body, role: None });
                BlockKind::Heading { level }
            }
            (Some(&Head::Section(level)), _) | (None, Kind::Heading(level)) => BlockKind::Heading { level },
            (None, Kind::Title) => BlockKind::Heading { level: 1 },
            (None, Kind::Subtitle) => BlockKind::Heading { level: 2 },
            (None, Kind::Quotation) => BlockKind::Quotation,
            (None, Kind::Verse) => BlockKind::Verse,
            (None, Kind::Caption) => BlockKind::Caption,
            (None, Kind::Code) => BlockKind::Code,
            (None, Kind::Body | Kind::Contents) => match items {
                Some((list, level)) => BlockKind::ListItem { ordinal: self.lists.count(list, level) },
                None => BlockKind::Paragraph,
            },
        };
        self.open(block);
    }

    /// The mark of a note. Its number is made by the word processor; a mark of the author's own follows as text.
    fn reference(&mut self, dom: &Dom, id: NodeId, element: &Element) {
        let name = element.name.trim_end_matches("Reference");
        if self.reason().is_none() {
            self.out.note_reference(&format!("{name} {}", element.attribute("id").unwrap_or_default()));
        }
        if element.attribute("customMarkFollows").is_some_and(|on| on != "0" && on != "false")
            && let Some(run) = dom.parent(id)
        {
            self.leave_out(run, Some(SkipReason::NoteReference));
        }
    }

    /// Why a run is left out: it is hidden by itself or by its style.
    fn run_reason(&self, dom: &Dom, run: NodeId) -> Option<SkipReason> {
        let properties = child(dom, run, "rPr")?;
        let own = child(dom, properties, "vanish").map(|switch| is_on(dom, switch));
        let style = || {
            let id = child(dom, properties, "rStyle").and_then(|s| dom.attribute(s, "val"))?;
            Some(self.package.styles.get(Some(id)).hidden)
        };
        own.or_else(style).unwrap_or(false).then_some(SkipReason::HiddenText)
    }

    fn put(&mut self, text: &str) {
        match self.reason() {
            Some(reason) => self.out.skip(text, reason),
            None => {
                if std::mem::take(&mut self.break_due) && self.has_text {
                    self.out.line_break();
                }
                self.has_text |= !text.trim().is_empty();
                self.out.text(text, None);
            }
        }
    }

    /// Opens a block that has no text yet.
    fn open(&mut self, kind: BlockKind) {
        self.out.open_block(kind, None);
        (self.has_text, self.break_due) = (false, false);
    }

    /// Leaves out the text of an element, if there is a reason.
    fn leave_out(&mut self, element: NodeId, reason: Option<SkipReason>) {
        self.reasons.extend(reason.map(|reason| (element, reason)));
    }

    /// Why the text at this point is left out, if it is. The outermost reason counts: what was deleted from a
    /// table of contents was never anything else.
    fn reason(&self) -> Option<SkipReason> {
        let holds = |reason: &SkipReason| match reason {
            SkipReason::Section(role) => self.policy.skip_sections.contains(role),
            _ => true,
        };
        self.reasons.iter().map(|(_, reason)| *reason).chain(self.fields.reason()).find(holds)
    }
}

/// Why a content control is left out: it holds a table of contents, or a prompt that nobody has filled in.
fn content_reason(dom: &Dom, control: NodeId) -> Option<SkipReason> {
    let properties = child(dom, control, "sdtPr")?;
    let is_contents = dom
        .descendants(properties)
        .filter(|id| dom.name(*id) == "docPartGallery")
        .any(|id| dom.attribute(id, "val").is_some_and(|val| val.eq_ignore_ascii_case("table of contents")));
    if is_contents {
        return Some(SkipReason::Section(SectionRole::Contents));
    }
    child(dom, properties, "showingPlcHdr").filter(|id| is_on(dom, *id)).map(|_| SkipReason::HiddenText)
}
