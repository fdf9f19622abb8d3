//! The document as a page: headings, tables, examples; no script.

use std::fmt::Write;

use serde_json::Value;

use super::schemas;

const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

/// An operation of the document.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    about: &'a Value,
}

/// The page. Writing into a text cannot fail, so results of `write!` are let go.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let title = escaped(text(&document["info"]["title"]));
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/docs/api.css\"></head><body><header><h1>{title}</h1>"
    );
    paragraphs(&mut page, text(&document["info"]["description"]));
    page.push_str("<p>For programs: <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p></header>");
    let operations = operations(document);
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    contents(&mut page, tags, &operations);
    page.push_str("<main>");
    for tag in tags {
        let name = text(&tag["name"]);
        let _ = write!(page, "<section><h2>{}</h2>", escaped(name));
        paragraphs(&mut page, text(&tag["description"]));
        for operation in operations.iter().filter(|operation| operation.has_tag(name)) {
            operation.render(&mut page);
        }
        page.push_str("</section>");
    }
    page.push_str("<section><h2 id=\"shapes\">Shapes</h2>");
    schemas::render(&mut page, &document["components"]["schemas"]);
    page.push_str("</section></main></body></html>");
    page
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let Some(paths) = document["paths"].as_object() else { return Vec::new() };
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter_map(move |method| item.get(*method).map(|about| Operation { method, path, about }))
        })
        .collect()
}

fn contents(page: &mut String, tags: &[Value], operations: &[Operation<'_>]) {
    page.push_str("<nav aria-label=\"Operations\"><ul>");
    for tag in tags {
        let name = text(&tag["name"]);
        let _ = write!(page, "<li>{}<ul>", escaped(name));
        for operation in operations.iter().filter(|operation| operation.has_tag(name)) {
            let _ = write!(
                page,
                "<li><a href=\"#{}\"><code>{}</code> {}</a></li>",
                operation.anchor(),
                operation.method.to_uppercase(),
                escaped(operation.path)
            );
        }
        page.push_str("</ul></li>");
    }
    page.push_str("<li><a href=\"#shapes\">Shapes</a></li></ul></nav>");
}

impl Operation<'_> {
    fn has_tag(&self, name: &str) -> bool {
        self.about["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == name))
    }

    fn anchor(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        format!("{}{}", self.method, self.path.chars().map(plain).collect::<String>())
    }

    fn render(&self, page: &mut String) {
        let _ = write!(
            page,
            "<article id=\"{}\"><h3><code class=\"{}\">{}</code> <code>{}</code></h3>",
            self.anchor(),
            self.method,
            self.method.to_uppercase(),
            escaped(self.path)
        );
        paragraphs(page, text(&self.about["summary"]));
        paragraphs(page, text(&self.about["description"]));
        self.parameters(page);
        self.body(page);
        self.answers(page);
        page.push_str("</article>");
    }

    fn parameters(&self, page: &mut String) {
        let Some(parameters) = self.about["parameters"].as_array().filter(|all| !all.is_empty()) else {
            return;
        };
        page.push_str("<table><caption>Parameters</caption><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">In</th><th scope=\"col\">Type</th><th scope=\"col\">What</th></tr></thead><tbody>");
        for parameter in parameters {
            let required = if parameter["required"] == true { " <em>required</em>" } else { "" };
            let _ = write!(
                page,
                "<tr><th scope=\"row\"><code>{}</code>{required}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(&parameter["name"])),
                escaped(text(&parameter["in"])),
                schemas::kind(&parameter["schema"]),
                marked(text(&parameter["description"]))
            );
        }
        page.push_str("</tbody></table>");
    }

    fn body(&self, page: &mut String) {
        let Some(content) = self.about["requestBody"]["content"].as_object() else { return };
        for (kind, body) in content {
            let shape = schemas::kind(&body["schema"]);
            let _ = write!(page, "<p>Body: {shape} as <code>{}</code></p>", escaped(kind));
        }
    }

    fn answers(&self, page: &mut String) {
        let Some(responses) = self.about["responses"].as_object() else { return };
        page.push_str("<table><caption>Answers</caption><thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Body</th><th scope=\"col\">When</th></tr></thead><tbody>");
        for (status, response) in responses {
            let body = response["content"].as_object().and_then(|content| content.values().next());
            let shape = body.map(|body| schemas::kind(&body["schema"])).unwrap_or_default();
            let when = marked(text(&response["description"]));
            let _ = write!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{shape}</td><td>{when}</td></tr>",
                escaped(status)
            );
        }
        page.push_str("</tbody></table>");
    }
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text as HTML, with what is between backticks as code.
pub(super) fn marked(text: &str) -> String {
    let parts = escaped(text);
    let mut marked = String::with_capacity(parts.len());
    for (index, part) in parts.split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(marked, "<code>{part}</code>");
        } else {
            marked.push_str(part);
        }
    }
    marked
}

fn paragraphs(page: &mut String, text: &str) {
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let _ = write!(page, "<p>{}</p>", marked(paragraph));
    }
}
