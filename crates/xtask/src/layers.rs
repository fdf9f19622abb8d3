//! Who may name whom: arrows point one way only.
//!
//! The tables below are the law; the code under them only applies it. A new crate gets a line in [`CRATES`].

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, Package};

use crate::workspace::Workspace;

/// What a crate is for; decides what it may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Kernel,
    Platform,
    Contracts,
    Service,
    /// The door that the other doors build upon.
    Edge,
    Door,
    Binary,
    Testkit,
    /// Measures the product from outside.
    Bench,
    /// Outside the product.
    Tool,
}

use Layer::{Bench, Binary, Contracts, Door, Edge, Kernel, Platform, Service, Testkit, Tool};

const CRATES: &[(&str, Layer)] = &[
    ("argosy", Binary),
    ("argosy-kernel", Kernel),
    ("argosy-platform", Platform),
    ("argosy-contracts", Contracts),
    ("argosy-cart", Service),
    ("argosy-catalog", Service),
    ("argosy-inventory", Service),
    ("argosy-media", Service),
    ("argosy-notifications", Service),
    ("argosy-orders", Service),
    ("argosy-payments", Service),
    ("argosy-pricing", Service),
    ("argosy-search", Service),
    ("argosy-edge", Edge),
    ("argosy-audit", Door),
    ("argosy-demo", Door),
    ("argosy-exchange", Door),
    ("argosy-store-api", Door),
    ("argosy-storefront", Door),
    ("argosy-testkit", Testkit),
    ("argosy-bench", Bench),
    ("xtask", Tool),
];

/// A service is handed clients, so it names no other service; neither does a door.
const MAY_NAME: &[(Layer, &[Layer])] = &[
    (Kernel, &[]),
    (Platform, &[Kernel]),
    (Contracts, &[Platform, Kernel]),
    (Service, &[Contracts, Platform, Kernel]),
    (Edge, &[Contracts, Platform, Kernel]),
    (Door, &[Edge, Contracts, Platform, Kernel]),
    (Binary, &[Door, Edge, Service, Contracts, Platform, Kernel]),
    (Testkit, &[Binary, Door, Edge, Service, Contracts, Platform, Kernel]),
    (Bench, &[Binary, Door, Edge, Service, Contracts, Platform, Kernel]),
    (Tool, &[]),
];

/// Whose tests may also use the testkit.
const TESTED_WITH_TESTKIT: &[Layer] = &[Platform, Contracts, Service, Edge, Door, Binary];

/// Crates from outside that only some layers may name: HTTP stops at the doors, SQL at the services' stores, and who
/// calls others does it by the platform's client.
const OUTSIDERS: &[(&str, &[Layer])] = &[
    ("axum", &[Platform, Edge, Door, Binary, Testkit, Bench]),
    ("axum-extra", &[Platform, Edge, Door, Binary, Testkit]),
    ("tower-http", &[Platform, Edge, Door, Binary, Testkit]),
    ("sea-orm", &[Platform, Service, Testkit]),
    ("sqlx", &[Platform, Service, Testkit, Bench]),
    ("tonic", &[Platform, Contracts, Binary, Testkit]),
    ("reqwest", &[Platform, Testkit]),
    ("tokio", &[Platform, Contracts, Service, Edge, Door, Binary, Testkit, Bench]),
    ("clap", &[Binary, Bench, Tool]),
];

/// One line of one manifest: `from` names `to`.
#[derive(Debug)]
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    only_in_tests: bool,
}

/// Fails with every arrow that points the wrong way.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let packages = workspace.metadata.workspace_packages();
    let arrows: Vec<Arrow> = packages.iter().flat_map(|package| arrows_of(package)).collect();
    let mut wrong: Vec<String> = packages.iter().filter_map(|package| unplaced(&package.name)).collect();
    wrong.extend(arrows.iter().filter_map(violation));
    if !wrong.is_empty() {
        bail!("{}\n(the rules: crates/xtask/src/layers.rs)", wrong.join("\n"));
    }
    Ok(format!("{} crates, {} dependencies, all one way", packages.len(), arrows.len()))
}

fn arrows_of(package: &Package) -> impl Iterator<Item = Arrow<'_>> {
    package.dependencies.iter().map(|dependency| Arrow {
        from: &package.name,
        to: &dependency.name,
        only_in_tests: dependency.kind == DependencyKind::Development,
    })
}

fn unplaced(name: &str) -> Option<String> {
    layer_of(name).is_none().then(|| format!("{name} has no layer: give it a line in CRATES"))
}

fn violation(arrow: &Arrow) -> Option<String> {
    let Arrow { from, to, only_in_tests } = *arrow;
    let layer = layer_of(from)?;
    let allowed = match layer_of(to) {
        Some(Testkit) => only_in_tests && TESTED_WITH_TESTKIT.contains(&layer),
        Some(target) => allowed_by(MAY_NAME, layer).contains(&target),
        None => {
            only_in_tests
                || OUTSIDERS.iter().all(|(outsider, layers)| outsider != &to || layers.contains(&layer))
        }
    };
    let how = if only_in_tests { "in its tests, " } else { "" };
    (!allowed).then(|| format!("{from} ({layer:?}) names {to}: {how}that is against the layers"))
}

fn layer_of(name: &str) -> Option<Layer> {
    CRATES.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

fn allowed_by(table: &'static [(Layer, &'static [Layer])], layer: Layer) -> &'static [Layer] {
    table.iter().find(|(row, _)| *row == layer).map_or(&[], |(_, allowed)| *allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(from: &str, to: &str) -> bool {
        violation(&Arrow { from, to, only_in_tests: false }).is_none()
    }

    fn tests_name(from: &str, to: &str) -> bool {
        violation(&Arrow { from, to, only_in_tests: true }).is_none()
    }

    #[test]
    fn arrows_point_down() {
        assert!(names("argosy-platform", "argosy-kernel"));
        assert!(names("argosy-contracts", "argosy-platform"));
        assert!(names("argosy-orders", "argosy-contracts"));
        assert!(names("argosy-store-api", "argosy-contracts"));
        assert!(names("argosy", "argosy-orders") && names("argosy", "argosy-storefront"));
        assert!(names("argosy-testkit", "argosy") && names("argosy-testkit", "argosy-orders"));
    }

    #[test]
    fn no_arrow_points_up() {
        assert!(!names("argosy-kernel", "argosy-platform"));
        assert!(!names("argosy-platform", "argosy-contracts"));
        assert!(!names("argosy-contracts", "argosy-orders"));
        assert!(!names("argosy-edge", "argosy-storefront"));
        assert!(!names("argosy-orders", "argosy"));
        assert!(!names("argosy-storefront", "argosy"));
    }

    #[test]
    fn a_service_names_no_other_service_and_no_door() {
        assert!(!names("argosy-orders", "argosy-inventory"));
        assert!(!names("argosy-orders", "argosy-edge"));
        assert!(!names("argosy-orders", "argosy-store-api"));
        assert!(!tests_name("argosy-orders", "argosy-inventory"));
    }

    #[test]
    fn a_door_names_no_service_and_no_door_but_edge() {
        assert!(!names("argosy-storefront", "argosy-catalog"));
        assert!(!names("argosy-edge", "argosy-catalog"));
        assert!(!names("argosy-storefront", "argosy-store-api"));
        assert!(names("argosy-storefront", "argosy-edge"));
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert!(tests_name("argosy-orders", "argosy-testkit"));
        assert!(tests_name("argosy", "argosy-testkit"));
        assert!(!names("argosy-orders", "argosy-testkit"));
        assert!(!names("argosy", "argosy-testkit"));
        assert!(!tests_name("argosy-kernel", "argosy-testkit"));
    }

    #[test]
    fn http_and_sql_stay_where_they_belong() {
        assert!(!names("argosy-orders", "axum"));
        assert!(!names("argosy-storefront", "sea-orm"));
        assert!(!names("argosy-kernel", "tokio"));
        assert!(names("argosy-edge", "axum") && names("argosy-orders", "sea-orm"));
        assert!(names("argosy-orders", "serde"));
    }

    #[test]
    fn tools_and_the_product_ignore_each_other() {
        assert!(!names("xtask", "argosy-kernel"));
        assert!(!names("argosy", "xtask"));
    }

    #[test]
    fn a_crate_without_a_layer_is_reported() {
        assert!(unplaced("argosy-loyalty").is_some_and(|text| text.contains("argosy-loyalty")));
        assert!(unplaced("argosy-orders").is_none());
    }

    #[test]
    fn every_layer_has_its_row() {
        for (name, layer) in CRATES {
            assert!(MAY_NAME.iter().any(|(row, _)| row == layer), "{name} is in a layer without a row");
        }
    }
}
