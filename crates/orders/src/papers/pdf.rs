//! Draws papers as PDF, with real text and Liberation Sans in it. A browser that prints pages lost: it is a second
//! server, and what it draws changes with its version.

use argosy_kernel::{Error, Result};
use krilla::{
    Document,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    page::PageSettings,
    paint::Stroke,
    text::{Font, TextDirection},
};

use super::{
    layout::{Faces, HEIGHT, Page, WIDTH, Weight, lay_out},
    sheet::Sheet,
};

static REGULAR: &[u8] = include_bytes!("../../fonts/LiberationSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/LiberationSans-Bold.ttf");

/// The paper as a file.
pub(super) fn draw(sheet: &Sheet) -> Result<Vec<u8>> {
    let font = |data: &'static [u8]| {
        Font::new(data.into(), 0).ok_or_else(|| Error::internal("a font of papers is broken"))
    };
    let (regular, bold) = (font(REGULAR)?, font(BOLD)?);
    let mut document = Document::new();
    for page in lay_out(sheet, &Faces::read(REGULAR, BOLD)?)? {
        draw_page(&mut document, &page, &regular, &bold)?;
    }
    document.set_metadata(
        Metadata::new().title(sheet.title.clone()).language(sheet.language.clone()).producer("Argosy".into()),
    );
    document.finish().map_err(|error| Error::internal(format!("a paper cannot be drawn: {error:?}")))
}

fn draw_page(document: &mut Document, page: &Page, regular: &Font, bold: &Font) -> Result<()> {
    let a4 = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Error::internal("a page without a size"))?;
    let mut drawn = document.start_page_with(a4);
    let mut surface = drawn.surface();
    for placed in &page.texts {
        let font = if placed.weight == Weight::Bold { bold } else { regular };
        let at = Point::from_xy(placed.x, placed.y);
        surface.draw_text(at, font.clone(), placed.size, &placed.text, false, TextDirection::Auto);
    }
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { width: 0.6, ..Stroke::default() }));
    for y in &page.rules {
        let mut path = PathBuilder::new();
        path.move_to(56.0, *y);
        path.line_to(WIDTH - 56.0, *y);
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
    surface.finish();
    drawn.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: usize) -> Sheet {
        let row = |index: usize| {
            [
                "Zażółć gęślą jaźń — ".repeat(index % 5 + 1),
                index.to_string(),
                "19 %".into(),
                "1.00 EUR".into(),
            ]
        };
        Sheet {
            language: "en".into(),
            title: "Invoice INV-000001".into(),
            seller: vec!["Argosy Ltd".into()],
            addressee: vec!["Ann \u{202e}\u{7}\u{1f600}漢".into(), "W".repeat(500)],
            facts: vec![("Order".into(), "1001".into())],
            columns: ["Item", "Quantity", "Tax", "Amount"],
            rows: (0..rows).map(row).collect(),
            sums: vec![("Total".into(), "1.00 EUR".into())],
            notes: vec!["Reverse charge. ".repeat(40)],
            page: "Page",
        }
    }

    #[test]
    fn a_paper_of_many_lines_has_its_head_on_each_page_and_nothing_beyond_its_edges() {
        let faces = Faces::read(REGULAR, BOLD).unwrap();
        let pages = lay_out(&sheet(120), &faces).unwrap();
        assert!(pages.len() > 2, "{}", pages.len());
        for page in &pages {
            assert!(page.texts.iter().all(|placed| placed.y > 0.0 && placed.y < HEIGHT));
        }
        assert!(pages[1].texts.iter().any(|placed| placed.text == "Amount"));
        let all: usize =
            pages.iter().flat_map(|page| &page.texts).filter(|one| one.text == "1.00 EUR").count();
        assert_eq!(all, 121, "each row's amount, and the total");
    }

    #[test]
    fn what_the_font_lacks_is_written_as_a_question_mark_and_the_paper_is_drawn() {
        let faces = Faces::read(REGULAR, BOLD).unwrap();
        let pages = lay_out(&sheet(1), &faces).unwrap();
        let name = pages[0].texts.iter().find(|placed| placed.text.starts_with("Ann")).unwrap();
        assert!(name.text.ends_with("??") && !name.text.contains('\u{7}'), "{}", name.text);
        let pdf = draw(&sheet(1)).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 5_000, "{}", pdf.len());
        assert_eq!(pdf, draw(&sheet(1)).unwrap(), "the same paper is the same file");
    }

    #[test]
    fn a_paper_without_end_is_refused() {
        let faces = Faces::read(REGULAR, BOLD).unwrap();
        let mut endless = sheet(0);
        endless.rows = vec![["Mug".into(), "1".into(), "19 %".into(), "1.00 EUR".into()]; 3_000];
        assert_eq!(lay_out(&endless, &faces).unwrap_err().reason(), "PAPER_TOO_LONG");
    }
}
