//! Where texts go: lines that fit, columns, pages.

use argosy_kernel::{Error, Result};
use ttf_parser::Face;

use super::sheet::Sheet;

/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
const BOTTOM: f32 = HEIGHT - 70.0;
const SIZE: f32 = 9.5;
const TITLE_SIZE: f32 = 16.0;
const LINE: f32 = 13.5;
/// Where each column ends; the first begins at the margin.
const COLUMNS: [f32; 4] = [330.0, 390.0, 450.0, WIDTH - MARGIN];
/// Lines of one row, whatever its title.
const ROW_LINES_MAX: usize = 6;
/// Pages, whatever an order has.
const PAGES_MAX: usize = 50;

/// A face to measure with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A text in its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) text: String,
}

/// A page: texts, and the heights of lines across it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Page {
    pub(super) texts: Vec<Placed>,
    pub(super) rules: Vec<f32>,
}

/// The faces that papers are written in.
pub(super) struct Faces<'a> {
    regular: Face<'a>,
    bold: Face<'a>,
}

impl<'a> Faces<'a> {
    pub(super) fn read(regular: &'a [u8], bold: &'a [u8]) -> Result<Self> {
        let face = |data| Face::parse(data, 0).map_err(Error::internal);
        Ok(Self { regular: face(regular)?, bold: face(bold)? })
    }

    fn of(&self, weight: Weight) -> &Face<'a> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// What the face has no form for is written as a question mark; what cannot be seen as nothing.
    fn writable(&self, text: &str) -> String {
        let seen = text.chars().filter(|letter| !letter.is_control());
        seen.map(|letter| if self.regular.glyph_index(letter).is_some() { letter } else { '?' }).collect()
    }

    fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let face = self.of(weight);
        let advance = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph));
        let units: f32 = text.chars().filter_map(advance).map(f32::from).sum();
        units * size / f32::from(face.units_per_em())
    }

    /// Lines that are no wider; a word that is wider by itself is broken.
    fn wrap(&self, text: &str, width: f32) -> Vec<String> {
        let measure = |text: &str| self.width(Weight::Regular, SIZE, text);
        let space = measure(" ");
        let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
        for word in self.writable(text).split_whitespace() {
            let wide = measure(word);
            if !line.is_empty() && used + space + wide > width {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            if used + wide <= width {
                line.push_str(word);
                used += wide;
                continue;
            }
            for letter in word.chars() {
                let wide = measure(letter.encode_utf8(&mut [0; 4]));
                if used + wide > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(letter);
                used += wide;
            }
            if lines.len() >= ROW_LINES_MAX {
                break;
            }
        }
        lines.push(line);
        lines.truncate(ROW_LINES_MAX);
        lines
    }
}

/// A paper that is being laid out.
struct Press<'a> {
    faces: &'a Faces<'a>,
    pages: Vec<Page>,
    y: f32,
}

impl Press<'_> {
    fn put(&mut self, x: f32, weight: Weight, size: f32, text: &str) {
        let text = self.faces.writable(text);
        if let Some(page) = self.pages.last_mut().filter(|_| !text.is_empty()) {
            page.texts.push(Placed { x, y: self.y, size, weight, text });
        }
    }

    /// Ends at `right`.
    fn put_right(&mut self, right: f32, weight: Weight, text: &str) {
        let width = self.faces.width(weight, SIZE, &self.faces.writable(text));
        self.put(right - width, weight, SIZE, text);
    }

    fn rule(&mut self) {
        let y = self.y + 4.0;
        if let Some(page) = self.pages.last_mut() {
            page.rules.push(y);
        }
        self.y += LINE + 4.0;
    }

    /// Begins a page if so many lines do not fit any more.
    fn make_room(&mut self, lines: usize) {
        let lines = u16::try_from(lines).unwrap_or(u16::MAX);
        if self.y + LINE * f32::from(lines) > BOTTOM {
            self.pages.push(Page::default());
            self.y = MARGIN;
        }
    }
}

/// Lays a paper out.
///
/// # Errors
/// `PAPER_TOO_LONG`.
pub(super) fn lay_out(sheet: &Sheet, faces: &Faces<'_>) -> Result<Vec<Page>> {
    let mut press = Press { faces, pages: vec![Page::default()], y: MARGIN };
    head(sheet, &mut press);
    rows(sheet, &mut press);
    foot(sheet, &mut press);
    let mut pages = press.pages;
    if pages.len() > PAGES_MAX {
        return Err(Error::precondition("PAPER_TOO_LONG", format!("it has more than {PAGES_MAX} pages")));
    }
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        let text = format!("{} {} / {count}", sheet.page, index + 1);
        let (x, y) = (MARGIN, HEIGHT - 40.0);
        page.texts.push(Placed { x, y, size: 8.0, weight: Weight::Regular, text });
    }
    Ok(pages)
}

fn head(sheet: &Sheet, press: &mut Press<'_>) {
    for line in &sheet.seller {
        press.put_right(WIDTH - MARGIN, Weight::Regular, line);
        press.y += LINE;
    }
    press.y = press.y.max(130.0);
    for line in &sheet.addressee {
        press.put(MARGIN, Weight::Regular, SIZE + 1.0, line);
        press.y += LINE + 1.0;
    }
    press.y = press.y.max(230.0) + 10.0;
    press.put(MARGIN, Weight::Bold, TITLE_SIZE, &sheet.title);
    press.y += LINE * 2.0;
    for (name, value) in &sheet.facts {
        press.put(MARGIN, Weight::Regular, SIZE, name);
        press.put(MARGIN + 110.0, Weight::Regular, SIZE, value);
        press.y += LINE;
    }
    press.y += LINE;
    columns(sheet, press);
}

fn columns(sheet: &Sheet, press: &mut Press<'_>) {
    let [first, rest @ ..] = sheet.columns;
    press.put(MARGIN, Weight::Bold, SIZE, first);
    for (text, right) in rest.into_iter().zip(&COLUMNS[1..]) {
        press.put_right(*right, Weight::Bold, text);
    }
    press.rule();
}

fn rows(sheet: &Sheet, press: &mut Press<'_>) {
    for [title, rest @ ..] in &sheet.rows {
        if press.pages.len() > PAGES_MAX {
            return;
        }
        let title = press.faces.wrap(title, COLUMNS[0] - MARGIN);
        let pages = press.pages.len();
        press.make_room(title.len() + 1);
        if press.pages.len() > pages {
            columns(sheet, press);
        }
        for (text, right) in rest.iter().zip(&COLUMNS[1..]) {
            press.put_right(*right, Weight::Regular, text);
        }
        for line in &title {
            press.put(MARGIN, Weight::Regular, SIZE, line);
            press.y += LINE;
        }
        press.y += 3.0;
    }
}

fn foot(sheet: &Sheet, press: &mut Press<'_>) {
    press.make_room(sheet.sums.len() + 2);
    press.y -= LINE - 2.0;
    press.rule();
    for (index, (name, value)) in sheet.sums.iter().enumerate() {
        let weight = if index + 1 == sheet.sums.len() { Weight::Bold } else { Weight::Regular };
        press.put(COLUMNS[0] - 40.0, weight, SIZE, name);
        press.put_right(WIDTH - MARGIN, weight, value);
        press.y += LINE;
    }
    press.y += LINE;
    for note in &sheet.notes {
        for line in press.faces.wrap(note, WIDTH - 2.0 * MARGIN) {
            press.make_room(1);
            press.put(MARGIN, Weight::Regular, SIZE, &line);
            press.y += LINE;
        }
        press.y += 4.0;
    }
}
