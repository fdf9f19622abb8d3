//! Files as WooCommerce's exporter writes them.

use argosy_kernel::Currency;

use crate::{
    draft::{Draft, Stock},
    formats::{self, Format, Read1, Reading},
};

const HEADER: &str = "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,\"Is featured?\",\"Visibility in catalog\",\
    \"Short description\",Description,\"Date sale price starts\",\"Date sale price ends\",\"Tax status\",\"Tax class\",\
    \"In stock?\",Stock,\"Low stock amount\",\"Backorders allowed?\",\"Sold individually?\",\"Weight (kg)\",\
    \"Length (cm)\",\"Width (cm)\",\"Height (cm)\",\"Allow customer reviews?\",\"Purchase note\",\"Sale price\",\
    \"Regular price\",Categories,Tags,\"Shipping class\",Images,\"Download limit\",\"Download expiry days\",Parent,\
    \"Grouped products\",Upsells,Cross-sells,\"External URL\",\"Button text\",Position,Brands,\"Attribute 1 name\",\
    \"Attribute 1 value(s)\",\"Attribute 1 visible\",\"Attribute 1 global\",\"Attribute 1 default\",\
    \"Attribute 2 name\",\"Attribute 2 value(s)\",\"Attribute 2 visible\",\"Attribute 2 global\",\
    \"Attribute 2 default\",\"Download 1 ID\",\"Download 1 name\",\"Download 1 URL\"";

/// Cells of a row by the names of their columns, as the exporter quotes them; a product of one piece if not said
/// otherwise.
fn row(cells: &[(&str, &str)]) -> String {
    let usual = [
        ("Type", "simple"),
        ("Published", "1"),
        ("Visibility in catalog", "visible"),
        ("Tax status", "taxable"),
        ("In stock?", "1"),
    ];
    let mut names = csv::Reader::from_reader(HEADER.as_bytes());
    let names = names.headers().unwrap().clone();
    assert!(cells.iter().all(|(name, _)| names.iter().any(|known| known == *name)), "a column that is none");
    let value = |name: &str| {
        let given = cells.iter().chain(&usual).find(|(known, _)| *known == name);
        given.map_or("", |(_, value)| value).to_owned()
    };
    let quoted = names.iter().map(|name| format!("\"{}\"", value(name).replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",")
}

fn file(rows: &[String]) -> String {
    format!("\u{feff}{HEADER}\n{}\n", rows.join("\n"))
}

fn read(text: &str) -> Vec<Read1> {
    read_as(text, None).unwrap()
}

fn read_as(text: &str, format: Option<Format>) -> argosy_kernel::Result<Vec<Read1>> {
    let reading = Reading { currency: Currency::EUR, now: "2026-06-01T12:00:00Z".parse().unwrap() };
    let source = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
    formats::read(source, format, reading).map(Iterator::collect)
}

/// The one product of a file.
fn one(cells: &[(&str, &str)]) -> Draft {
    let mut reads = read(&file(&[row(cells)]));
    assert_eq!(reads.len(), 1);
    reads.remove(0).unwrap()
}

fn reasons(draft: &Draft) -> Vec<(u64, &str)> {
    draft.notes.iter().map(|note| (note.line, note.reason.as_str())).collect()
}

/// `(line, reason)` of what was refused.
fn refused(reads: &[Read1]) -> Vec<(u64, &str)> {
    reads
        .iter()
        .filter_map(|read| read.as_ref().err())
        .map(|problem| (problem.line, problem.reason.as_str()))
        .collect()
}

fn prices(draft: &Draft) -> Vec<(i64, Option<i64>)> {
    let price = |price: &argosy_contracts::catalog::Price| {
        (price.amount.as_ref().unwrap().minor, price.compare_at.as_ref().map(|money| money.minor))
    };
    draft.product.variants.iter().flat_map(|variant| &variant.prices).map(price).collect()
}

#[test]
fn a_simple_product_comes_with_everything() {
    let draft = one(&[
        ("ID", "12"),
        ("SKU", "MUG-1"),
        ("GTIN, UPC, EAN, or ISBN", "4006381333931"),
        ("Name", "Café mug"),
        ("Short description", "A mug."),
        ("Description", r"<p>Holds <b>coffee</b>.</p>\n<script>alert(1)</script>"),
        ("Stock", "7"),
        ("Weight (kg)", "0.35"),
        ("Length (cm)", "12.5"),
        ("Width (cm)", "8"),
        ("Height (cm)", "9"),
        ("Regular price", "12.90"),
        ("Categories", r"Home > Kitchen, Gifts\, small"),
        ("Tags", "mug, café"),
        ("Images", "https://shop.example/a.jpg, https://shop.example/b.jpg"),
        ("Brands", "Kiln"),
        ("Attribute 1 name", "Glaze"),
        ("Attribute 1 value(s)", r"Matt, Blue\, dark"),
        ("Attribute 1 visible", "0"),
        ("Attribute 1 global", "1"),
    ]);
    let (product, variant) = (&draft.product, &draft.product.variants[0]);
    assert_eq!((product.handle.as_str(), product.title.as_str(), draft.line), ("cafe-mug", "Café mug", 2));
    // What may run is taken out by the catalogue.
    assert!(product.description_html.starts_with("<p>A mug.</p><p>Holds <b>coffee</b>.</p>\n"));
    assert_eq!((product.vendor.as_str(), product.status.as_str()), ("Kiln", "active"));
    assert_eq!(product.tags, ["mug", "café"]);
    assert_eq!(draft.category_paths, ["Home > Kitchen", "Gifts, small"]);
    let images: Vec<&str> = product.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(images, ["https://shop.example/a.jpg", "https://shop.example/b.jpg"]);
    assert_eq!((variant.sku.as_str(), variant.barcode.as_str()), ("MUG-1", "4006381333931"));
    assert_eq!(
        (variant.weight_g, variant.length_mm, variant.width_mm, variant.height_mm),
        (350, 125, 80, 90)
    );
    assert_eq!((variant.tax_class.as_str(), variant.requires_shipping), ("standard", true));
    assert_eq!(prices(&draft), [(1_290, None)]);
    assert_eq!(draft.stock, [Some(Stock { on_hand: 7, tracked: true, backorder: false })]);
    let glaze = |value: &str| ("glaze".to_owned(), value.to_owned());
    assert_eq!(draft.attributes, [glaze("Matt"), glaze("Blue, dark")]);
    assert!(draft.notes.is_empty());
}

fn variation(sku: &str, choices: &[(&str, &str)], more: &[(&str, &str)]) -> String {
    let mut cells =
        vec![("Type", "variation"), ("SKU", sku), ("Name", "Shirt - it"), ("Tax class", "parent")];
    for ((name, value), columns) in choices
        .iter()
        .zip([("Attribute 1 name", "Attribute 1 value(s)"), ("Attribute 2 name", "Attribute 2 value(s)")])
    {
        cells.extend([(columns.0, *name), (columns.1, *value)]);
    }
    cells.splice(0..0, more.iter().copied());
    row(&cells)
}

fn shirt(more: &[(&str, &str)]) -> String {
    let mut cells = vec![
        ("ID", "40"),
        ("Type", "variable"),
        ("Name", "Shirt"),
        ("Tax class", "reduced-rate"),
        ("Weight (kg)", "0.2"),
        ("Attribute 1 name", "Fabric"),
        ("Attribute 1 value(s)", "Linen"),
        ("Attribute 2 name", "Size"),
        ("Attribute 2 value(s)", "S, M, L"),
    ];
    cells.splice(0..0, more.iter().copied());
    row(&cells)
}

#[test]
fn variations_stand_anywhere_and_take_from_their_product_what_they_do_not_say() {
    let reads = read(&file(&[
        variation(
            "S-M",
            &[("size", "M")],
            &[
                ("Parent", "id:40"),
                ("Regular price", "20"),
                ("Stock", "3"),
                ("Images", "https://shop.example/m.jpg"),
            ],
        ),
        shirt(&[]),
        variation(
            "S-S",
            &[("Size", "S")],
            &[("Parent", "id:40"), ("Regular price", "18"), ("Weight (kg)", "0.15"), ("Tax class", "")],
        ),
    ]));
    let draft = reads[0].as_ref().unwrap();
    assert_eq!((reads.len(), draft.line), (1, 3));
    // Fabric is the product's first attribute and no choice; the variations' first is Size.
    assert_eq!(draft.attributes, [("fabric".to_owned(), "Linen".to_owned())]);
    let options: Vec<_> =
        draft.product.options.iter().map(|option| (option.name.as_str(), option.values.join("/"))).collect();
    assert_eq!(options, [("Size", "S/M".to_owned())]);
    let variants: Vec<_> = draft
        .product
        .variants
        .iter()
        .map(|variant| {
            (
                variant.sku.as_str(),
                variant.option_values.join("/"),
                variant.weight_g,
                variant.tax_class.as_str(),
            )
        })
        .collect();
    assert_eq!(variants, [("S-M", "M".to_owned(), 200, "reduced"), ("S-S", "S".to_owned(), 150, "standard")]);
    assert_eq!(draft.product.variants[0].image_url, "https://shop.example/m.jpg");
    assert_eq!(prices(draft), [(2_000, None), (1_800, None)]);
    assert_eq!(draft.stock[0], Some(Stock { on_hand: 3, tracked: true, backorder: false }));
    assert_eq!(draft.stock[1], Some(Stock { on_hand: 0, tracked: false, backorder: false }));
}

/// Columns and what stands in them.
type Cells<'a> = &'a [(&'a str, &'a str)];

#[test]
fn a_wrong_variation_keeps_its_product_out() {
    let of_shirt = ("Parent", "id:40");
    let cases: [(Cells, Cells, &str); 5] = [
        (&[("Size", "")], &[of_shirt], "VARIATION_INCOMPLETE"),
        (&[("Size", "S, M")], &[of_shirt], "VARIATION_INCOMPLETE"),
        (&[], &[of_shirt], "VARIATION_INCOMPLETE"),
        (&[("Size", "M")], &[of_shirt, ("Regular price", "cheap")], "INVALID_AMOUNT"),
        (&[("Size", "M")], &[of_shirt, ("Weight (kg)", "heavy")], "INVALID_NUMBER"),
    ];
    for (choices, more, reason) in cases {
        let right = variation("S-S", &[("Size", "S")], &[of_shirt]);
        let reads = read(&file(&[shirt(&[]), right, variation("S-M", choices, more)]));
        assert_eq!(refused(&reads), [(4, reason), (2, "VARIATION_REFUSED")], "{choices:?}");
        assert_eq!(reads.len(), 2);
    }
}

#[test]
fn variations_without_a_product_and_products_without_variations_are_told() {
    let reads = read(&file(&[
        shirt(&[]),
        variation("X-1", &[("Size", "S")], &[("Parent", "NO-SUCH")]),
        shirt(&[("ID", "41"), ("SKU", "BAD"), ("Name", "Vest"), ("Weight (kg)", "heavy")]),
        variation("V-1", &[("Size", "S")], &[("Parent", "bad")]),
        shirt(&[("ID", "42"), ("Name", "Coat")]),
        variation("C-1", &[("Size", "S")], &[("Parent", "id:42"), ("Published", "0")]),
    ]));
    assert_eq!(
        refused(&reads),
        [
            (4, "INVALID_NUMBER"),
            (3, "PARENT_MISSING"),
            (5, "PARENT_REFUSED"),
            (2, "VARIATIONS_MISSING"),
            (6, "VARIATIONS_MISSING"),
        ]
    );
}

#[test]
fn a_variation_that_is_not_published_stays_out_and_the_others_go_in() {
    let reads = read(&file(&[
        shirt(&[]),
        variation("S-S", &[("Size", "S")], &[("Parent", "id:40")]),
        variation("S-M", &[("Size", "M")], &[("Parent", "id:40"), ("Published", "'-1")]),
    ]));
    let draft = reads[0].as_ref().unwrap();
    assert_eq!((draft.product.variants.len(), reasons(draft)), (1, vec![(4, "NOT_KEPT")]));
}

#[test]
fn what_cannot_be_sold_here_is_refused_by_name() {
    let reads = read(&file(&[
        row(&[("Type", "grouped"), ("Name", "Tea set")]),
        row(&[("Type", "external"), ("Name", "Elsewhere"), ("External URL", "https://other.example")]),
        row(&[("Type", "subscription, virtual"), ("Name", "Box")]),
    ]));
    assert_eq!(
        refused(&reads),
        [(2, "UNSUPPORTED_PRODUCT"), (3, "UNSUPPORTED_PRODUCT"), (4, "UNSUPPORTED_PRODUCT")]
    );
    let message = |place: usize| reads[place].as_ref().unwrap_err().message.clone();
    assert!(message(0).contains("'Tea set': a grouped product"), "{}", message(0));
    assert!(message(1).contains("sold elsewhere") && message(2).contains("'subscription'"));
}

#[test]
fn published_says_who_sees_it() {
    let status = |published: &str, visibility: &str| {
        let draft = one(&[("Name", "Mug"), ("Published", published), ("Visibility in catalog", visibility)]);
        (draft.product.status.clone(), draft.notes.len())
    };
    assert_eq!(status("1", "visible"), ("active".to_owned(), 0));
    assert_eq!(status("0", "visible"), ("draft".to_owned(), 0));
    assert_eq!(status("-1", "visible"), ("draft".to_owned(), 0));
    assert_eq!(status("'-1", "search"), ("draft".to_owned(), 0));
    assert_eq!(status("1", "hidden"), ("draft".to_owned(), 1));
}

#[test]
fn a_sale_is_the_price_of_this_moment() {
    let sale = |starts: &str, ends: &str| {
        let draft = one(&[
            ("Name", "Mug"),
            ("Regular price", "20"),
            ("Sale price", "15"),
            ("Date sale price starts", starts),
            ("Date sale price ends", ends),
        ]);
        (prices(&draft)[0], draft.notes.iter().map(|note| note.reason.clone()).collect::<Vec<_>>())
    };
    let told = || vec!["SALE_NOT_SCHEDULED".to_owned()];
    assert_eq!(sale("", ""), ((1_500, Some(2_000)), vec![]));
    assert_eq!(sale("2026-05-01 0:00:00", "2026-06-01"), ((1_500, Some(2_000)), told()));
    assert_eq!(sale("2026-05-01", "2026-05-31 23:59:59"), ((2_000, None), vec![]));
    assert_eq!(sale("2026-07-01", ""), ((2_000, None), told()));
    let wrong = read(&file(&[row(&[
        ("Name", "Mug"),
        ("Regular price", "2"),
        ("Sale price", "1"),
        ("Date sale price ends", "soon"),
    ])]));
    assert_eq!(refused(&wrong), [(2, "INVALID_DATE")]);
}

#[test]
fn goods_that_are_not_sent_and_goods_to_download() {
    let of = |kind: &str, url: &str| {
        let draft = one(&[("Type", kind), ("Name", "Song"), ("Download 1 URL", url)]);
        (draft.product.variants[0].requires_shipping, draft.notes.len())
    };
    assert_eq!(of("simple, virtual", ""), (false, 0));
    assert_eq!(of("simple, downloadable, virtual", "https://shop.example/a.mp3"), (false, 1));
    assert_eq!(of("simple, downloadable", ""), (true, 1));
}

#[test]
fn taxes_and_stock_are_read_as_they_are_written() {
    let class = |status: &str, class: &str| {
        one(&[("Name", "Mug"), ("Tax status", status), ("Tax class", class)]).product.variants[0]
            .tax_class
            .clone()
    };
    assert_eq!(
        [class("taxable", ""), class("taxable", "zero-rate"), class("none", ""), class("taxable", "Books")],
        ["standard", "zero", "zero", "books"]
    );
    let stock = |stock: &str, state: &str, backorders: &str| {
        let draft = one(&[
            ("Name", "Mug"),
            ("Stock", stock),
            ("In stock?", state),
            ("Backorders allowed?", backorders),
        ]);
        draft.stock[0].map(|stock| (stock.on_hand, stock.tracked, stock.backorder))
    };
    assert_eq!(stock("", "1", "0"), Some((0, false, false)));
    assert_eq!(stock("", "0", "0"), Some((0, true, false)));
    assert_eq!(stock("", "backorder", "0"), Some((0, true, true)));
    assert_eq!(stock("'-2", "1", "notify"), Some((-2, true, true)));
    assert_eq!(stock("-2", "0", "0"), Some((0, true, false)));
    assert_eq!(stock("parent", "1", "0"), None);
    let wrong = read(&file(&[row(&[("Name", "Mug"), ("Stock", "2.5")])]));
    assert_eq!(refused(&wrong), [(2, "INVALID_NUMBER")]);
}

#[test]
fn names_that_come_twice_get_handles_of_their_own() {
    let mug = |id: &str, sku: &str| row(&[("ID", id), ("SKU", sku), ("Name", "Mug")]);
    let reads = read(&file(&[mug("1", "A"), mug("2", "B"), mug("3", ""), mug("3", ""), row(&[("ID", "9")])]));
    let handles: Vec<&str> = reads.iter().flatten().map(|draft| draft.product.handle.as_str()).collect();
    assert_eq!(handles, ["mug", "mug-b", "mug-3"]);
    assert_eq!(refused(&reads), [(5, "DUPLICATE_HANDLE"), (6, "UNREADABLE_ROW")]);
}

#[test]
fn semicolons_decimal_commas_and_pounds_are_read() {
    let text = "\u{feff}ID;Type;SKU;Name;Published;Weight (lbs);Length (in);Regular price;\"GTIN, UPC, EAN, or ISBN\"\r\n\
                1;simple;A;\"Mug; large\";1;2,5;10;12,90;\r\n\
                2;simple;B;Bowl;1;;;1.234,00;\r\n";
    let reads = read(text);
    let draft = reads[0].as_ref().unwrap();
    let variant = &draft.product.variants[0];
    assert_eq!(
        (draft.product.title.as_str(), variant.weight_g, variant.length_mm),
        ("Mug; large", 1_134, 254)
    );
    assert_eq!(prices(draft), [(1_290, None)]);
    assert_eq!(refused(&reads), [(3, "INVALID_AMOUNT")]);
}

#[test]
fn headers_that_cannot_be_read_are_named() {
    let unit = read_as("SKU,Name,Regular price,Weight (stone)\n", None).err().unwrap();
    assert_eq!(
        (unit.reason(), unit.message()),
        ("UNKNOWN_UNIT", "the column 'Weight (stone)': units are kg, g, lbs and oz")
    );
    let column = read_as("SKU,Name\n", Some(Format::WooCommerce)).err().unwrap();
    assert_eq!(column.message(), "the header lacks the column 'Regular price'");
    let german = read_as("ID;Typ;Artikelnummer;Name\n", None).err().unwrap();
    assert!(german.message().contains("export it in English"), "{german}");
}
